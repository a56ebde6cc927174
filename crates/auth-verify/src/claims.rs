//! What a token says of its bearer.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::VerifyError;

/// The claims of a token that was found good. `T` is the shape of those that no standard names; without
/// one they are kept as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims<T = Map<String, Value>> {
    /// Who it is about: the id of the user.
    pub sub: String,
    /// The server that signed it: the verifier's issuer.
    pub iss: String,
    /// Whom it is for; the verifier's audience is among them.
    pub aud: Vec<String>,
    /// Seconds since 1970.
    pub exp: u64,
    /// Seconds since 1970, when it was signed.
    pub iat: Option<u64>,
    /// Seconds since 1970, before which it did not count.
    pub nbf: Option<u64>,
    /// The token's own id, for those who take each one once.
    pub jti: Option<String>,
    /// All claims that have no field here, in the shape that was asked for.
    pub extra: T,
}

/// What is asked of the claims.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) leeway: Duration,
}

impl Claims {
    pub(crate) fn check(
        mut all: Map<String, Value>,
        expected: &Expected,
        now: Duration,
    ) -> Result<Self, VerifyError> {
        let iss = required(text(&mut all, "iss")?, "iss")?;
        if iss != expected.issuer {
            return Err(VerifyError::Issuer);
        }
        let aud = audiences(all.remove("aud"))?;
        if !aud.contains(&expected.audience) {
            return Err(VerifyError::Audience);
        }
        let (now, leeway) = (now.as_secs(), expected.leeway.as_secs());
        let exp = required(seconds(&mut all, "exp")?, "exp")?;
        if now >= exp.saturating_add(leeway) {
            return Err(VerifyError::Expired);
        }
        let (nbf, iat) = (seconds(&mut all, "nbf")?, seconds(&mut all, "iat")?);
        if [nbf, iat].into_iter().flatten().any(|from| from > now.saturating_add(leeway)) {
            return Err(VerifyError::NotYetValid);
        }
        let sub = required(text(&mut all, "sub")?, "sub")?;
        if sub.is_empty() {
            return Err(VerifyError::Claim("sub"));
        }
        let jti = text(&mut all, "jti")?;
        Ok(Self { sub, iss, aud, exp, iat, nbf, jti, extra: all })
    }

    /// Reads the further claims into a type.
    pub fn into_typed<T: DeserializeOwned>(self) -> Result<Claims<T>, VerifyError> {
        let Self { sub, iss, aud, exp, iat, nbf, jti, extra } = self;
        let extra = T::deserialize(Value::Object(extra)).map_err(|_| VerifyError::Extra)?;
        Ok(Claims { sub, iss, aud, exp, iat, nbf, jti, extra })
    }
}

fn required<V>(value: Option<V>, name: &'static str) -> Result<V, VerifyError> {
    value.ok_or(VerifyError::Claim(name))
}

fn text(all: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, VerifyError> {
    match all.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(VerifyError::Claim(name)),
    }
}

/// Whole seconds. The server writes nothing else, and a fraction or an exponent is where parsers differ.
fn seconds(all: &mut Map<String, Value>, name: &'static str) -> Result<Option<u64>, VerifyError> {
    let Some(value) = all.remove(name) else { return Ok(None) };
    let seconds = value.as_u64().filter(|seconds| i64::try_from(*seconds).is_ok());
    seconds.map(Some).ok_or(VerifyError::Claim(name))
}

/// One text, or a list of texts and of nothing else.
fn audiences(value: Option<Value>) -> Result<Vec<String>, VerifyError> {
    let items = match value {
        Some(Value::String(one)) => return Ok(vec![one]),
        Some(Value::Array(items)) => items,
        _ => return Err(VerifyError::Claim("aud")),
    };
    let texts = items.into_iter().map(|item| match item {
        Value::String(text) => Ok(text),
        _ => Err(VerifyError::Claim("aud")),
    });
    texts.collect()
}
