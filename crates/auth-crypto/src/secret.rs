//! Text that must never be printed, serialised or compared in variable time.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret text. Wiped when dropped; `Debug` shows a placeholder.
///
/// It cannot be displayed:
///
/// ```compile_fail
/// let secret = auth_crypto::Secret::from("hush".to_owned());
/// println!("{secret}");
/// ```
///
/// nor serialised:
///
/// ```compile_fail
/// let secret = auth_crypto::Secret::from("hush".to_owned());
/// let _ = serde_json::to_string(&secret);
/// ```
///
/// Reading it is always visible in the code:
///
/// ```
/// let secret = auth_crypto::Secret::from("hush".to_owned());
/// assert_eq!(secret.expose(), "hush");
/// assert_eq!(format!("{secret:?}"), "[secret]");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text's bytes, the form keys are made from.
    pub fn expose_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Compares without telling how much of the text agrees.
    pub fn ct_eq(&self, other: &Self) -> bool {
        constant_time_eq(self.expose_bytes(), other.expose_bytes())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Compares in a time that depends on the lengths only.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )]
    use super::*;

    #[test]
    fn debug_hides_the_text_at_any_depth() {
        let secret = Secret::from("hush");
        let shown = format!("{:?} {:#?}", Some(&secret), vec![secret.clone()]);
        assert!(!shown.contains("hush") && shown.contains("[secret]"));
    }

    #[test]
    fn comparison() {
        assert!(Secret::from("a").ct_eq(&Secret::from("a")));
        assert!(!Secret::from("a").ct_eq(&Secret::from("b")));
        assert!(constant_time_eq(b"", b""));
        assert!(!constant_time_eq(b"ab", b"abc"));
    }
}
