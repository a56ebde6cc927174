//! The stored formats and the functions behind the two that are written.

use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::{Argon2Params, PasswordError, Scheme, Unusable, foreign::Foreign};
use crate::secret::constant_time_eq;

pub(super) const SALT_LEN: usize = 16;
pub(super) const ARGON2_KEY_LEN: usize = 32;
const SCRYPT_KEY_LEN: usize = 64;

/// A stored hash beyond these costs is an attack or an accident.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_PARALLELISM: u32 = 64;
/// Memory times passes: about 400 times the default.
const MAX_TOTAL_KIB: u64 = 16 << 20;
/// The same of a hash that is brought in from elsewhere: about a second of one core.
const MAX_IMPORTED_KIB: u64 = 2 << 20;

const ARGON2: &str = "Argon2";

/// A stored hash, taken apart.
#[derive(Debug, Clone)]
pub(super) enum Stored {
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        params: Params,
        salt: Vec<u8>,
        key: Vec<u8>,
    },
    /// The wire's own format. The salt is used as the text it is, not as the bytes it spells.
    Scrypt {
        salt: String,
        key: Vec<u8>,
    },
    Foreign(Foreign),
}

impl Stored {
    pub(super) fn parse(stored: &str) -> Result<Self, Unusable> {
        if stored.starts_with("$argon2") {
            Self::parse_argon2(stored)
        } else if stored.starts_with('$') {
            Foreign::parse(stored).map(Self::Foreign)
        } else {
            Self::parse_wire(stored).ok_or(Unusable::Unknown)
        }
    }

    fn parse_argon2(stored: &str) -> Result<Self, Unusable> {
        let parsed = (|| {
            let hash = PasswordHash::new(stored).ok()?;
            let params = Params::try_from(&hash).ok()?;
            let algorithm = Algorithm::new(hash.algorithm.as_str()).ok()?;
            // The first version of the format did not name its version.
            let version = hash.version.map_or(Some(Version::V0x10), |version| version.try_into().ok())?;
            let salt = hash.salt.as_ref()?.as_ref().to_vec();
            let key = hash.hash.as_ref()?.as_bytes().to_vec();
            let known = params.keyid().is_empty() && salt.len() >= argon2::MIN_SALT_LEN && key.len() >= 16;
            known.then_some((algorithm, version, params, salt, key))
        })();
        let (algorithm, version, params, salt, key) = parsed.ok_or(Unusable::Malformed(ARGON2))?;
        if !is_reasonable(&params) {
            return Err(Unusable::TooCostly(ARGON2, "1 GiB, 64 lanes and 16 GiB in all passes"));
        }
        Ok(Self::Argon2 { algorithm, version, params, salt, key })
    }

    fn parse_wire(stored: &str) -> Option<Self> {
        let (salt, key) = stored.split_once(':')?;
        let key = hex::decode(key).ok()?;
        (!salt.is_empty() && key.len() == SCRYPT_KEY_LEN).then(|| Self::Scrypt { salt: salt.to_owned(), key })
    }

    /// Refuses what may be verified, but not be brought in.
    pub(super) fn check_import(&self) -> Result<(), Unusable> {
        match self {
            Self::Argon2 { params, .. } if total_kib(params) > MAX_IMPORTED_KIB => {
                Err(Unusable::TooCostly(ARGON2, "2 GiB in all passes"))
            }
            _ => Ok(()),
        }
    }

    /// A stand-in for the hash of a user who does not exist. No password
    /// matters against it; only the time spent does.
    pub(super) fn dummy(scheme: Scheme, params: Argon2Params) -> Result<Self, PasswordError> {
        Ok(match scheme {
            Scheme::Argon2id => Self::Argon2 {
                algorithm: Algorithm::Argon2id,
                version: Version::V0x13,
                params: checked_params(params)?,
                salt: vec![0; SALT_LEN],
                key: vec![0; ARGON2_KEY_LEN],
            },
            Scheme::Scrypt => Self::Scrypt { salt: "0".repeat(2 * SALT_LEN), key: vec![0; SCRYPT_KEY_LEN] },
        })
    }

