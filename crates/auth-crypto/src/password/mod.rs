//! Password hashing on a bounded pool of threads.
//!
//! Hashing is slow and memory-hungry on purpose. It never runs on an async
//! thread, no more hashes run at once than there are threads, and a caller that
//! would wait too long is turned away at once.

mod foreign;
mod kdf;
mod queue;
mod work;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::rng::Rng;
use kdf::Stored;
use queue::Queue;
use work::{Answer, Work, Worker};

/// Cost of an Argon2id hash. The default is OWASP's first choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Params {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Default for Argon2Params {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

/// The format new hashes are written in. Both are always verified, and so are bcrypt, PBKDF2, scrypt
/// with its costs beside it, and every kind of Argon2, for those who come from other systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// PHC string, `$argon2id$v=19$…`.
    #[default]
    Argon2id,
    /// The wire's own `salt:key`; keeps the database readable for the original
    /// server.
    Scrypt,
}

/// Size and limits of a [`PasswordPool`].
#[derive(Debug, Clone)]
pub struct PoolConfig {
    /// Hashes running at once.
    pub threads: usize,
    /// Hashes waiting at most.
    pub queue: usize,
    /// How long one may wait before it starts.
    pub max_wait: Duration,
    /// Cost of new Argon2id hashes.
    pub params: Argon2Params,
    /// Format of new hashes.
    pub scheme: Scheme,
}

impl Default for PoolConfig {
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            threads,
            queue: threads.saturating_mul(32),
            max_wait: Duration::from_secs(2),
            params: Argon2Params::default(),
            scheme: Scheme::default(),
        }
    }
}

/// What comparing a password with a stored hash found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The password is the right one.
    pub matches: bool,
    /// The stored hash has another format or cost than new ones get.
    pub needs_rehash: bool,
    /// It is in another system's format: nobody wants to keep it.
    pub foreign: bool,
}

/// Why a hash of another system cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("the password hash is in no format that is known here")]
    Unknown,
    #[error("the {0} hash is malformed")]
    Malformed(&'static str),
    /// The format, and what it may cost.
    #[error("the {0} hash costs more than {1}")]
    TooCostly(&'static str, &'static str),
}

/// Whether [`PasswordPool::verify`] takes this hash of another system, and its cost is one that every
/// attempt to sign in may have.
pub fn check_import(stored: &str) -> Result<(), Unusable> {
    Stored::parse(stored)?.check_import()
}

/// Work of the pool at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolStats {
    /// Waiting to start.
    pub queued: usize,
    /// Being computed.
    pub running: usize,
}

/// Why there is no answer about a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too much to do; nothing was computed.
    #[error("password hashing is overloaded")]
    Overloaded {
        /// When trying again is worthwhile, in whole seconds.
        retry_after: Duration,
    },
    /// The stored value is in no known format, or its cost is unreasonable.
    #[error("stored password hash is malformed")]
    Malformed,
    /// The configured costs are out of Argon2's range.
    #[error("invalid password hashing parameters")]
    InvalidParams,
    /// The computation broke off (no memory, a panic, no thread).
    #[error("password hashing failed")]
    Failed,
}

/// Threads that hash passwords, and the queue in front of them.
pub struct PasswordPool {
    queue: Arc<Queue>,
    rng: Arc<dyn Rng>,
    max_wait: Duration,
    scheme: Scheme,
    params: Argon2Params,
    /// The costliest stored hash so far that is not as new ones are.
    costliest: Mutex<Option<Stored>>,
}

impl PasswordPool {
    /// Starts the threads. `rng` gives the salts.
    pub fn new(config: PoolConfig, rng: Arc<dyn Rng>) -> Result<Self, PasswordError> {
        let params = kdf::checked_params(config.params)?;
        let threads = config.threads.max(1);
        let pool = Self {
            queue: Arc::new(Queue::new(config.queue.max(1), threads)),
            rng,
            max_wait: config.max_wait,
            scheme: config.scheme,
            params: config.params,
            costliest: Mutex::default(),
        };
        for index in 0..threads {
            let queue = Arc::clone(&pool.queue);
            let mut worker = Worker::new(params.clone(), config.scheme);
            thread::Builder::new()
                .name(format!("password-{index}"))
                .spawn(move || queue.serve(|work| worker.run(work)))
                .map_err(|_| PasswordError::Failed)?;
        }
        Ok(pool)
    }

