//! What one hashing thread does, with memory it keeps between hashes.

use argon2::{Block, Params};
use zeroize::Zeroizing;

use super::kdf::{self, SALT_LEN, Stored};
use super::{PasswordError, Scheme};

/// One task for a thread. The password is wiped with it.
pub(super) enum Work {
    Hash {
        password: Zeroizing<String>,
        salt: [u8; SALT_LEN],
    },
    Verify {
        password: Zeroizing<String>,
        stored: Stored,
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
                        let key = self.argon2id(&self.params.clone(), password, &salt)?;
                        Ok(kdf::write_argon2id(&self.params, &salt, &*key))
                    }
                    Scheme::Scrypt => kdf::hash_scrypt(password, salt),
                }
                .map(Answer::Hashed)
            }
            Work::Verify { password, stored } => {
                let password = password.as_bytes();
                match stored {
                    Stored::Argon2id { params, salt, key } => {
                        let mut computed = Zeroizing::new(vec![0; key.len()]);
                        self.argon2id_into(&params, password, &salt, &mut computed)?;
                        Ok(crate::constant_time_eq(&computed, &key))
                    }
                    Stored::Scrypt { salt, key } => kdf::verify_scrypt(password, &salt, &key),
                }
                .map(Answer::Matches)
            }
            #[cfg(test)]
            Work::Call(call) => {
                call();
                Ok(Answer::Matches(true))
            }
        }
    }

    fn argon2id(
        &mut self,
        params: &Params,
        password: &[u8],
        salt: &[u8],
    ) -> Result<Zeroizing<[u8; kdf::ARGON2_KEY_LEN]>, PasswordError> {
        let mut key = Zeroizing::new([0; kdf::ARGON2_KEY_LEN]);
        self.argon2id_into(params, password, salt, &mut *key)?;
        Ok(key)
    }

    fn argon2id_into(
        &mut self,
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
            return kdf::argon2id(params, password, salt, key, &mut memory);
        }
        kdf::reserve(&mut self.memory, blocks)?;
        kdf::argon2id(params, password, salt, key, &mut self.memory)
    }
}
