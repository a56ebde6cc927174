//! Puts records into the database, some hundred in a transaction. A user comes with all accounts or not
//! at all: where one of a transaction is refused, each of them gets one of its own.

mod put;

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    mem,
    sync::Arc,
};

use anyhow::{Context, Result};
use auth_core::{Account, Core, Failure, crypto::check_import};

use super::{
    super::{explain, user::is_taken},
    person::{Person, said},
    report::{Outcome, Place, Report},
    source::{Entry, Item, Taken, Way},
};

/// Records in a transaction.
const BATCH: usize = 200;
/// Accounts that are read at a time.
const PAGE: u64 = 1000;

#[derive(Clone, Copy)]
pub(super) struct Options {
    pub(super) dry_run: bool,
    pub(super) update: bool,
    pub(super) keep_ids: bool,
    pub(super) drop_unusable: bool,
    /// Accounts may come apart from their users.
    pub(super) links: bool,
}

pub(super) struct Writer<'c> {
    core: &'c Arc<Core>,
    options: Options,
    report: &'c mut Report,
    batch: Vec<(Place, Entry)>,
    /// Addresses and ids of this file, as hashes, and their lines.
    seen: HashMap<u64, u64>,
    /// Accounts at providers, as hashes: of the database, and of this file.
    taken: HashSet<u64>,
    /// Those of `taken` that are not committed.
    open: Vec<u64>,
    /// Where accounts come apart: who of the source is who here; nobody where the user was left out.
    people: HashMap<u64, Option<Here>>,
}

/// Somebody of the source who is here.
#[derive(Clone)]
struct Here {
    id: Box<str>,
    /// It is the same person for sure, so accounts that come apart may be added.
    same: bool,
}

fn key(kind: &str, parts: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, parts).hash(&mut hasher);
    hasher.finish()
}

fn subject(provider: &str, account: &str) -> u64 {
    key("account", &[provider, account])
}

impl<'c> Writer<'c> {
    pub(super) async fn new(core: &'c Arc<Core>, options: Options, report: &'c mut Report) -> Result<Self> {
        let mut taken = HashSet::new();
        let mut last: Option<Account> = None;
        loop {
            let page =
                core.accounts().page_at_providers(core.db(), last.as_ref(), PAGE).await.map_err(explain)?;
            taken.extend(page.iter().map(|account| subject(&account.provider_id, &account.account_id)));
            last = page.into_iter().last();
            if last.is_none() {
                break;
            }
        }
        Ok(Self {
            core,
            options,
            report,
            batch: Vec::with_capacity(BATCH),
            seen: HashMap::new(),
            taken,
            open: Vec::new(),
            people: HashMap::new(),
        })
    }

    pub(super) async fn push(&mut self, item: Item) -> Result<()> {
        self.report.read += 1;
        let label = item.label.map(|label| label.chars().take(100).collect());
        let place = Place { line: item.line, label };
        let checked = item.read.and_then(|taken| self.check(&place, taken));
        match checked {
            Ok(Entry::Nothing) => self.report.tell(&place, Outcome::There),
            Ok(entry) => self.batch.push((place, entry)),
            Err(why) => self.report.tell(&place, Outcome::Skipped(why)),
        }
        if self.batch.len() >= BATCH {
            self.flush().await?;
        }
        Ok(())
    }

    /// What can be told of a record without the database.
    fn check(&mut self, place: &Place, taken: Taken) -> Result<Entry, String> {
        let Taken { mut entry, mut left } = taken;
        match &mut entry {
            Entry::Person(person) => {
                let id = person.id.clone();
                let checked = person.check().and_then(|()| self.check_password(person, &mut left));
                let checked = checked.and_then(|()| self.check_twins(place, person));
                if let (Err(_), Some(id)) = (&checked, id) {
                    self.know(&id, None);
                }
                checked?;
            }
            Entry::Account { way, .. } => match way {
                Way::Provider(linked) => linked.check()?,
                Way::Password(hash) => check_import(hash).map_err(|why| why.to_string())?,
            },
            Entry::Nothing => {}
        }
        left.sort_unstable();
        left.dedup();
        for what in left {
            self.report.left(what);
        }
        Ok(entry)
    }

    fn check_password(&self, person: &mut Person, left: &mut Vec<&'static str>) -> Result<(), String> {
        let Some(Err(why)) = person.password.as_deref().map(check_import) else { return Ok(()) };
        if !self.options.drop_unusable {
            return Err(format!("{why}; --drop-unusable-passwords brings the user without it"));
        }
        person.password = None;
        left.push("passwords that cannot be verified here");
        Ok(())
    }

    /// Two of one file with the same address or id: the first one counts.
    fn check_twins(&mut self, place: &Place, person: &Person) -> Result<(), String> {
        let address = key("email", &[&person.email]);
        let id = person.id.as_deref().map(|id| key("id", &[id]));
        for (what, key) in [("address", Some(address)), ("id", id)] {
            if let Some(line) = key.and_then(|key| self.seen.get(&key)) {
                return Err(format!("has the same {what} as the one in line {line}"));
            }
        }
        self.seen.insert(address, place.line);
        self.seen.extend(id.map(|id| (id, place.line)));
        Ok(())
    }

    fn know(&mut self, id: &str, here: Option<Here>) {
        // A twin that is left out takes nothing from the first.
        if self.options.links && (here.is_some() || !self.people.contains_key(&key("id", &[id]))) {
            self.people.insert(key("id", &[id]), here);
        }
    }

    /// Writes what was pushed.
    pub(super) async fn flush(&mut self) -> Result<()> {
        let batch = mem::take(&mut self.batch);
        if let Ok(outcomes) = self.together(&batch).await {
            for ((place, _), outcome) in batch.iter().zip(outcomes) {
                self.report.tell(place, outcome);
            }
            return Ok(());
        }
        for one in batch {
            let outcome = match self.together(std::slice::from_ref(&one)).await {
                Ok(outcomes) => outcomes.into_iter().next().unwrap_or(Outcome::There),
                Err(failure) => Outcome::Skipped(self.refused(&failure).await?),
            };
            self.report.tell(&one.0, outcome);
        }
        Ok(())
    }

    /// Why one could not be written; an error where none can be any more.
    async fn refused(&self, failure: &Failure) -> Result<String> {
        if is_taken(failure) {
            return Ok("somebody else took its address or id meanwhile".to_owned());
        }
        if !failure.status().is_server_error() {
            return Ok(said(failure));
        }
        let away = "the database does not answer any more; what was brought in stays, so run the same again";
        self.core.db().ping().await.context(away)?;
        tracing::warn!(?failure, "a user was not brought in");
        Ok("could not be written; the log says why".to_owned())
    }

    async fn together(&mut self, batch: &[(Place, Entry)]) -> Result<Vec<Outcome>, Failure> {
        let done = self.attempt(batch).await;
        let open = mem::take(&mut self.open);
        if done.is_err() {
            for key in &open {
                self.taken.remove(key);
            }
        }
        done
    }

    async fn attempt(&mut self, batch: &[(Place, Entry)]) -> Result<Vec<Outcome>, Failure> {
        let tx = self.core.begin().await?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for (_, entry) in batch {
            outcomes.push(match entry {
                Entry::Person(person) => self.person(&tx, person).await?,
                Entry::Account { user_id, way } => self.account(&tx, user_id, way).await?,
                Entry::Nothing => Outcome::There,
            });
        }
        if self.options.dry_run {
            tx.rollback().await?;
        } else {
            tx.commit().await?;
        }
        Ok(outcomes)
    }
}
