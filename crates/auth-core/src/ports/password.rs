//! What a password has to be like, and checking the one that a user has.

use std::sync::Arc;

use http::StatusCode;
use serde_json::json;

use crate::{Core, Failure};

/// A rule that a new password breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// A stable name, such as `uppercase`.
    pub rule: &'static str,
    /// One sentence for the user.
    pub message: String,
}

/// The service that judges new passwords. Wrap it to add rules.
///
/// ```
/// use auth_core::ports::{PasswordPolicy, TOO_SHORT, Unmet, utf16_len};
///
/// struct Long;
///
/// impl PasswordPolicy for Long {
///     fn unmet(&self, password: &str) -> Vec<Unmet> {
///         if utf16_len(password) >= 16 {
///             return Vec::new();
///         }
///         vec![Unmet { rule: TOO_SHORT, message: "Use at least 16 characters".to_owned() }]
///     }
///
///     fn max_length(&self) -> usize {
///         128
///     }
/// }
///
/// assert_eq!(Long.unmet("hunter2").len(), 1);
/// ```
pub trait PasswordPolicy: Send + Sync + 'static {
    /// The rules that a password breaks; the rules for its length first.
    fn unmet(&self, password: &str) -> Vec<Unmet>;

    /// Longest password that is hashed at all, in UTF-16 units as clients count them.
    fn max_length(&self) -> usize;
}

/// [`Unmet::rule`] of a password with too few characters.
pub const TOO_SHORT: &str = "too_short";
/// [`Unmet::rule`] of a password with too many characters.
pub const TOO_LONG: &str = "too_long";

/// The length of a text as JavaScript counts it.
#[must_use]
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

impl Core {
    /// Refuses a new password that breaks the policy, before any work is spent on it.
    pub fn check_new_password(&self, password: &str) -> Result<(), Failure> {
        let Some(policy) = self.services().get::<dyn PasswordPolicy>() else { return Ok(()) };
        let unmet = policy.unmet(password);
        let Some(first) = unmet.first() else { return Ok(()) };
        let failure = match first.rule {
            TOO_SHORT => Failure::bad_request("PASSWORD_TOO_SHORT", "Password too short"),
            TOO_LONG => Failure::bad_request("PASSWORD_TOO_LONG", "Password too long"),
            _ => Failure::bad_request("PASSWORD_TOO_WEAK", first.message.clone()),
        };
        if unmet.len() == 1 && matches!(first.rule, TOO_SHORT | TOO_LONG) {
            return Err(failure);
        }
        let rules: Vec<_> = unmet.iter().map(|u| json!({ "rule": u.rule, "message": u.message })).collect();
        Err(failure.with("rules", rules))
    }

    /// Refuses a password that nobody can have, before any work is spent on it.
    pub fn check_given_password(&self, password: &str) -> Result<(), Failure> {
        let policy = self.services().get::<dyn PasswordPolicy>();
        if policy.is_some_and(|policy| utf16_len(password) > policy.max_length()) {
            return Err(Failure::new(StatusCode::BAD_REQUEST, "PASSWORD_TOO_LONG", "Password too long"));
        }
        Ok(())
    }

    /// Whether this is the user's password. Costs the same when the user has none; `None` then.
    pub async fn verify_password(
        self: &Arc<Self>,
        user_id: &str,
        password: &str,
    ) -> Result<Option<bool>, Failure> {
        let account = self.accounts().find_credential(self.db(), user_id).await?;
        let Some((account, stored)) = account.and_then(|mut a| a.password.take().map(|hash| (a, hash)))
        else {
            self.passwords().dummy_verify(password).await?;
            return Ok(None);
        };
        let verdict = self.passwords().verify(password, &stored).await?;
        let replace = verdict.foreign || (verdict.needs_rehash && self.settings().rehash_passwords);
        if verdict.matches && replace {
            let password = Some(Some(self.passwords().hash(password).await?));
            let patch = crate::model::AccountPatch { password, ..Default::default() };
            let tx = self.begin().await?;
            self.accounts().update(&tx, &account.id, patch).await?;
            tx.commit().await?;
        }
        Ok(Some(verdict.matches))
    }
}
