//! The neutral format: one person a line, with the accounts that belong to it. Whatever has no reader
//! of its own can be turned into it.

use std::collections::HashSet;

use auth_core::{Account, Timestamp, User, email, fields, model::CREDENTIAL};
use serde::{Deserialize, Serialize};

/// Longest id that is kept, and longest name of a provider.
const MAX_ID: usize = 64;
/// Longest subject at a provider, and longest scope.
const MAX_SUBJECT: usize = 1024;
/// Longest token of a provider.
const MAX_TOKEN: usize = 64 * 1024;

/// Has a hash in it, so it cannot be printed by accident.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Person {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) email: String,
    #[serde(default)]
    pub(crate) email_verified: bool,
    /// What stands before the address's `@`, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<Timestamp>,
    /// A hash, in any format that can be verified here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) accounts: Vec<Linked>,
}

/// An account at a provider.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Linked {
    pub(crate) provider_id: String,
    pub(crate) account_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) access_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) access_token_expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token_expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<Timestamp>,
}

impl Person {
    /// Brings the texts into the form in which they are stored, or says why they cannot be.
    pub(crate) fn check(&mut self) -> Result<(), String> {
        self.email = email::normalize(self.email.trim());
        if self.email.is_empty() {
            return Err("has no e-mail address".to_owned());
        }
        if !email::is_valid(&self.email) {
            return Err(format!("`{}` is no e-mail address", self.email.escape_debug()));
        }
        let name = self.name.take().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| self.email.split('@').next().unwrap_or_default().to_owned());
        fields::check_profile(Some(&name), self.image.as_deref()).map_err(|failure| said(&failure))?;
        self.name = Some(name);
        let mut known = HashSet::new();
        self.accounts.retain(|own| known.insert((own.provider_id.clone(), own.account_id.clone())));
        self.accounts.iter().try_for_each(Linked::check)
    }

    /// Whether the source's id can be a row's id here.
    pub(crate) fn usable_id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
            !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(plain)
        })
    }

    /// What is stored of a user. Hashes and tokens only where they were asked for.
    pub(crate) fn of(user: User, accounts: Vec<Account>, hashes: bool, tokens: bool) -> Self {
        let mut person = Self {
            id: Some(user.id),
            email: user.email,
            email_verified: user.email_verified,
            name: Some(user.name),
            image: user.image,
            created_at: Some(user.created_at),
            updated_at: Some(user.updated_at),
            ..Self::default()
        };
        for account in accounts {
            if account.provider_id == CREDENTIAL {
                person.password = account.password.filter(|_| hashes);
            } else {
                person.accounts.push(Linked::of(account, tokens));
            }
        }
        person
    }
}

impl Linked {
    fn of(account: Account, tokens: bool) -> Self {
        let linked = Self {
            provider_id: account.provider_id,
            account_id: account.account_id,
            scope: account.scope,
            created_at: Some(account.created_at),
            updated_at: Some(account.updated_at),
            ..Self::default()
        };
        if !tokens {
            return linked;
        }
        Self {
            access_token: account.access_token,
            refresh_token: account.refresh_token,
            id_token: account.id_token,
            access_token_expires_at: account.access_token_expires_at,
            refresh_token_expires_at: account.refresh_token_expires_at,
            ..linked
        }
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        let texts = [
            (Some(&self.provider_id), "the provider's name", MAX_ID),
            (Some(&self.account_id), "the account's id", MAX_SUBJECT),
            (self.scope.as_ref(), "the scope", MAX_SUBJECT),
            (self.access_token.as_ref(), "the access token", MAX_TOKEN),
            (self.refresh_token.as_ref(), "the refresh token", MAX_TOKEN),
            (self.id_token.as_ref(), "the id token", MAX_TOKEN),
        ];
        if self.provider_id.is_empty() || self.account_id.is_empty() {
            return Err("an account at a provider has no provider or no id".to_owned());
        }
        if self.provider_id == CREDENTIAL {
            return Err("`credential` is no provider; a password's hash belongs in `password`".to_owned());
        }
        for (text, what, most) in texts {
            let Some(text) = text else { continue };
            if text.len() > most {
                return Err(format!("{what} of an account is longer than {most} bytes"));
            }
            if text.contains('\0') {
                return Err(format!("{what} of an account holds a null character"));
            }
        }
        Ok(())
    }
}

/// A refusal as one sentence.
pub(super) fn said(failure: &auth_core::Failure) -> String {
    failure.message().replace("[body.", "[")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(email: &str) -> Person {
        Person { email: email.to_owned(), ..Person::default() }
    }

    #[test]
    fn addresses_are_stored_in_lower_case_and_names_are_never_empty() {
        let mut ada = Person { name: Some("  ".to_owned()), ..person(" Ada@Example.com") };
        ada.check().unwrap();
        assert_eq!((ada.email.as_str(), ada.name.as_deref()), ("ada@example.com", Some("ada")));
    }

    #[test]
    fn an_account_that_is_named_twice_is_one() {
        let twice = ["7", "7", "8"].map(|id| Linked {
            provider_id: "github".to_owned(),
            account_id: id.to_owned(),
            ..Linked::default()
        });
        let mut ada = Person { accounts: twice.into(), ..person("ada@example.com") };
        ada.check().unwrap();
        assert_eq!(ada.accounts.len(), 2);
    }

    #[test]
    fn what_cannot_be_stored_is_told() {
        let linked = |provider: &str, id: &str| Linked {
            provider_id: provider.to_owned(),
            account_id: id.to_owned(),
            ..Linked::default()
        };
        let with = |account| Person { accounts: vec![account], ..person("a@example.com") };
        for (mut person, why) in [
            (person(""), "has no e-mail address"),
            (person("a\0@example.com"), "is no e-mail address"),
            (Person { name: Some("a\0".to_owned()), ..person("a@example.com") }, "null character"),
            (Person { name: Some("a".repeat(100_000)), ..person("a@example.com") }, "Too big"),
            (Person { image: Some("javascript:x".to_owned()), ..person("a@example.com") }, "not an address"),
            (with(linked("", "1")), "no provider"),
            (with(linked("google", "")), "no provider or no id"),
            (with(linked("credential", "1")), "no provider"),
            (with(linked("google", "1\0")), "null character"),
            (with(linked("google", &"1".repeat(2000))), "longer than"),
            (with(Linked { scope: Some("\0".to_owned()), ..linked("google", "1") }), "null character"),
        ] {
            let said = person.check().unwrap_err();
            assert!(said.contains(why), "{said} / {why}");
        }
    }

    #[test]
    fn ids_are_kept_where_they_can_be() {
        for (id, usable) in [
            ("0b0e7c1e-0000-4000-8000-000000000001", true),
            ("clx1a2b3c0000", true),
            ("7", true),
            ("auth0:7_x.y", true),
            ("", false),
            ("a b", false),
            ("é", false),
            ("a/b", false),
            (&"a".repeat(65), false),
        ] {
            let person = Person { id: Some(id.to_owned()), ..Person::default() };
            assert_eq!(person.usable_id().is_some(), usable, "{id}");
        }
    }
}