    /// Hashes a new password in the configured format.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let mut salt = [0_u8; kdf::SALT_LEN];
        self.rng.fill(&mut salt);
        let password = normalise(password);
        match self.submit(Work::Hash { password, salt }).await? {
            Answer::Hashed(stored) => Ok(stored),
            Answer::Matches(_) => Err(PasswordError::Failed),
        }
    }

    /// Compares a password with a stored hash of any known format.
    ///
    /// A wrong one costs what [`dummy_verify`](Self::dummy_verify) does: once there was a hash of
    /// another format or cost, all that fail cost as much as the two together.
    pub async fn verify(&self, password: &str, stored: &str) -> Result<Verdict, PasswordError> {
        let stored = Stored::parse(stored).map_err(|_| PasswordError::Malformed)?;
        let needs_rehash = !stored.is_current(self.scheme, self.params);
        let foreign = stored.is_foreign(self.scheme);
        let after = if needs_rehash {
            self.remember(&stored);
            Some(self.dummy()?)
        } else {
            self.costliest()
        };
        let password = Zeroizing::new(password.to_owned());
        let work = Work::Verify { password, stored: Box::new(stored), after: after.map(Box::new) };
        match self.submit(work).await? {
            Answer::Matches(matches) => Ok(Verdict { matches, needs_rehash, foreign }),
            Answer::Hashed(_) => Err(PasswordError::Failed),
        }
    }

    /// Costs what a wrong password costs, so that an unknown user takes as long.
    pub async fn dummy_verify(&self, password: &str) -> Result<(), PasswordError> {
        let (stored, after) = (self.dummy()?, self.costliest());
        let password = Zeroizing::new(password.to_owned());
        self.submit(Work::Verify { password, stored: Box::new(stored), after: after.map(Box::new) }).await?;
        Ok(())
    }

    /// Whether a stored hash is as new ones are.
    pub fn is_current(&self, stored: &str) -> bool {
        Stored::parse(stored).is_ok_and(|stored| stored.is_current(self.scheme, self.params))
    }

    fn dummy(&self) -> Result<Stored, PasswordError> {
        Stored::dummy(self.scheme, self.params)
    }

    fn costliest(&self) -> Option<Stored> {
        self.costliest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, stored: &Stored) {
        let mut costliest = self.costliest.lock().unwrap_or_else(PoisonError::into_inner);
        if costliest.as_ref().is_none_or(|known| known.micros() < stored.micros()) {
            *costliest = Some(stored.clone());
        }
    }

    /// A snapshot for load indicators.
    pub fn stats(&self) -> PoolStats {
        self.queue.stats()
    }

    /// Queues `work` and waits, bounded, for its start and then for its end.
    async fn submit(&self, work: Work) -> Result<Answer, PasswordError> {
        let (reply, mut answer) = oneshot::channel();
        let Some(id) = self.queue.push(work, reply) else {
            return Err(self.overloaded());
        };
        // Also runs when this future is dropped: work nobody waits for and
        // that has not started is taken out again.
        let ticket = Ticket { queue: &self.queue, id };
        let received = match tokio::time::timeout(self.max_wait, &mut answer).await {
            Ok(received) => received,
            Err(_) if ticket.withdraw() => return Err(self.overloaded()),
            // It has started, so the answer is near.
            Err(_) => answer.await,
        };
        received.unwrap_or(Err(PasswordError::Failed))
    }

    fn overloaded(&self) -> PasswordError {
        PasswordError::Overloaded { retry_after: self.queue.drain_estimate() }
    }
}

impl Drop for PasswordPool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl fmt::Debug for PasswordPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordPool").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

/// A place in the queue, given up on drop.
struct Ticket<'a> {
    queue: &'a Queue,
    id: u64,
}

impl Ticket<'_> {
    /// False if the work has already started.
    fn withdraw(&self) -> bool {
        self.queue.withdraw(self.id)
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.withdraw();
    }
}

/// NFKC, so that a password typed on another keyboard or system stays the same.
fn normalise(password: &str) -> Zeroizing<String> {
    if password.is_ascii() {
        return Zeroizing::new(password.to_owned());
    }
    // Measured first: growing the text would leave copies in freed memory.
    let len = password.nfkc().map(char::len_utf8).sum();
    let mut text = Zeroizing::new(String::with_capacity(len));
    text.extend(password.nfkc());
    text
}

#[cfg(test)]
mod tests;
