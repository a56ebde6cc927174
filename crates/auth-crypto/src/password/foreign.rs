//! Hashes of other systems: bcrypt, PBKDF2, and scrypt with its costs beside it.
//!
//! They are verified and never written. A password is taken as it was typed, because those systems
//! take it so too.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use super::{PasswordError, Unusable};
use crate::secret::constant_time_eq;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
/// Some systems write the padding of salt and key, some do not.
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
/// bcrypt's own alphabet. Old programs leave rubbish in the bits that count for nothing.
const BCRYPT64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::BCRYPT, LENIENT.with_decode_allow_trailing_bits(true));

const BCRYPT: &str = "bcrypt";
const PBKDF2: &str = "PBKDF2";
const SCRYPT: &str = "scrypt";

/// About a second of one core.
const MAX_BCRYPT_COST: u32 = 14;
/// Iterations times blocks of output: 1.3 million for 64 bytes with SHA-1 are within.
const MAX_PBKDF2_ROUNDS: u32 = 6_000_000;
/// N times r times p. A unit is 128 bytes of memory, so this is 256 MiB.
const MAX_SCRYPT_UNITS: u64 = 1 << 21;

const BCRYPT_SALT: usize = 16;
const BCRYPT_KEY: usize = 23;
/// What bcrypt reads of a password and the null behind it.
const BCRYPT_READS: usize = 72;
/// The length of salts and keys.
const MIN_KEY: usize = 16;
const MAX_BYTES: usize = 256;

