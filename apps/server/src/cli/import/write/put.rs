//! One record into an open transaction.

use auth_core::{
    Account, Failure, Tx, User,
    model::{AccountPatch, CREDENTIAL, UserPatch},
};

use super::{
    super::{
        compare::{Differences, differences, password_differs},
        person::{Linked, Person},
        report::Outcome,
        source::Way,
    },
    Here, Writer, key, subject,
};

/// An id that is shorter may be a counter's, which every database has.
const TELLING_ID: usize = 16;

const NOT_THE_SAME: &str =
    "there is a user with its address and another id, and the address is not verified at both";

impl Writer<'_> {
    pub(super) async fn person(&mut self, tx: &Tx, person: &Person) -> Result<Outcome, Failure> {
        let kept = person.usable_id().filter(|_| self.options.keep_ids);
        let users = self.core.users();
        let by_id = match kept {
            Some(id) => users.find(tx, id).await?,
            None => None,
        };
        let same_id = by_id.is_some();
        let there = match by_id {
            Some(user) => Some(user),
            None => users.find_by_email(tx, &person.email).await?,
        };
        let (outcome, here) = match there {
            Some(user) if user.email != person.email => {
                let why = "its id is that of a user with another address here".to_owned();
                (Outcome::Skipped(why), None)
            }
            Some(user) => self.again(tx, &user, person, same_id).await?,
            None => self.add(tx, kept, person).await?,
        };
        if let Some(id) = &person.id {
            self.know(id, here);
        }
        Ok(outcome)
    }

    async fn add(
        &mut self,
        tx: &Tx,
        id: Option<&str>,
        person: &Person,
    ) -> Result<(Outcome, Option<Here>), Failure> {
        if let Some(linked) = person.accounts.iter().find(|linked| self.is_taken(linked)) {
            return Ok((foreign(linked), None));
        }
        let draft =
            self.core.users().draft(person.name.as_deref().unwrap_or_default(), person.email.as_str());
        let created_at = person.created_at.unwrap_or(draft.created_at);
        let user = User {
            id: id.map_or_else(|| draft.id.clone(), str::to_owned),
            email_verified: person.email_verified,
            image: person.image.clone(),
            created_at,
            updated_at: person.updated_at.or(person.created_at).unwrap_or(draft.updated_at),
            ..draft
        };
        let user = self.core.users().create(tx, user).await?;
        if let Some(hash) = &person.password {
            let draft = self.core.accounts().draft_credential(&user.id, hash.clone());
            let account = Account { created_at, updated_at: user.updated_at, ..draft };
            self.core.accounts().create(tx, account).await?;
        }
        for linked in &person.accounts {
            self.link(tx, &user.id, linked).await?;
        }
        let accounts = u64::try_from(person.accounts.len()).unwrap_or(u64::MAX);
        let here = Here { id: user.id.as_str().into(), same: true };
        let other_id = person.id.as_ref().is_some_and(|source| *source != user.id);
        Ok((Outcome::Added { accounts, password: person.password.is_some(), other_id }, Some(here)))
    }

    /// Of somebody who is here: what differs, and with `--update` that it does so no more.
    async fn again(
        &mut self,
        tx: &Tx,
        user: &User,
        person: &Person,
        same_id: bool,
    ) -> Result<(Outcome, Option<Here>), Failure> {
        let known = self.core.accounts().list(tx, &user.id).await?;
        let found = differences(self.core.passwords(), user, &known, person);
        // Whoever signed up with somebody else's address, here or there, would come into that account.
        let same = same_id || (user.email_verified && person.email_verified);
        let here = Some(Here { id: user.id.as_str().into(), same });
        if found.is_empty() {
            return Ok((Outcome::There, here));
        }
        if !same {
            return Ok((Outcome::Skipped(NOT_THE_SAME.to_owned()), None));
        }
        if let Some(linked) = found.accounts.iter().find(|linked| self.is_taken(linked)) {
            return Ok((foreign(linked), here));
        }
        let names = found.names();
        if !self.options.update {
            return Ok((Outcome::Changed(names), here));
        }
        self.update(tx, user, &known, found).await?;
        Ok((Outcome::Updated(names), here))
    }

    async fn update(
        &mut self,
        tx: &Tx,
        user: &User,
        known: &[Account],
        found: Differences<'_>,
    ) -> Result<(), Failure> {
        let Differences { name, image, verified, password, accounts } = found;
        let patch = UserPatch {
            name: name.map(str::to_owned),
            image: image.map(|image| Some(image.to_owned())),
            email_verified: verified.then_some(true),
            ..UserPatch::default()
        };
        if !patch.is_empty() {
            self.core.users().update(tx, &user.id, patch).await?;
        }
        if let Some(hash) = password {
            self.set_password(tx, &user.id, known, hash).await?;
        }
        for linked in accounts {
            self.link(tx, &user.id, linked).await?;
        }
        Ok(())
    }

    async fn set_password(
        &self,
        tx: &Tx,
        user_id: &str,
        known: &[Account],
        hash: &str,
    ) -> Result<(), Failure> {
        let accounts = self.core.accounts();
        match known.iter().find(|account| account.provider_id == CREDENTIAL) {
            Some(account) => {
                let patch = AccountPatch { password: Some(Some(hash.to_owned())), ..AccountPatch::default() };
                accounts.update(tx, &account.id, patch).await?;
            }
            None => {
                accounts.create(tx, accounts.draft_credential(user_id, hash.to_owned())).await?;
            }
        }
        Ok(())
    }

    /// An account that came apart from its user.
    pub(super) async fn account(&mut self, tx: &Tx, source_id: &str, way: &Way) -> Result<Outcome, Failure> {
        let in_file = self.people.get(&key("id", &[source_id])).cloned();
        let id = match &in_file {
            Some(Some(here)) => here.id.as_ref(),
            Some(None) => return Ok(Outcome::Skipped("its user was left out".to_owned())),
            // Without its user beside it, a short id may be somebody else's.
            None if source_id.len() >= TELLING_ID => source_id,
            None => return Ok(Outcome::Skipped("its user is not in this file before it".to_owned())),
        };
        let Some(user) = self.core.users().find(tx, id).await? else {
            if in_file.is_none() || !self.options.dry_run {
                let why = "its user is not here; bring the users in first";
                return Ok(Outcome::Skipped(why.to_owned()));
            }
            // In a dry run its user is only said to be there.
            return Ok(match way {
                Way::Password(_) => Outcome::Linked { password: true },
                Way::Provider(linked) if self.is_taken(linked) => foreign(linked),
                Way::Provider(linked) => {
                    self.take(linked);
                    Outcome::Linked { password: false }
                }
            });
        };
        let known = self.core.accounts().list(tx, &user.id).await?;
        let same = in_file.flatten().is_none_or(|here| here.same);
        match way {
            Way::Password(hash) => {
                let stored = known.iter().find_map(|account| account.password.as_deref());
                if !password_differs(self.core.passwords(), stored, hash) {
                    return Ok(Outcome::There);
                }
                if !same {
                    return Ok(Outcome::Skipped(NOT_THE_SAME.to_owned()));
                }
                if stored.is_some() && !self.options.update {
                    return Ok(Outcome::Changed(vec!["password".to_owned()]));
                }
                self.set_password(tx, &user.id, &known, hash).await?;
                Ok(match stored {
                    Some(_) => Outcome::Updated(vec!["password".to_owned()]),
                    None => Outcome::Linked { password: true },
                })
            }
            Way::Provider(linked) => {
                let is_it = |own: &Account| {
                    own.provider_id == linked.provider_id && own.account_id == linked.account_id
                };
                if known.iter().any(is_it) {
                    return Ok(Outcome::There);
                }
                if !same {
                    return Ok(Outcome::Skipped(NOT_THE_SAME.to_owned()));
                }
                if self.is_taken(linked) {
                    return Ok(foreign(linked));
                }
                self.link(tx, &user.id, linked).await?;
                Ok(Outcome::Linked { password: false })
            }
        }
    }

    async fn link(&mut self, tx: &Tx, user_id: &str, linked: &Linked) -> Result<(), Failure> {
        self.take(linked);
        let draft = self.core.accounts().draft(user_id, &linked.provider_id, &linked.account_id);
        let created_at = linked.created_at.unwrap_or(draft.created_at);
        let account = Account {
            scope: linked.scope.clone(),
            access_token: linked.access_token.clone(),
            refresh_token: linked.refresh_token.clone(),
            id_token: linked.id_token.clone(),
            access_token_expires_at: linked.access_token_expires_at,
            refresh_token_expires_at: linked.refresh_token_expires_at,
            created_at,
            updated_at: linked.updated_at.unwrap_or(created_at),
            ..draft
        };
        self.core.accounts().create(tx, account).await?;
        Ok(())
    }

    fn is_taken(&self, linked: &Linked) -> bool {
        self.taken.contains(&subject(&linked.provider_id, &linked.account_id))
    }

    fn take(&mut self, linked: &Linked) {
        let key = subject(&linked.provider_id, &linked.account_id);
        if self.taken.insert(key) {
            self.open.push(key);
        }
    }
}

fn foreign(linked: &Linked) -> Outcome {
    Outcome::Skipped(format!("its account at {} is another user's here", linked.provider_id.escape_debug()))
}
