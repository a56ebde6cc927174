//! How somebody proved who they are, and when: kept with the session, told in tokens, asked for by
//! whatever needs more than a password.

use std::{borrow::Cow, fmt, time::Duration};

use serde_json::{Map, Value};

use crate::{
    model::{FieldValue, Session, SessionPatch, Timestamp},
    schema::{Column, CoreTable, Schema},
};

/// The column that keeps them: `pwd@1790000000 otp@1790000010`, seconds of Unix time.
const COLUMN: &str = "proofs";

/// More than anybody needs; what an attacker could make of a longer text is nothing.
const MOST: usize = 16;

/// What `amr` says besides where there were several proofs.
const SEVERAL: &str = "mfa";

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// A way to prove who one is. The names are those of RFC 8176 where it has one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Means(Cow<'static, str>);

impl Means {
    /// Something that the user knows and nobody else.
    pub const PASSWORD: Self = Self::new("pwd");
    /// A code that an authenticator app shows, or one of the codes on the user's recovery sheet.
    pub const OTP: Self = Self::new("otp");
    /// A code that came to the user's phone number.
    pub const SMS: Self = Self::new("sms");
    /// A link or a code that came to the user's address.
    pub const EMAIL: Self = Self::new("email");
    /// A key in hardware, such as a passkey on a security key or in a phone.
    pub const HARDWARE_KEY: Self = Self::new("hwk");
    /// The device itself asked for a finger, a face or a PIN.
    pub const USER_PRESENCE: Self = Self::new("user");

    /// Letters, digits, `-` and `_`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// As `amr` says it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// One proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// By what.
    pub means: Means,
    /// To the second.
    pub at: Timestamp,
}

/// What the user of a session has proved, each way once, the oldest first. Empty where nobody knows:
/// another program made the session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proofs(Vec<Proof>);

impl Proofs {
    /// Proofs that were all given now.
    #[must_use]
    pub fn of(means: &[Means], at: Timestamp) -> Self {
        Self::default().and(means, at)
    }

    /// What a stored text says; what cannot be read says nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let proof = |word: &str| {
            let (name, at) = word.split_once('@')?;
            let at = Timestamp::from_unix_millis(at.parse::<i64>().ok()?.checked_mul(1000)?);
            is_name(name).then(|| Proof { means: Means(Cow::Owned(name.to_owned())), at })
        };
        Self(text.split(' ').filter_map(proof).take(MOST).collect())
    }

    /// What the claims of a token say: `amr`, all of it at `auth_time`.
    #[must_use]
    pub fn of_claims(claims: &Map<String, Value>) -> Self {
        let names = claims.get("amr").and_then(Value::as_array);
        let at = claims.get("auth_time").and_then(Value::as_i64).and_then(|at| at.checked_mul(1000));
        let Some((names, at)) = names.zip(at) else { return Self::default() };
        let names = names.iter().filter_map(Value::as_str).filter(|name| *name != SEVERAL && is_name(name));
        let proof = |name: &str| Proof {
            means: Means(Cow::Owned(name.to_owned())),
            at: Timestamp::from_unix_millis(at),
        };
        let mut proofs: Vec<Proof> = Vec::new();
        for proof in names.take(MOST).map(proof) {
            if !proofs.iter().any(|known| known.means == proof.means) {
                proofs.push(proof);
            }
        }
        Self(proofs)
    }

    /// Adds what was proved now; an earlier proof of the same kind is forgotten.
    #[must_use]
    pub fn and(mut self, means: &[Means], at: Timestamp) -> Self {
        let at = Timestamp::from_unix_millis(at.unix_seconds().saturating_mul(1000));
        self.0.retain(|proof| !means.contains(&proof.means));
        self.0.extend(means.iter().map(|means| Proof { means: means.clone(), at }));
        self
    }

    /// Each of them, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Proof> {
        self.0.iter()
    }

    /// Whether nobody knows of any: nothing follows for who signed in long ago.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Two ways that are not the same.
    #[must_use]
    pub fn is_multi_factor(&self) -> bool {
        self.0.len() > 1
    }

    /// When the user last proved anything.
    #[must_use]
    pub fn last(&self) -> Option<Timestamp> {
        self.0.iter().map(|proof| proof.at).max()
    }

    /// Whether two ways were proved, the last of them at most so long ago.
    #[must_use]
    pub fn second_factor_within(&self, age: Duration, now: Timestamp) -> bool {
        self.is_multi_factor() && self.last().is_some_and(|last| now.since(last) <= age)
    }

    /// `amr` of a token: the names, and `mfa` where there are several.
    pub fn amr(&self) -> impl Iterator<Item = &str> {
        let several = self.is_multi_factor().then_some(SEVERAL);
        self.0.iter().map(|proof| proof.means.name()).chain(several)
    }

    /// `acr` of a token: how sure one can be, in the words of NIST 800-63B.
    #[must_use]
    pub fn acr(&self) -> &'static str {
        if self.is_multi_factor() { "aal2" } else { "aal1" }
    }

    /// Whether sessions here remember them.
    #[must_use]
    pub fn are_kept(schema: &Schema) -> bool {
        schema.extras(CoreTable::Session).iter().any(|column| column.name == COLUMN)
    }

    /// The column, for the plugin that keeps sessions. Answers do not show it.
    #[must_use]
    pub fn column() -> Column {
        Column::text(COLUMN).hidden()
    }
}

