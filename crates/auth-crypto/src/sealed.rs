//! Encryption at rest in the wire's format.
//!
//! `hex(nonce || ciphertext || tag)` of XChaCha20-Poly1305 under
//! SHA-256(secret), inside `$ba$<version>$…` when secrets are versioned.

use aws_lc_rs::digest;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::rng::Rng;
use crate::secret::Secret;
use crate::secrets::Secrets;

const ENVELOPE: &str = "$ba$";
const NONCE_LEN: usize = 24;

/// Why a sealed value did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Neither bare hex nor an envelope.
    #[error("not a sealed value")]
    Malformed,
    /// The secret of this version is not configured (any more).
    #[error("sealed with the unknown secret version {0}")]
    UnknownVersion(u32),
    /// A bare value, but only versioned secrets are configured.
    #[error("sealed before versions were introduced, and no legacy secret is configured")]
    NoLegacySecret,
    /// Changed, or sealed with another secret.
    #[error("sealed value does not verify")]
    Forged,
}

/// Seals `plain` with the current secret.
pub fn seal(rng: &dyn Rng, secrets: &Secrets, plain: &[u8]) -> String {
    let mut nonce = [0_u8; NONCE_LEN];
    rng.fill(&mut nonce);
    let Ok(ciphertext) = cipher(secrets.current()).encrypt(&XNonce::from(nonce), plain) else {
        // The cipher's only error is a text above 256 GiB.
        unreachable!("plain text exceeds the cipher's limit");
    };
    let body = hex::encode(nonce) + &hex::encode(ciphertext);
    match secrets.current_version() {
        Some(version) => format!("{ENVELOPE}{version}${body}"),
        None => body,
    }
}

/// Opens a sealed value with the secret it names.
pub fn open(secrets: &Secrets, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (secret, body) = match sealed.strip_prefix(ENVELOPE) {
        Some(rest) => {
            let (version, body) = rest.split_once('$').ok_or(SealError::Malformed)?;
            let version = parse_version(version).ok_or(SealError::Malformed)?;
            let secret = secrets.by_version(version).ok_or(SealError::UnknownVersion(version))?;
            (secret, body)
        }
        None => (secrets.unversioned().ok_or(SealError::NoLegacySecret)?, sealed),
    };
    let bytes = hex::decode(body).map_err(|_| SealError::Malformed)?;
    let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Malformed)?;
    cipher(secret)
        .decrypt(&XNonce::from(*nonce), ciphertext)
        .map(Zeroizing::new)
        .map_err(|_| SealError::Forged)
}

/// Whether a stored value is sealed rather than clear text from before sealing
/// was switched on.
pub fn looks_sealed(value: &str) -> bool {
    value.starts_with(ENVELOPE)
        || (!value.is_empty()
            && value.len().is_multiple_of(2)
            && value.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `u32::from_str` would also take a plus sign.
fn parse_version(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn cipher(secret: &Secret) -> XChaCha20Poly1305 {
    let hashed = digest::digest(&digest::SHA256, secret.expose_bytes());
    let mut key = Zeroizing::new([0_u8; 32]);
    for (slot, byte) in key.iter_mut().zip(hashed.as_ref()) {
        *slot = *byte;
    }
    XChaCha20Poly1305::new(&Key::from(*key))
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
    use crate::rng::{OsRng, SeededRng};
    use crate::vectors::SECRET;

    const HELLO: &str =
        "4d4bd439e39ec97beeb3b4fdd99418cd0d325f645c1c0e0f319fb0497e758eefb0ea7b8c31f088b472d425260c";

    fn single() -> Secrets {
        Secrets::single(Secret::from(SECRET))
    }

    fn versioned(list: &[(u32, &str)], legacy: Option<&str>) -> Secrets {
        let list = list.iter().map(|(v, s)| (*v, Secret::from(*s))).collect();
        Secrets::versioned(list, legacy.map(Secret::from)).unwrap()
    }

    #[test]
    fn wire_vector_opens() {
        assert_eq!(&**open(&single(), HELLO).unwrap(), b"hello");
        let upper = HELLO.to_uppercase();
        assert_eq!(&**open(&single(), &upper).unwrap(), b"hello");
        assert_eq!(
            hex::encode(digest::digest(&digest::SHA256, SECRET.as_bytes())),
            "9f058a3dbb7a0e0645e36090488101692c6345e0874b79c47f18a93d90a95d4c"
        );
    }

    #[test]
    fn round_trip_and_fresh_nonces() {
        for plain in [&b""[..], b"x", &[0; 5000]] {
            let sealed = seal(&OsRng, &single(), plain);
            assert_eq!(sealed.len(), 2 * (24 + plain.len() + 16));
            assert_eq!(&**open(&single(), &sealed).unwrap(), plain);
            assert_ne!(sealed, seal(&OsRng, &single(), plain));
        }
        let replay = || seal(&SeededRng::new(3), &single(), b"x");
        assert_eq!(replay(), replay());
    }

    #[test]
    fn every_changed_digit_is_refused() {
        for at in 0..HELLO.len() {
            let mut bytes = HELLO.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let text = String::from_utf8(bytes).unwrap();
            assert_eq!(open(&single(), &text), Err(SealError::Forged));
        }
    }

    #[test]
    fn rotation() {
        let old = versioned(&[(1, "one")], None);
        let new = versioned(&[(2, "two"), (1, "one")], None);
        let sealed = seal(&OsRng, &old, b"data");
        assert!(sealed.starts_with("$ba$1$"));
        let opened = open(&new, &sealed).unwrap();
        assert_eq!(&**opened, b"data");
        let moved = seal(&OsRng, &new, &opened);
        assert!(moved.starts_with("$ba$2$"));
        assert_eq!(open(&old, &moved), Err(SealError::UnknownVersion(2)));
        let retired = versioned(&[(2, "two")], None);
        assert_eq!(&**open(&retired, &moved).unwrap(), b"data");
        assert_eq!(open(&retired, &sealed), Err(SealError::UnknownVersion(1)));
    }

    #[test]
    fn introducing_versions() {
        let with_legacy = versioned(&[(1, "one")], Some(SECRET));
        assert_eq!(&**open(&with_legacy, HELLO).unwrap(), b"hello");
        let without = versioned(&[(1, SECRET)], None);
        assert_eq!(open(&without, HELLO), Err(SealError::NoLegacySecret));
    }

    #[test]
    fn malformed_values() {
        let secrets = versioned(&[(1, "one")], Some("old"));
        for text in
            ["", "zz", "abc", "00", "$ba$", "$ba$1", "$ba$x$00", "$ba$$00", "$ba$+1$00", "$ba$1$00", "é"]
        {
            assert_eq!(open(&secrets, text), Err(SealError::Malformed), "{text}");
        }
        let short = "00".repeat(24);
        assert_eq!(open(&secrets, &short), Err(SealError::Forged));
    }

    #[test]
    fn clear_text_is_recognised() {
        assert!(looks_sealed(HELLO) && looks_sealed("$ba$1$00"));
        assert!(!looks_sealed("ya29.token") && !looks_sealed("abc") && !looks_sealed(""));
    }
}
