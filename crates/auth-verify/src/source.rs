//! Where keys come from: the server's key set, kept for a while, asked for by one at a time.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::{sync::Mutex, task::JoinHandle};

use crate::{
    Clock, Fetch, VerifyError,
    fetch::FetchError,
    key::{Key, KeySet},
};

/// The longest key set that is read.
pub(crate) const LIMIT: usize = 256 * 1024;

pub(crate) struct Times {
    /// How long a key set counts without a question.
    pub(crate) cache: Duration,
    /// How much longer it counts where the server does not answer.
    pub(crate) stale: Duration,
    /// The least time between two questions.
    pub(crate) floor: Duration,
    /// How long one question may take.
    pub(crate) timeout: Duration,
}

pub(crate) struct KeySource {
    url: String,
    fetcher: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    times: Times,
    state: RwLock<State>,
    /// Held by the one who asks.
    turn: Mutex<()>,
    /// By how many of 256 pauses are shorter here, up to a quarter: services that lost the server at the
    /// same moment do not come back in step.
    early: u32,
}

#[derive(Default)]
struct State {
    keys: Option<(Arc<KeySet>, Duration)>,
    /// When the last question ended.
    asked: Option<Duration>,
    /// How many questions failed since the last answer.
    failures: u32,
}

/// What is known without a question.
enum Known {
    /// A key set that has the key.
    Key(Arc<KeySet>),
    /// Nothing, and there is no asking now.
    No(VerifyError),
    /// It takes a question; where that fails, these still count.
    Ask(Option<Arc<KeySet>>),
}

impl KeySource {
    pub(crate) fn new(url: String, fetcher: Arc<dyn Fetch>, clock: Arc<dyn Clock>, times: Times) -> Self {
        Self {
            url,
            fetcher,
            clock,
            times,
            state: RwLock::default(),
            turn: Mutex::new(()),
            early: random() % 64,
        }
    }

    /// Calls `with` with the key of that id. It runs at most one question, and waits for it.
    pub(crate) async fn with_key<R>(
        self: &Arc<Self>,
        kid: &str,
        with: impl FnOnce(&Key) -> R,
    ) -> Result<R, VerifyError> {
        let keys = match self.known(kid) {
            Known::Key(keys) => keys,
            Known::No(error) => return Err(error),
            // The server is known to be away: who has a key that still counts does not wait.
            Known::Ask(Some(stale)) if self.read().failures > 0 => {
                if self.turn.try_lock().is_ok() {
                    self.ask();
                }
                stale
            }
            Known::Ask(_) => {
                let _ = self.ask().await;
                match self.known(kid) {
                    Known::Key(keys) | Known::Ask(Some(keys)) => keys,
                    Known::No(error) => return Err(error),
                    Known::Ask(None) => return Err(VerifyError::KeysUnavailable),
                }
            }
        };
        keys.get(kid).map(with).ok_or(VerifyError::UnknownKey)
    }

    /// A task of its own: who goes away does not take the question along, or a caller could ask for as
    /// many as it hangs up on.
    fn ask(self: &Arc<Self>) -> JoinHandle<()> {
        let source = Arc::clone(self);
        tokio::spawn(async move { source.refresh().await })
    }

    fn known(&self, kid: &str) -> Known {
        let now = self.clock.now();
        let state = self.read();
        let may_ask = self.may_ask(&state, now);
        let Some((keys, from)) = &state.keys else {
            return if may_ask { Known::Ask(None) } else { Known::No(VerifyError::KeysUnavailable) };
        };
        // A clock that was set back counts as one that was set forward.
        let age = now.abs_diff(*from);
        let still_counts = age < self.times.cache.saturating_add(self.times.stale);
        let has_it = keys.get(kid).is_some();
        if has_it && (age < self.times.cache || still_counts && !may_ask) {
            return Known::Key(Arc::clone(keys));
        }
        match (may_ask, still_counts) {
            (true, true) => Known::Ask(has_it.then(|| Arc::clone(keys))),
            (true, false) => Known::Ask(None),
            (false, true) => Known::No(VerifyError::UnknownKey),
            (false, false) => Known::No(VerifyError::KeysUnavailable),
        }
    }

    /// After an answer the floor holds. After a failure it is one second, two, four, up to the floor:
    /// a service that starts before the server need not wait long.
    fn may_ask(&self, state: &State, now: Duration) -> bool {
        let wait = match state.failures.checked_sub(1) {
            None => self.times.floor,
            Some(further) => {
                let pause = Duration::from_secs(1 << further.min(16)).min(self.times.floor);
                pause.saturating_sub(pause * self.early / 256)
            }
        };
        state.asked.is_none_or(|asked| now.abs_diff(asked) >= wait)
    }

    async fn refresh(&self) {
        let _turn = self.turn.lock().await;
        if !self.may_ask(&self.read(), self.clock.now()) {
            return; // Another has asked meanwhile.
        }
        let answer = tokio::time::timeout(self.times.timeout, self.fetcher.fetch(&self.url, LIMIT)).await;
        let keys = answer.unwrap_or(Err(FetchError::TimedOut)).and_then(|body| {
            if body.len() > LIMIT {
                return Err(FetchError::TooLarge);
            }
            KeySet::parse(&body).ok_or(FetchError::NoKeySet)
        });
        let now = self.clock.now();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.asked = Some(now);
        match keys {
            Ok(keys) => {
                state.keys = Some((Arc::new(keys), now));
                state.failures = 0;
            }
            Err(error) => {
                tracing::warn!(url = self.url, %error, "no keys");
                state.failures = state.failures.saturating_add(1);
            }
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Good enough to be out of step with others.
fn random() -> u32 {
    let [.., a, b, c, d] = RandomState::new().hash_one(()).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
