//! Encrypted cookies: compact JWE with a key derived from the secret.
//!
//! Written as `dir` + `A256CBC-HS512`; `A256GCM` is read as well.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwe::{self, Dir, JweHeader};
use serde::Deserialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::jwt::{check_times, present};
use crate::keys::hkdf_sha256;
use crate::rng::Rng;
use crate::secret::{Secret, constant_time_eq};
use crate::secrets::Secrets;
use crate::token_hash::sha256_b64url;

/// Key salt of the session cache cookie.
pub const SALT_SESSION: &str = "better-auth-session";
/// Key salt of the account data cookie.
pub const SALT_ACCOUNT: &str = "better-auth-account";

const KEY_INFO: &[u8] = b"BetterAuth.js Generated Encryption Key";
const CLOCK_TOLERANCE_SECS: u32 = 15;

/// The content encryptions read, with the lengths their parts must have.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
enum Encryption {
    #[serde(rename = "A256CBC-HS512")]
    CbcHs512,
    #[serde(rename = "A256GCM")]
    Gcm,
}

impl Encryption {
    fn key_len(self) -> usize {
        match self {
            Self::CbcHs512 => 64,
            Self::Gcm => 32,
        }
    }

    fn iv_len(self) -> usize {
        match self {
            Self::CbcHs512 => 16,
            Self::Gcm => 12,
        }
    }

    fn tag_len(self) -> usize {
        match self {
            Self::CbcHs512 => 32,
            Self::Gcm => 16,
        }
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: Encryption,
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    zip: bool,
}

/// Encrypts `payload` plus `iat`, `exp` and a random `jti`. None only if the
/// cipher fails.
pub fn encrypt(
    payload: &Map<String, Value>,
    max_age_secs: u64,
    now_unix: i64,
    secrets: &Secrets,
    salt: &str,
    rng: &dyn Rng,
) -> Option<String> {
    let mut claims = payload.clone();
    claims.insert("iat".to_owned(), Value::from(now_unix));
    let exp = now_unix.saturating_add_unsigned(max_age_secs);
    claims.insert("exp".to_owned(), Value::from(exp));
    claims.insert("jti".to_owned(), Value::from(random_uuid(rng)));
    let plain = Zeroizing::new(serde_json::to_vec(&claims).ok()?);

    let key = derive_key(secrets.current(), salt, Encryption::CbcHs512);
    let mut header = JweHeader::new();
    header.set_algorithm("dir");
    header.set_content_encryption("A256CBC-HS512");
    header.set_key_id(thumbprint(&key));
    let encrypter = Dir.encrypter_from_bytes(&*key).ok()?;
    jwe::serialize_compact(&plain, &header, &encrypter).ok()
}

/// The claims of a genuine, unexpired cookie.
pub fn decrypt(text: &str, secrets: &Secrets, salt: &str, now_unix: i64) -> Option<Map<String, Value>> {
    let parts = Parts::split(text)?;
    let plain = secrets
        .all()
        .map(|secret| derive_key(secret, salt, parts.header.enc))
        .filter(|key| {
            let kid = parts.header.kid.as_deref();
            kid.is_none_or(|kid| kid == thumbprint(key))
        })
        .find_map(|key| parts.open(text, &key))?;
    let claims = serde_json::from_slice(&plain).ok()?;
    check_times(&claims, now_unix, CLOCK_TOLERANCE_SECS).ok()?;
    Some(claims)
}

/// A compact JWE whose shape has been checked.
struct Parts<'a> {
    header: Header,
    /// The header as received: the authenticated data.
    header_text: &'a str,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl<'a> Parts<'a> {
    /// The library behind `open` panics on a missing vector and accepts a
    /// shortened tag, so every length is settled here.
    fn split(text: &'a str) -> Option<Self> {
        let mut pieces = text.split('.');
        let header_text = pieces.next()?;
        let wrapped_key = pieces.next()?;
        let mut binary = || URL_SAFE_NO_PAD.decode(pieces.next()?).ok();
        let (iv, ciphertext, tag) = (binary()?, binary()?, binary()?);
        if pieces.next().is_some() || !wrapped_key.is_empty() {
            return None;
        }
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header_text).ok()?).ok()?;
        let fits = header.alg == "dir"
            && !header.crit
            && !header.zip
            && iv.len() == header.enc.iv_len()
            && tag.len() == header.enc.tag_len();
        fits.then_some(Self { header, header_text, iv, ciphertext, tag })
    }

    fn open(&self, text: &str, key: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        // The library removes the CBC padding before it looks at the tag and
        // compares the tag in variable time. Both would answer questions about
        // a forged cookie, so it only gets to see genuine ones.
        if self.header.enc == Encryption::CbcHs512 && !self.cbc_tag_matches(key) {
            return None;
        }
        let decrypter = Dir.decrypter_from_bytes(key).ok()?;
        let (plain, _) = jwe::deserialize_compact(text, &decrypter).ok()?;
        Some(Zeroizing::new(plain))
    }

    /// RFC 7518, section 5.2.2.1: the first half of the key authenticates.
    fn cbc_tag_matches(&self, key: &[u8]) -> bool {
        let Some((mac_key, _)) = key.split_at_checked(32) else {
            return false;
        };
        let header_bits = (self.header_text.len() as u64).saturating_mul(8);
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA512, mac_key));
        context.update(self.header_text.as_bytes());
        context.update(&self.iv);
        context.update(&self.ciphertext);
        context.update(&header_bits.to_be_bytes());
        let mac = context.sign();
        mac.as_ref().get(..32).is_some_and(|expected| constant_time_eq(expected, &self.tag))
    }
}

fn derive_key(secret: &Secret, salt: &str, enc: Encryption) -> Zeroizing<Vec<u8>> {
    hkdf_sha256(secret.expose_bytes(), salt.as_bytes(), KEY_INFO, enc.key_len())
}

/// RFC 7638 thumbprint of the key as a JWK, the `kid` that finds it again.
fn thumbprint(key: &[u8]) -> String {
    let k = Zeroizing::new(URL_SAFE_NO_PAD.encode(key));
    let jwk = Zeroizing::new(format!("{{\"k\":\"{}\",\"kty\":\"oct\"}}", *k));
    sha256_b64url(&jwk)
}

/// A version 4 UUID.
fn random_uuid(rng: &dyn Rng) -> String {
    let mut bytes = [0_u8; 16];
    rng.fill(&mut bytes);
    let random = u128::from_be_bytes(bytes);
    let bits = (random & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        bits >> 96,
        (bits >> 80) & 0xffff,
        (bits >> 64) & 0xffff,
        (bits >> 48) & 0xffff,
        bits & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
#[path = "jwe_tests.rs"]
mod tests;
