//! Signed tokens with key pairs: compact JWS over josekit.

mod algorithm;
mod eddsa;

use std::cell::Cell;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use josekit::{
    JoseError,
    jws::{self, JwsHeader, JwsSigner, JwsVerifier},
};

use serde_json::json;

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

/// The first part of the tokens that a key signs here.
#[must_use]
pub fn header(algorithm: Algorithm, kid: &str) -> String {
    URL_SAFE_NO_PAD.encode(json!({ "alg": algorithm.name(), "kid": kid }).to_string())
}

/// What has to be signed for a token with this payload, where the private key is elsewhere.
pub fn unsigned(payload: &[u8], algorithm: Algorithm, kid: &str) -> String {
    format!("{}.{}", header(algorithm, kid), URL_SAFE_NO_PAD.encode(payload))
}

/// The token of a signature that was made elsewhere, if it is one.
pub fn signed(mut unsigned: String, signature: &[u8], key: &VerifyingKey) -> Result<String, JwsError> {
    key.0.verify(unsigned.as_bytes(), signature)?;
    unsigned.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut unsigned);
    Ok(unsigned)
}

/// Why a token was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody knows the key that it names.
    UnknownKey,
    /// It is no token, or not genuine.
    Forged,
}

/// What a genuine token carries whose first part is known for the one of this key: there is nothing to
/// be read in it.
pub fn open_known(token: &str, key: &VerifyingKey) -> Result<Vec<u8>, Refusal> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Forged)?;
    let (_, payload) =
        signed.split_once('.').filter(|(_, rest)| !rest.contains('.')).ok_or(Refusal::Forged)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refusal::Forged)?;
    key.0.verify(signed.as_bytes(), &signature).map_err(|_| Refusal::Forged)?;
    URL_SAFE_NO_PAD.decode(payload).map_err(|_| Refusal::Forged)
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
