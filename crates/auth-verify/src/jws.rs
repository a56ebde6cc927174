//! The compact form of a signed token, taken apart.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{Algorithm, VerifyError, json};

/// The longest token that is looked at.
pub(crate) const LONGEST: usize = 16 * 1024;
/// The longest id of a key.
const LONGEST_KID: usize = 256;

pub(crate) struct Jws<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: String,
    /// What was signed, as it came.
    pub(crate) signed: &'a str,
    pub(crate) signature: Vec<u8>,
    payload: &'a str,
}

impl<'a> Jws<'a> {
    /// Reads the header and nothing further: what it claims is not trusted, only looked up.
    pub(crate) fn parse(token: &'a str, typ: Option<&str>) -> Result<Self, VerifyError> {
        if token.len() > LONGEST {
            return Err(VerifyError::Malformed("too long"));
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(VerifyError::Malformed("a signed token has three parts"));
        };
        let signed = token.get(..header.len() + 1 + payload.len()).unwrap_or_default();
        let header = object(header, VerifyError::Header("no JSON object that says everything once"))?;
        let (algorithm, kid) = check(&header, typ)?;
        let signature = bytes(signature)?;
        Ok(Self { algorithm, kid, signed, signature, payload })
    }

    /// Only for a token whose signature was found good.
    pub(crate) fn claims(&self) -> Result<Map<String, Value>, VerifyError> {
        object(
            self.payload,
            VerifyError::Malformed("the claims are no JSON object that says everything once"),
        )
    }
}

/// `jku`, `x5u`, `x5c` and `jwk` name keys of the sender's choice; nothing here reads them.
fn check(header: &Map<String, Value>, typ: Option<&str>) -> Result<(Algorithm, String), VerifyError> {
    if header.contains_key("crit") {
        return Err(VerifyError::Header("an extension is critical, and none is known"));
    }
    if header.contains_key("b64") {
        return Err(VerifyError::Header("the payload is not encoded"));
    }
    let is_right_type = match (typ, header.get("typ")) {
        (None, None) => true,
        (None, Some(Value::String(there))) => there.eq_ignore_ascii_case("JWT"),
        (Some(wanted), Some(Value::String(there))) => there.eq_ignore_ascii_case(wanted),
        _ => false,
    };
    if !is_right_type {
        return Err(VerifyError::Header("a token of another type"));
    }
    let name = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let algorithm = Algorithm::from_name(name).ok_or(VerifyError::Algorithm)?;
    let kid = header.get("kid").and_then(Value::as_str).unwrap_or_default();
    if kid.is_empty() || kid.len() > LONGEST_KID {
        return Err(VerifyError::Header("no id of a key"));
    }
    Ok((algorithm, kid.to_owned()))
}

fn object(part: &str, otherwise: VerifyError) -> Result<Map<String, Value>, VerifyError> {
    json::object(&bytes(part)?).ok_or(otherwise)
}

/// The engine refuses padding, whitespace, the other alphabet and bits that are left over.
fn bytes(part: &str) -> Result<Vec<u8>, VerifyError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| VerifyError::Malformed("not base64url"))
}