impl fmt::Display for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, proof) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{}@{}", proof.means.name(), proof.at.unix_seconds())?;
        }
        Ok(())
    }
}

impl Session {
    /// What its user has proved.
    #[must_use]
    pub fn proofs(&self) -> Proofs {
        match self.extra.get(COLUMN) {
            FieldValue::Text(text) => Proofs::parse(text),
            _ => Proofs::default(),
        }
    }

    /// Remembers them with a session that is not stored yet, where sessions have the column.
    pub fn set_proofs(&mut self, proofs: &Proofs) {
        self.extra.set(COLUMN, proofs.to_string().into());
    }

    /// When its user last proved who they are.
    #[must_use]
    pub fn authenticated_at(&self) -> Timestamp {
        self.proofs().last().map_or(self.created_at, |last| last.max(self.created_at))
    }
}

impl SessionPatch {
    /// Remembers them with a stored session, where sessions have the column.
    #[must_use]
    pub fn proofs(mut self, proofs: &Proofs) -> Self {
        self.extra.push((COLUMN.to_owned(), proofs.to_string().into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Means, Proofs};
    use crate::model::Timestamp;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1000 + 250)
    }

    #[test]
    fn what_is_written_is_read() {
        let proofs = Proofs::of(&[Means::PASSWORD], at(10)).and(&[Means::OTP], at(20));
        assert_eq!(proofs.to_string(), "pwd@10 otp@20");
        assert_eq!(Proofs::parse(&proofs.to_string()), proofs);
        assert_eq!(proofs.last(), Some(Timestamp::from_unix_millis(20_000)));
    }

    #[test]
    fn a_way_counts_once_with_its_last_time() {
        let proofs = Proofs::of(&[Means::PASSWORD], at(10)).and(&[Means::PASSWORD], at(20));
        assert_eq!(proofs.to_string(), "pwd@20");
        assert!(!proofs.is_multi_factor());
        assert_eq!(proofs.acr(), "aal1");
    }

    #[test]
    fn a_second_factor_gets_old() {
        let proofs = Proofs::of(&[Means::PASSWORD, Means::OTP], at(100));
        let within =
            |now| proofs.second_factor_within(Duration::from_secs(60), Timestamp::from_unix_millis(now));
        assert!(within(160_000));
        assert!(!within(160_001));
        assert!(!Proofs::of(&[Means::OTP], at(100)).second_factor_within(Duration::from_secs(60), at(100)));
        assert_eq!(proofs.amr().collect::<Vec<_>>(), ["pwd", "otp", "mfa"]);
    }

    #[test]
    fn a_text_that_nobody_wrote_proves_nothing() {
        for text in [
            "",
            " ",
            "pwd",
            "@1",
            "pwd@",
            "pwd@x",
            "p\"d@1",
            "pwd@99999999999999999999",
            "pwd@9223372036854775807",
        ] {
            assert!(Proofs::parse(text).is_empty(), "{text}");
        }
        assert_eq!(Proofs::parse(&"a@1 ".repeat(1000)).iter().count(), 16);
    }
}
