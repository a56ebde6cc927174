//! HS256 tokens over the raw secret, as the wire signs e-mail links and the
//! `jwt` cookie cache.
//!
//! One algorithm, decided here and never by the token. That makes a general
//! JOSE library more surface than help.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use serde_json::{Map, Value};

use crate::secret::Secret;

/// Why a token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Not an HS256 token with a numeric `exp`.
    #[error("malformed token")]
    Malformed,
    /// Changed, or signed with another secret.
    #[error("token signature does not verify")]
    Signature,
    /// `exp` has passed.
    #[error("token expired")]
    Expired,
    /// `nbf` lies ahead.
    #[error("token is not valid yet")]
    NotYetValid,
}

/// The members that decide how a token is read. A repeated one is an error.
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// True if the member is there at all, `null` included.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// Signs `claims`. The header is `{"alg":"HS256"}` followed by `header_extra`.
pub fn sign_hs256(
    claims: &Map<String, Value>,
    header_extra: Option<&Map<String, Value>>,
    secret: &Secret,
) -> String {
    let mut header = Map::new();
    header.insert("alg".to_owned(), Value::from("HS256"));
    for (name, value) in header_extra.into_iter().flatten() {
        if name != "alg" {
            header.insert(name.clone(), value.clone());
        }
    }
    let mut token = encode(&header);
    token.push('.');
    token.push_str(&encode(claims));
    let signature = hmac::sign(&key(secret), token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    token
}

/// The claims of a valid token. `exp` is required, `nbf` is respected, and both
/// get `leeway_secs` of tolerance.
pub fn verify_hs256(
    token: &str,
    secret: &Secret,
    now_unix: i64,
    leeway_secs: u32,
) -> Result<Map<String, Value>, JwtError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(JwtError::Malformed)?;
    if claims.contains('.') {
        return Err(JwtError::Malformed);
    }
    let header: Header = decode(header)?;
    // No extension is understood here, so none may be critical.
    if header.alg != "HS256" || header.crit {
        return Err(JwtError::Malformed);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| JwtError::Malformed)?;
    hmac::verify(&key(secret), signed.as_bytes(), &signature).map_err(|_| JwtError::Signature)?;
    let claims = decode(claims)?;
    check_times(&claims, now_unix, leeway_secs)?;
    Ok(claims)
}

/// Claims may be any JSON number; as floats they compare without overflow.
pub(crate) fn check_times(
    claims: &Map<String, Value>,
    now_unix: i64,
    leeway_secs: u32,
) -> Result<(), JwtError> {
    #[allow(clippy::cast_precision_loss, reason = "exact for the next 285 million years")]
    let now = now_unix as f64;
    let leeway = f64::from(leeway_secs);
    let exp = claims.get("exp").and_then(Value::as_f64).ok_or(JwtError::Malformed)?;
    if exp <= now - leeway {
        return Err(JwtError::Expired);
    }
    if let Some(nbf) = claims.get("nbf") {
        let nbf = nbf.as_f64().ok_or(JwtError::Malformed)?;
        if nbf > now + leeway {
            return Err(JwtError::NotYetValid);
        }
    }
    Ok(())
}

fn key(secret: &Secret) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose_bytes())
}

fn encode(part: &Map<String, Value>) -> String {
    // Serialising a map of JSON values cannot fail.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).unwrap_or_default())
}

