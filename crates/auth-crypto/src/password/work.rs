//! What one hashing thread does, with memory it keeps between hashes.

use argon2::{Algorithm, Block, Params, Version};
use zeroize::Zeroizing;

use super::kdf::{self, SALT_LEN, Stored};
use super::{PasswordError, Scheme, normalise};

/// One task for a thread. The password is wiped with it.
pub(super) enum Work {
    Hash {
        password: Zeroizing<String>,
        salt: [u8; SALT_LEN],
    },
    Verify {
        /// As it was typed.
        password: Zeroizing<String>,
        stored: Box<Stored>,
        /// Computed as well where the password is wrong, so that all wrong ones take as long.
        after: Option<Box<Stored>>,
    },
    #[cfg(test)]
    Call(Box<dyn FnOnce() + Send>),
}

/// The result of a task.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Hashed(String),
    Matches(bool),
}

/// The state of one thread.
pub(super) struct Worker {
    params: Params,
    scheme: Scheme,
    /// Allocating and faulting in the memory costs about as much as half a
    /// hash, so it is kept. Each hash overwrites it from the start.
    memory: Vec<Block>,
}

impl Worker {
    pub(super) fn new(params: Params, scheme: Scheme) -> Self {
        Self { params, scheme, memory: Vec::new() }
    }

    pub(super) fn run(&mut self, work: Work) -> Result<Answer, PasswordError> {
        match work {
            Work::Hash { password, salt } => {
                let password = password.as_bytes();
                match self.scheme {
                    Scheme::Argon2id => {
                        let mut key = Zeroizing::new([0; kdf::ARGON2_KEY_LEN]);
                        let kind = (Algorithm::Argon2id, Version::V0x13);
                        self.argon2(kind, &self.params.clone(), password, &salt, &mut *key)?;
                        Ok(kdf::write_argon2id(&self.params, &salt, &*key))
                    }
                    Scheme::Scrypt => kdf::hash_scrypt(password, salt),
                }
                .map(Answer::Hashed)
            }
            Work::Verify { password, stored, after } => {
                let matches = self.matches(&password, &stored)?;
                if let Some(after) = after.filter(|_| !matches) {
                    self.matches(&password, &after)?;
                }
                Ok(Answer::Matches(matches))
            }
            #[cfg(test)]
            Work::Call(call) => {
                call();
                Ok(Answer::Matches(true))
            }
        }
    }

    fn matches(&mut self, typed: &str, stored: &Stored) -> Result<bool, PasswordError> {
        match stored {
            Stored::Argon2 { algorithm, version, params, salt, key } => {
                let mut computed = Zeroizing::new(vec![0; key.len()]);
                let mut is = |password: &str| {
                    self.argon2((*algorithm, *version), params, password.as_bytes(), salt, &mut computed)?;
                    Ok(crate::constant_time_eq(&computed, key))
                };
                let password = normalise(typed);
                // A hash of another system was made of what was typed. Ours never matches that.
                Ok(is(&password)? || (*password != typed && is(typed)?))
            }
            Stored::Scrypt { salt, key } => kdf::verify_scrypt(normalise(typed).as_bytes(), salt, key),
            Stored::Foreign(foreign) => foreign.verify(typed.as_bytes()),
        }
    }

    fn argon2(
        &mut self,
        kind: (Algorithm, Version),
        params: &Params,
        password: &[u8],
        salt: &[u8],
        key: &mut [u8],
    ) -> Result<(), PasswordError> {
        let blocks = params.block_count();
        if blocks > self.params.block_count() {
            // A stored hash may be costlier than new ones. That memory is not
            // kept, or one such user would raise the footprint for good.
            let mut memory = Vec::new();
            kdf::reserve(&mut memory, blocks)?;
            return kdf::argon2(kind, params, password, salt, key, &mut memory);
        }
        kdf::reserve(&mut self.memory, blocks)?;
        kdf::argon2(kind, params, password, salt, key, &mut self.memory)
    }
}
