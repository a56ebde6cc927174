//! The session cache cookie in the wire's three codecs, and its chunks.
//!
//! A cookie that decodes is served without reading the database, so decoding
//! answers only for values that are genuine and unexpired.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE_NO_PAD, URL_SAFE_NO_PAD_INDIFFERENT};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::js_json;
use crate::jwe::{self, SALT_SESSION};
use crate::jwt::{sign_hs256, verify_hs256};
use crate::rng::Rng;
use crate::secret::{Secret, constant_time_eq};
use crate::secrets::Secrets;
use crate::token_hash::hmac_b64url;

#[path = "cookie_chunks.rs"]
mod chunks;

pub use chunks::{Chunks, chunk, join_chunks, present_chunks};

/// Lifetime of a compact value whose cookie has no Max-Age.
const COMPACT_DEFAULT_SECS: u64 = 60;
/// The same for the token codecs.
const TOKEN_DEFAULT_SECS: u64 = 300;

/// How the cache cookie is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// Signed JSON, the smallest.
    #[default]
    Compact,
    /// Signed, readable by other services.
    Jwt,
    /// Encrypted.
    Jwe,
}

/// The outer object of the compact codec.
#[derive(Deserialize)]
struct Envelope<'a> {
    /// Kept as received: the signature covers this very text.
    #[serde(borrow)]
    session: &'a RawValue,
    #[serde(rename = "expiresAt")]
    expires_at: i64,
    signature: String,
}

/// Encodes the payload (`session`, `user`, `updatedAt`, `version`).
///
/// `max_age_secs` is none for a cookie without Max-Age. The answer is none only
/// if encryption fails; the cache is then left out.
pub fn encode(
    strategy: Strategy,
    payload: &Map<String, Value>,
    max_age_secs: Option<u64>,
    now_ms: i64,
    secrets: &Secrets,
    rng: &dyn Rng,
) -> Option<String> {
    let max_age = max_age_secs.unwrap_or(TOKEN_DEFAULT_SECS);
    let now = now_ms.div_euclid(1000);
    match strategy {
        Strategy::Compact => {
            let secs = max_age_secs.unwrap_or(COMPACT_DEFAULT_SECS);
            let expires_at = now_ms.saturating_add_unsigned(secs.saturating_mul(1000));
            Some(encode_compact(payload, expires_at, secrets.current()))
        }
        Strategy::Jwt => {
            let mut claims = payload.clone();
            claims.insert("iat".to_owned(), Value::from(now));
            let exp = now.saturating_add_unsigned(max_age);
            claims.insert("exp".to_owned(), Value::from(exp));
            Some(sign_hs256(&claims, None, secrets.current()))
        }
        Strategy::Jwe => jwe::encrypt(payload, max_age, now, secrets, SALT_SESSION, rng),
    }
}

/// What was in a value, and until when it counts.
#[derive(Debug, PartialEq)]
pub struct Opened {
    /// Without the codec's own claims.
    pub payload: Map<String, Value>,
    pub expires_at_ms: i64,
}

/// Opens a genuine, unexpired value.
///
/// Signatures are checked with the current secret only; encrypted values open
/// with every configured one.
pub fn decode(strategy: Strategy, text: &str, secrets: &Secrets, now_ms: i64) -> Option<Opened> {
    let now = now_ms.div_euclid(1000);
    let mut claims = match strategy {
        Strategy::Compact => return decode_compact(text, secrets.current(), now_ms),
        Strategy::Jwt => verify_hs256(text, secrets.current(), now, 0).ok()?,
        Strategy::Jwe => jwe::decrypt(text, secrets, SALT_SESSION, now)?,
    };
    // Fractions of a second are cut off: a value never counts for longer than it says.
    let expires_at_ms = claims.get("exp")?.as_f64()?.floor();
    #[allow(clippy::cast_possible_truncation, reason = "a float that is too large saturates")]
    let expires_at_ms = (expires_at_ms as i64).saturating_mul(1000);
    for own in ["iat", "exp", "jti"] {
        claims.shift_remove(own);
    }
    Some(Opened { payload: claims, expires_at_ms })
}

fn encode_compact(payload: &Map<String, Value>, expires_at: i64, secret: &Secret) -> String {
    let session = js_json::object(payload);
    let signature = signature(&session, expires_at, secret).unwrap_or_default();
    URL_SAFE_NO_PAD
        .encode(format!("{{\"session\":{session},\"expiresAt\":{expires_at},\"signature\":\"{signature}\"}}"))
}

fn decode_compact(text: &str, secret: &Secret, now_ms: i64) -> Option<Opened> {
    let bytes = URL_SAFE_NO_PAD_INDIFFERENT.decode(text).ok()?;
    let envelope: Envelope<'_> = serde_json::from_slice(&bytes).ok()?;
    let session = envelope.session.get();
    let expected = signature(session, envelope.expires_at, secret)?;
    let genuine = constant_time_eq(expected.as_bytes(), envelope.signature.as_bytes());
    if !genuine || envelope.expires_at <= now_ms {
        return None;
    }
    Some(Opened { payload: serde_json::from_str(session).ok()?, expires_at_ms: envelope.expires_at })
}

/// Signs the payload with `expiresAt` as its last key.
///
/// The text is extended instead of parsed and written again. A JavaScript
/// signer wrote it with `JSON.stringify`, so both give the same bytes, and key
/// order and number spelling cannot get lost on the way.
fn signature(session: &str, expires_at: i64, secret: &Secret) -> Option<String> {
    let open = session.strip_prefix('{')?.strip_suffix('}')?;
    let comma = if open.is_empty() { "" } else { "," };
    let signed = format!("{{{open}{comma}\"expiresAt\":{expires_at}}}");
    Some(hmac_b64url(secret, &signed))
}

#[cfg(test)]
#[path = "cookie_cache_tests.rs"]
mod tests;