    /// Whether a new hash would look the same.
    pub(super) fn is_current(&self, scheme: Scheme, wanted: Argon2Params) -> bool {
        match self {
            Self::Argon2 { algorithm, version, params, salt, key } => {
                scheme == Scheme::Argon2id
                    && (*algorithm, *version) == (Algorithm::Argon2id, Version::V0x13)
                    && params.m_cost() == wanted.memory_kib
                    && params.t_cost() == wanted.iterations
                    && params.p_cost() == wanted.parallelism
                    && salt.len() >= SALT_LEN
                    && key.len() == ARGON2_KEY_LEN
            }
            Self::Scrypt { .. } => scheme == Scheme::Scrypt,
            Self::Foreign(_) => false,
        }
    }

    /// Whether it is in a format that nobody wants to keep: the reader of the database is this server
    /// or, where `scheme` is the wire's, the original one, which reads nothing else.
    pub(super) fn is_foreign(&self, scheme: Scheme) -> bool {
        match self {
            Self::Argon2 { algorithm, version, .. } => {
                scheme == Scheme::Scrypt || (*algorithm, *version) != (Algorithm::Argon2id, Version::V0x13)
            }
            Self::Scrypt { .. } => false,
            Self::Foreign(_) => true,
        }
    }

    /// Roughly how long a verification takes, in microseconds.
    pub(super) fn micros(&self) -> u64 {
        match self {
            Self::Argon2 { params, .. } => total_kib(params) / 2,
            Self::Scrypt { .. } => 80_000,
            Self::Foreign(foreign) => foreign.micros(),
        }
    }
}

/// Refuses costs outside Argon2's range and ours.
pub(super) fn checked_params(params: Argon2Params) -> Result<Params, PasswordError> {
    Params::new(params.memory_kib, params.iterations, params.parallelism, Some(ARGON2_KEY_LEN))
        .ok()
        .filter(is_reasonable)
        .ok_or(PasswordError::InvalidParams)
}

fn is_reasonable(params: &Params) -> bool {
    params.m_cost() <= MAX_MEMORY_KIB
        && params.p_cost() <= MAX_PARALLELISM
        && total_kib(params) <= MAX_TOTAL_KIB
}

fn total_kib(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}

/// Makes `memory` hold `blocks` blocks; running out of memory is an error, not
/// the end of the process.
pub(super) fn reserve(memory: &mut Vec<Block>, blocks: usize) -> Result<(), PasswordError> {
    let missing = blocks.saturating_sub(memory.len());
    memory.try_reserve_exact(missing).map_err(|_| PasswordError::Failed)?;
    if missing > 0 {
        memory.resize(blocks, Block::default());
    }
    Ok(())
}

/// Computes into `key`; the length of `key` is part of the computation.
pub(super) fn argon2(
    (algorithm, version): (Algorithm, Version),
    params: &Params,
    password: &[u8],
    salt: &[u8],
    key: &mut [u8],
    memory: &mut [Block],
) -> Result<(), PasswordError> {
    Argon2::new(algorithm, version, params.clone())
        .hash_password_into_with_memory(password, salt, key, memory)
        .map_err(|_| PasswordError::Failed)
}

/// The PHC string of a computed key.
pub(super) fn write_argon2id(params: &Params, salt: &[u8], key: &[u8]) -> String {
    format!(
        "$argon2id$v=19$m={},t={},p={}${}${}",
        params.m_cost(),
        params.t_cost(),
        params.p_cost(),
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(key)
    )
}

pub(super) fn hash_scrypt(password: &[u8], salt: [u8; SALT_LEN]) -> Result<String, PasswordError> {
    let salt = hex::encode(salt);
    let key = scrypt_key(password, &salt)?;
    Ok(format!("{salt}:{}", hex::encode(*key)))
}

pub(super) fn verify_scrypt(password: &[u8], salt: &str, key: &[u8]) -> Result<bool, PasswordError> {
    Ok(constant_time_eq(&*scrypt_key(password, salt)?, key))
}

/// N=16384, r=16, p=1: the only costs the format knows.
fn scrypt_key(password: &[u8], salt: &str) -> Result<Zeroizing<[u8; SCRYPT_KEY_LEN]>, PasswordError> {
    let params = scrypt::Params::new(14, 16, 1).map_err(|_| PasswordError::Failed)?;
    let mut key = Zeroizing::new([0; SCRYPT_KEY_LEN]);
    scrypt::scrypt(password, salt.as_bytes(), &params, &mut *key).map_err(|_| PasswordError::Failed)?;
    Ok(key)
}
