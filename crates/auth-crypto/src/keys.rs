//! Keys derived from the secret, one per purpose.
//!
//! A derived key never reveals the secret or another purpose's key.

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// RFC 5869 allows 255 blocks of output.
const MAX_LEN: usize = 255 * 32;

/// HKDF-SHA256 (RFC 5869). `len` is capped at the 8160 bytes it can give.
///
/// Written out over HMAC because this form has no error to report.
pub fn hkdf_sha256(ikm: &[u8], salt: &[u8], info: &[u8], len: usize) -> Zeroizing<Vec<u8>> {
    debug_assert!(len <= MAX_LEN);
    let extract = hmac::Key::new(hmac::HMAC_SHA256, salt);
    let prk = hmac::sign(&extract, ikm);
    let expand = hmac::Key::new(hmac::HMAC_SHA256, prk.as_ref());

    let len = len.min(MAX_LEN);
    // Room for the last block's surplus: a reallocation would leave a copy.
    let mut out = Zeroizing::new(Vec::with_capacity(len + 32));
    let mut block: Option<hmac::Tag> = None;
    for counter in 1..=u8::MAX {
        if out.len() >= len {
            break;
        }
        let mut context = hmac::Context::with_key(&expand);
        if let Some(previous) = &block {
            context.update(previous.as_ref());
        }
        context.update(info);
        context.update(&[counter]);
        let tag = context.sign();
        out.extend_from_slice(tag.as_ref());
        block = Some(tag);
    }
    out.truncate(len);
    out
}

/// The key of one of this server's own purposes.
pub fn derive(secret: &Secret, purpose: &str, len: usize) -> Zeroizing<Vec<u8>> {
    hkdf_sha256(secret.expose_bytes(), b"tessera", purpose.as_bytes(), len)
}

/// The wire's purpose keys (`oauth-state-cookie`, `oauth-proxy-state`, …), used
/// as the secret text of [`crate::sealed`].
pub fn wire_purpose_secret(secret: &Secret, purpose: &str) -> Secret {
    let info = format!("better-auth:{purpose}:v1");
    let key = hkdf_sha256(secret.expose_bytes(), b"better-auth:oauth-encryption:v1", info.as_bytes(), 32);
    Secret::from(hex::encode(&*key))
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
    fn rfc_5869_vectors() {
        let okm = hkdf_sha256(
            &[0x0b; 22],
            &hex::decode("000102030405060708090a0b0c").unwrap(),
            &hex::decode("f0f1f2f3f4f5f6f7f8f9").unwrap(),
            42,
        );
        assert_eq!(
            hex::encode(&*okm),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        );
        let okm = hkdf_sha256(&[0x0b; 22], b"", b"", 42);
        assert_eq!(
            hex::encode(&*okm),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        );
    }

    #[test]
    fn wire_vector() {
        let secret = Secret::from(SECRET);
        assert_eq!(
            wire_purpose_secret(&secret, "oauth-state-cookie").expose(),
            "45310996caec5e5f75660164ab804a811f65a8cfc00682858b188835d495bac8"
        );
    }

    #[test]
    fn lengths_and_separation() {
        let secret = Secret::from(SECRET);
        for len in [0, 1, 31, 32, 33, 64, 8160] {
            assert_eq!(derive(&secret, "a", len).len(), len);
        }
        assert_ne!(derive(&secret, "a", 32), derive(&secret, "b", 32));
        assert_ne!(derive(&secret, "a", 32), derive(&Secret::from("x"), "a", 32));
    }
}
