//! Digests under which tokens are stored.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::secret::Secret;

/// SHA-256 in unpadded base64url, the stored form of high-entropy tokens.
pub fn sha256_b64url(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// HMAC-SHA256 in unpadded base64url, the signature of values that are not
/// cookies of their own (trusted devices, the compact cookie cache).
pub fn hmac_b64url(secret: &Secret, text: &str) -> String {
    keyed_b64url(secret.expose_bytes(), text)
}

/// As [`hmac_b64url`], with a key of bytes, such as a derived one.
pub fn keyed_b64url(key: &[u8], text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes()))
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
    use crate::vectors::SECRET;

    #[test]
    fn wire_vectors() {
        assert_eq!(
            sha256_b64url("ba_UiRbrryRVlQgqYqNTwptYxGsSLlbUhMGyXTwnLIoyIoHthscptClruXVDUkisUxv"),
            "BGSSzPN8ObLk1HQKTERET-75tbZzXWdyb7ru2jImZqM"
        );
        assert_eq!(
            hmac_b64url(&Secret::from(SECRET), "user1!trust-device-abc"),
            "KCssWxbE--f540oRp6q_PpaC4Vmc8bo9XwxxiAIfIak"
        );
    }
}