fn decode<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, JwtError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| JwtError::Malformed)
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
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn secret() -> Secret {
        Secret::from("s")
    }

    /// A correctly signed token with any header and claims text.
    fn forge(header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let tag = hmac::sign(&key(&secret()), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    fn verify(token: &str) -> Result<Map<String, Value>, JwtError> {
        verify_hs256(token, &secret(), NOW, 0)
    }

    #[test]
    fn well_known_token() {
        // The example of jwt.io, which has no `exp`: genuine, but refused.
        let claims = map(json!({"sub": "1234567890", "name": "John Doe", "iat": 1_516_239_022}));
        let extra = map(json!({"typ": "JWT"}));
        let token = sign_hs256(&claims, Some(&extra), &Secret::from("your-256-bit-secret"));
        assert_eq!(
            token,
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
        );
        let verdict = verify_hs256(&token, &Secret::from("your-256-bit-secret"), NOW, 0);
        assert_eq!(verdict, Err(JwtError::Malformed));
    }

    #[test]
    fn round_trip_keeps_claims_and_order() {
        let claims = map(json!({"z": 1, "a": "é", "exp": NOW + 1, "nbf": NOW}));
        let token = sign_hs256(&claims, None, &secret());
        assert!(token.starts_with("eyJhbGciOiJIUzI1NiJ9."));
        let read = verify(&token).unwrap();
        assert_eq!(read, claims);
        assert!(read.keys().eq(claims.keys()));
        let other = verify_hs256(&token, &Secret::from("t"), NOW, 0);
        assert_eq!(other, Err(JwtError::Signature));
    }

    #[test]
    fn extra_header_cannot_change_the_algorithm() {
        let claims = map(json!({"exp": NOW + 1}));
        let extra = map(json!({"alg": "none", "kid": "k"}));
        let token = sign_hs256(&claims, Some(&extra), &secret());
        assert_eq!(verify(&token).unwrap(), claims);
    }

    #[test]
    fn only_hs256_without_extensions() {
        let claims = format!("{{\"exp\":{}}}", NOW + 1);
        assert!(verify(&forge(r#"{"alg":"HS256"}"#, &claims)).is_ok());
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"None"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"HS512"}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{"alg":null}"#,
            "{}",
            "[]",
            r#"{"alg":"HS256","alg":"HS256"}"#,
            r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
            r#"{"alg":"HS256","crit":[]}"#,
            r#"{"alg":"HS256","crit":null}"#,
            r#"{"alg":"HS256"}x"#,
        ] {
            let verdict = verify(&forge(header, &claims));
            assert_eq!(verdict, Err(JwtError::Malformed), "{header}");
        }
        let unsigned = forge(r#"{"alg":"none"}"#, &claims);
        let (signed, _) = unsigned.rsplit_once('.').unwrap();
        assert_eq!(verify(&format!("{signed}.")), Err(JwtError::Malformed));
    }

    #[test]
    fn times() {
        let run = |claims: &str, leeway| {
            let token = forge(r#"{"alg":"HS256"}"#, claims);
            verify_hs256(&token, &secret(), NOW, leeway).err()
        };
        for (claims, leeway, expected) in [
            (r#"{"exp":1700000001}"#, 0, None),
            (r#"{"exp":1700000000}"#, 0, Some(JwtError::Expired)),
            (r#"{"exp":1699999990}"#, 15, None),
            (r#"{"exp":1699999985}"#, 15, Some(JwtError::Expired)),
            (r#"{"exp":1700000000.5}"#, 0, None),
            (r#"{"exp":1e300}"#, 0, None),
            (r#"{"exp":18446744073709551615}"#, 0, None),
            (r#"{"exp":-9223372036854775808}"#, 0, Some(JwtError::Expired)),
            (r#"{"exp":-1e300}"#, u32::MAX, Some(JwtError::Expired)),
            (r#"{"exp":1e999}"#, 0, Some(JwtError::Malformed)),
            (r#"{"exp":"1800000000"}"#, 0, Some(JwtError::Malformed)),
            (r#"{"exp":null}"#, 0, Some(JwtError::Malformed)),
            ("{}", 0, Some(JwtError::Malformed)),
            ("[]", 0, Some(JwtError::Malformed)),
            (r#"{"exp":1e300,"nbf":1700000001}"#, 0, Some(JwtError::NotYetValid)),
            (r#"{"exp":1e300,"nbf":1700000001}"#, 1, None),
            (r#"{"exp":1e300,"nbf":"0"}"#, 0, Some(JwtError::Malformed)),
        ] {
            assert_eq!(run(claims, leeway), expected, "{claims}");
        }
        let token = forge(r#"{"alg":"HS256"}"#, r#"{"exp":1}"#);
        assert!(verify_hs256(&token, &secret(), i64::MIN, u32::MAX).is_ok());
        assert!(verify_hs256(&token, &secret(), i64::MAX, u32::MAX).is_err());
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let token = sign_hs256(&map(json!({"exp": NOW + 1})), None, &secret());
        for at in 0..token.len() {
            for other in 0..=127_u8 {
                let mut bytes = token.as_bytes().to_vec();
                if bytes[at] != other {
                    bytes[at] = other;
                    let text = String::from_utf8(bytes).unwrap();
                    assert!(verify(&text).is_err(), "byte {at} -> {other}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn garbage_is_refused(text in ".*", parts in "[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]*") {
            prop_assert!(verify(&text).is_err());
            prop_assert!(verify(&parts).is_err());
        }
    }
}
