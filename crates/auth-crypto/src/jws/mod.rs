//! Signed tokens with key pairs: compact JWS over josekit.

mod algorithm;
mod eddsa;

use std::cell::Cell;

use josekit::{
    JoseError,
    jws::{self, JwsHeader, JwsSigner, JwsVerifier},
};

pub use algorithm::{Algorithm, Pair};

/// A key that cannot be used, or a signature that cannot be made.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct JwsError(#[from] JoseError);

/// A private key, ready for use.
pub struct SigningKey(Box<dyn JwsSigner>);

/// A public key, ready for use.
pub struct VerifyingKey(Box<dyn JwsVerifier>);

/// A token with this payload. Its header has `alg` and `kid`.
pub fn sign(payload: &[u8], key: &SigningKey) -> Result<String, JwsError> {
    Ok(jws::serialize_compact(payload, &JwsHeader::new(), key.0.as_ref())?)
}

/// Why a token was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody knows the key that it names.
    UnknownKey,
    /// It is no token, or not genuine.
    Forged,
}

/// What a genuine token carries.
///
/// The signature is checked with the key that the token names, in the way of that key. Nothing else
/// in the header has a say: no key, no address of one, no other algorithm, no extension.
pub fn open<'k>(
    token: &str,
    find: impl Fn(&str) -> Option<Option<&'k VerifyingKey>>,
) -> Result<Vec<u8>, Refusal> {
    let unknown = Cell::new(false);
    let opened = jws::deserialize_compact_with_selector(token, |header| {
        if header.claim("crit").is_some() || header.claim("b64").is_some() {
            return Ok(None);
        }
        let Some(kid) = header.key_id() else { return Ok(None) };
        let Some(key) = find(kid) else {
            unknown.set(true);
            return Ok(None);
        };
        Ok(key.map(|key| key.0.as_ref()))
    });
    match opened {
        Ok((payload, _)) => Ok(payload),
        Err(_) if unknown.get() => Err(Refusal::UnknownKey),
        Err(_) => Err(Refusal::Forged),
    }
}
