//! Attempts at an account, which have to wait ever longer after some that failed.
//!
//! An attempt is reserved *before* the secret is looked at, so that of any number at once no more than the
//! free ones are looked at, and the counter is forgotten when one succeeds. Attempts are counted by what
//! the account is called, whether or not there is one, so nobody learns which accounts there are.
//!
//! A stranger cannot lock the owner out: a browser in which somebody signed in to the account before has a
//! signed cookie that says so, and a counter of its own. Only browsers that the account does not know
//! share one.

use std::time::Duration;

use crate::{
    Failure, Timestamp,
    call::{Call, SetCookie},
    crypto::Alphabet,
    rate::{Ask, Limit, Verdict},
};

/// The cookie of a browser that accounts know.
const COOKIE: &str = "known_device";

/// Accounts that one browser is known to, the latest first.
const MOST_ACCOUNTS: usize = 8;

const ID_LENGTH: usize = 16;

/// How long attempts wait.
///
/// ```
/// use std::time::Duration;
///
/// use auth_core::{Call, Failure, http::StatusCode, lockout::Lockout};
///
/// const LOCKOUT: Lockout =
///     Lockout::new(5, Duration::from_secs(30), Duration::from_secs(900), Duration::from_secs(30 * 86_400));
///
/// async fn check_code(call: &Call, user_id: &str, right: bool) -> Result<bool, Failure> {
///     let attempt = LOCKOUT.attempt(call, user_id).await?.map_err(|locked| {
///         Failure::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_ATTEMPTS", "Try again later")
///             .with("retryAfter", locked.retry_after)
///     })?;
///     if right {
///         LOCKOUT.release(call, user_id).await?;
///     }
///     # let _ = attempt;
///     Ok(right)
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lockout {
    limit: Limit,
    known_for: Duration,
}

/// An attempt that may be made.
#[derive(Debug)]
#[must_use]
pub struct Attempt {
    ask: Ask,
    /// From a browser that the account knows.
    pub known: bool,
    /// For how many seconds there is no other one, if this one fails.
    pub pause: Option<u64>,
}

/// An attempt that has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locked {
    /// Seconds.
    pub retry_after: u64,
    /// From a browser that the account knows.
    pub known: bool,
}

/// A browser, and the accounts that know it.
struct Device {
    id: String,
    until: i64,
    accounts: Vec<String>,
}

impl Device {
    /// What the cookie of a request says.
    fn of(call: &Call) -> Option<Self> {
        let text = call.signed_cookie(COOKIE)?;
        let mut parts = text.split('.');
        let (id, until) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        let accounts = parts.take(MOST_ACCOUNTS).map(str::to_owned).collect();
        Some(Self { id, until, accounts }).filter(|device| device.until > call.core().now().unix_seconds())
    }

    fn text(&self) -> String {
        let head = format!("{}.{}", self.id, self.until);
        self.accounts.iter().fold(head, |text, account| format!("{text}.{account}"))
    }
}

/// An account as cookies and counters have it.
fn mark(call: &Call, account: &str) -> String {
    call.core().fingerprint("lockout", account)
}

async fn forget(call: &Call, ask: &Ask) -> Result<(), Failure> {
    let core = call.core();
    core.limiter().forget(ask, core.now().unix_millis()).await
}

impl Lockout {
    /// `free` attempts, then a pause of `first` that doubles up to `longest`. A browser is known for as long
    /// as `known_for` after it signed in.
    #[must_use]
    pub const fn new(free: u64, first: Duration, longest: Duration, known_for: Duration) -> Self {
        Self { limit: Limit::growing(free, first, longest), known_for }
    }

    fn ask(&self, call: &Call, account: &str) -> (Ask, bool) {
        let account = mark(call, account);
        let device = Device::of(call).filter(|device| device.accounts.contains(&account));
        let key = match &device {
            Some(device) => format!("lockout|{account}|{}", device.id),
            None => format!("lockout|{account}"),
        };
        (Ask::new(key, self.limit), device.is_some())
    }

    /// Takes an attempt at an account, called as the database calls it. Do it before anything is looked up,
    /// and outside of a transaction.
    pub async fn attempt(&self, call: &Call, account: &str) -> Result<Result<Attempt, Locked>, Failure> {
        let (ask, known) = self.ask(call, account);
        let core = call.core();
        let verdict = core.limiter().hit(std::slice::from_ref(&ask), core.now().unix_millis()).await?;
        Ok(match verdict {
            Verdict::Allowed { standing, .. } => {
                let pause = (standing.remaining == 0).then_some(standing.reset);
                Ok(Attempt { ask, known, pause })
            }
            Verdict::Refused { retry_after, .. } => Err(Locked { retry_after, known }),
        })
    }

    /// Forgets failed attempts of strangers, and of the browser that asks: its user has proved by
    /// other means who they are.
    pub async fn release(&self, call: &Call, account: &str) -> Result<(), Failure> {
        let strangers = Ask::new(format!("lockout|{}", mark(call, account)), self.limit);
        forget(call, &strangers).await?;
        let (own, known) = self.ask(call, account);
        if known { forget(call, &own).await } else { Ok(()) }
    }

    /// The browser is known to the account from now on. For when its user has signed in, and nothing
    /// more is asked of them.
    pub fn remember(&self, call: &Call, account: &str) {
        let core = call.core();
        let account = mark(call, account);
        let known = Device::of(call);
        let mut accounts = known.as_ref().map(|device| device.accounts.clone()).unwrap_or_default();
        accounts.retain(|other| *other != account);
        accounts.insert(0, account);
        accounts.truncate(MOST_ACCOUNTS);
        let id = known.map_or_else(|| core.random(ID_LENGTH, Alphabet::AlphaNumeric), |device| device.id);
        let until: Timestamp = core.now().plus(self.known_for);
        let device = Device { id, until: until.unix_seconds(), accounts };
        let value = core.signer().sign(&device.text());
        let name = core.settings().cookies.name(COOKIE);
        call.set_cookie(SetCookie::new(name, value, Some(self.known_for.as_secs())));
    }
}

impl Attempt {
    /// It was the right secret: what failed before is forgotten.
    pub async fn succeeded(self, call: &Call) -> Result<(), Failure> {
        forget(call, &self.ask).await
    }
}
