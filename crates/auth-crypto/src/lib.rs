//! Password hashing, signed cookies, tokens, sealed secrets.
//!
//! Everything that touches a key or a password lives here, and nothing else
//! does: no I/O, no clock. Time and randomness come in as parameters, so every
//! function can be tested against fixed vectors.

pub mod cookie_cache;
pub mod cookie_value;
pub mod cookies;
mod js_json;
pub mod jwe;
pub mod jws;
pub mod jwt;
pub mod keys;
pub mod password;
pub mod rng;
pub mod sealed;
pub mod secret;
pub mod secrets;
pub mod token_hash;

pub use cookie_cache::Strategy;
pub use cookie_value::{CookieSigner, decode_component, encode_component};
pub use jwt::JwtError;
pub use password::{
    Argon2Params, PasswordError, PasswordPool, PoolConfig, PoolStats, Scheme, Unusable, Verdict, check_import,
};
pub use rng::{Alphabet, OsRng, Rng, SeededRng, random_string};
pub use sealed::SealError;
pub use secret::{Secret, constant_time_eq};
pub use secrets::{Secrets, SecretsError};
pub use token_hash::{hmac_b64url, keyed_b64url, sha256_b64url};
/// Re-exported because sealed values and derived keys are handed out in it.
pub use zeroize::Zeroizing;

#[cfg(test)]
pub(crate) mod vectors {
    //! Test data shared by the unit tests.

    /// The public secret all wire vectors were recorded with.
    pub(crate) const SECRET: &str = "q7Jm2vXc9TzLr4Yd8KwPn3HsBg6FeUa1RtVo5ZiEx0C";
}