#[derive(Debug, Clone)]
pub(super) enum Foreign {
    Bcrypt { cost: u32, salt: [u8; BCRYPT_SALT], key: Vec<u8> },
    Pbkdf2 { digest: Digest, iterations: NonZeroU32, salt: Vec<u8>, key: Vec<u8> },
    Scrypt { params: scrypt::Params, salt: Vec<u8>, key: Vec<u8> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

impl Foreign {
    /// `$2b$…`, `$pbkdf2-sha256$i=…,l=…$salt$key` or `$scrypt$ln=…,r=…,p=…$salt$key`.
    pub(super) fn parse(stored: &str) -> Result<Self, Unusable> {
        let mut parts = stored.split('$').skip(1);
        match parts.next().unwrap_or_default() {
            "2a" | "2b" | "2y" => bcrypt(parts),
            "pbkdf2" | "pbkdf2-sha1" => pbkdf2(Digest::Sha1, parts),
            "pbkdf2-sha256" => pbkdf2(Digest::Sha256, parts),
            "pbkdf2-sha512" => pbkdf2(Digest::Sha512, parts),
            "scrypt" => scrypt(parts),
            _ => Err(Unusable::Unknown),
        }
    }

    pub(super) fn verify(&self, password: &[u8]) -> Result<bool, PasswordError> {
        match self {
            Self::Bcrypt { cost, salt, key } => {
                let read = password.iter().copied().chain([0]).take(BCRYPT_READS);
                let mut whole = Zeroizing::new(Vec::with_capacity(BCRYPT_READS));
                whole.extend(read);
                let computed = Zeroizing::new(::bcrypt::bcrypt(*cost, *salt, &whole));
                // The last byte of the output was lost in the first implementation, and so it is in all.
                Ok(computed.get(..BCRYPT_KEY).is_some_and(|computed| constant_time_eq(computed, key)))
            }
            Self::Pbkdf2 { digest, iterations, salt, key } => {
                let mut computed = Zeroizing::new(vec![0; key.len()]);
                pbkdf2::derive(digest.algorithm(), *iterations, salt, password, &mut computed);
                Ok(constant_time_eq(&computed, key))
            }
            Self::Scrypt { params, salt, key } => {
                let mut computed = Zeroizing::new(vec![0; key.len()]);
                scrypt::scrypt(password, salt, params, &mut computed).map_err(|_| PasswordError::Failed)?;
                Ok(constant_time_eq(&computed, key))
            }
        }
    }

    /// Roughly how long a verification takes, in microseconds.
    pub(super) fn micros(&self) -> u64 {
        match self {
            Self::Bcrypt { cost, .. } => 50_u64 << cost,
            Self::Pbkdf2 { digest, iterations, key, .. } => {
                u64::from(digest.rounds(*iterations, key.len())) / 3
            }
            Self::Scrypt { params, .. } => units(params.log_n(), params.r(), params.p()) / 3,
        }
    }
}

impl Digest {
    fn algorithm(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }

    /// Each block of output costs all the iterations.
    fn rounds(self, iterations: NonZeroU32, length: usize) -> u32 {
        let block = match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        };
        iterations.get().saturating_mul(u32::try_from(length.div_ceil(block)).unwrap_or(u32::MAX))
    }
}

type Parts<'a> = std::iter::Skip<std::str::Split<'a, char>>;

/// `10$` and 22 letters of salt, 31 of the key.
fn bcrypt(mut parts: Parts<'_>) -> Result<Foreign, Unusable> {
    let parsed = (|| {
        let cost = parts.next().filter(|cost| cost.len() == 2 && !cost.starts_with('+'))?;
        let cost = cost.parse().ok().filter(|cost| *cost >= 4)?;
        let (salt, key) = parts.next().filter(|rest| rest.len() == 53)?.split_at_checked(22)?;
        let salt = BCRYPT64.decode(salt).ok()?.try_into().ok()?;
        let key = BCRYPT64.decode(key).ok().filter(|key| key.len() == BCRYPT_KEY)?;
        parts.next().is_none().then_some((cost, salt, key))
    })();
    let (cost, salt, key) = parsed.ok_or(Unusable::Malformed(BCRYPT))?;
    if cost > MAX_BCRYPT_COST {
        return Err(Unusable::TooCostly(BCRYPT, "a cost of 14"));
    }
    Ok(Foreign::Bcrypt { cost, salt, key })
}

fn pbkdf2(digest: Digest, mut parts: Parts<'_>) -> Result<Foreign, Unusable> {
    let parsed = (|| {
        let mut costs = parts.next()?.split(',');
        let iterations: NonZeroU32 = number(costs.next(), "i=")?;
        let length: usize = number(costs.next(), "l=")?;
        let (salt, key) = salt_and_key(parts)?;
        (costs.next().is_none() && key.len() == length).then_some((iterations, salt, key))
    })();
    let (iterations, salt, key) = parsed.ok_or(Unusable::Malformed(PBKDF2))?;
    if digest.rounds(iterations, key.len()) > MAX_PBKDF2_ROUNDS {
        return Err(Unusable::TooCostly(PBKDF2, "6000000 iterations, times the blocks of its output"));
    }
    Ok(Foreign::Pbkdf2 { digest, iterations, salt, key })
}

/// `ln` is the logarithm of N, or N itself as Ory writes it.
fn scrypt(mut parts: Parts<'_>) -> Result<Foreign, Unusable> {
    let parsed = (|| {
        let mut costs = parts.next()?.split(',');
        let n: u64 = number(costs.next(), "ln=")?;
        let log_n = match n {
            1..=63 => u8::try_from(n).ok()?,
            _ if n.is_power_of_two() => u8::try_from(n.trailing_zeros()).ok()?,
            _ => return None,
        };
        let r: u32 = number(costs.next(), "r=")?;
        let p: u32 = number(costs.next(), "p=")?;
        let (salt, key) = salt_and_key(parts)?;
        (costs.next().is_none() && r > 0 && p > 0 && log_n > 0).then_some((log_n, r, p, salt, key))
    })();
    let (log_n, r, p, salt, key) = parsed.ok_or(Unusable::Malformed(SCRYPT))?;
    if units(log_n, r, p) > MAX_SCRYPT_UNITS {
        return Err(Unusable::TooCostly(SCRYPT, "N times r times p of 2097152"));
    }
    let params = scrypt::Params::new(log_n, r, p).map_err(|_| Unusable::Malformed(SCRYPT))?;
    Ok(Foreign::Scrypt { params, salt, key })
}

fn units(log_n: u8, r: u32, p: u32) -> u64 {
    let n = 1_u64.checked_shl(u32::from(log_n)).unwrap_or(u64::MAX);
    n.saturating_mul(u64::from(r)).saturating_mul(u64::from(p))
}

fn number<N: std::str::FromStr>(text: Option<&str>, name: &str) -> Option<N> {
    text?.strip_prefix(name)?.parse().ok()
}

fn salt_and_key(mut parts: Parts<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let salt = BASE64.decode(parts.next()?).ok().filter(|salt| salt.len() <= MAX_BYTES)?;
    let key = BASE64.decode(parts.next()?).ok()?;
    ((MIN_KEY..=MAX_BYTES).contains(&key.len()) && parts.next().is_none()).then_some((salt, key))
}
