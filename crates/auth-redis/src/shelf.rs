//! What nodes share: sealed values under hashed names, for as long as Redis cares to keep them.
//!
//! Who finds nothing leaves a *claim* there and reads the database. A value is only put in the place of the
//! claim, or of the useless value, that its reader has found; a removal takes both away. So what was
//! read before a change cannot be put after it, and whatever Redis loses, it loses the right to put with it.
//!
//! Redis can also lose a removal: it is away, or a replica that has not heard of it becomes the master. Then
//!
//! - a node that has not got a removal through is silent until it has, so after 3.5 seconds the others
//!   are out of touch, and neither ask Redis nor trust their memories;
//! - a node that gets in touch again begins an *epoch*, and all nodes follow: values of another epoch are
//!   not found.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use auth_core::{
    Core, Timestamp,
    crypto::{Alphabet, sealed},
    ports::{Claim, Nodes, Shared, SharedKey, Shelf},
};
use deadpool_redis::redis::{self, Script};
use futures_util::future::join_all;
use sha2::{Digest, Sha256};

use crate::{bus::Bus, link::Away};

/// How long a reader has to put what it read.
const CLAIM: Duration = Duration::from_secs(10);
/// What claims and values begin with.
const IS_CLAIM: char = 'c';
const IS_VALUE: char = 'v';
/// Names that are remembered for being removed; with more, everything is.
const MOST_DEBTS: usize = 10_000;
/// Commands that are under way at once when debts are paid.
const AT_ONCE: usize = 200;

const FIND: &str = r"
local found = redis.call('GET', KEYS[1])
if found then return found end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
";

const PUT: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
";

/// By the clock, so that an epoch never comes again, even where Redis has lost the last one.
const EPOCH: &str = r"
local last = tonumber(redis.pcall('GET', KEYS[1])) or 0
if last > 4503599627370496 then last = 0 end
local time = redis.call('TIME')
local epoch = math.max(last, tonumber(ARGV[1]), time[1] * 1000 + math.floor(time[2] / 1000)) + 1
redis.call('SET', KEYS[1], string.format('%.0f', epoch))
return epoch
";

pub(crate) struct Scripts {
    find: Script,
    put: Script,
    epoch: Script,
}

impl Default for Scripts {
    fn default() -> Self {
        Self { find: Script::new(FIND), put: Script::new(PUT), epoch: Script::new(EPOCH) }
    }
}

/// Removals that did not get through.
#[derive(Default)]
pub(crate) struct Debts {
    owed: Mutex<Owed>,
    /// Whether there are any, for who is in a hurry.
    any: AtomicBool,
}

#[derive(Default)]
struct Owed {
    names: Vec<String>,
    everything: bool,
}

impl Debts {
    fn owed(&self) -> MutexGuard<'_, Owed> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn are_there(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    fn add(&self, names: Vec<String>) {
        let mut owed = self.owed();
        owed.names.extend(names);
        if owed.names.len() > MOST_DEBTS {
            (owed.names, owed.everything) = (Vec::new(), true);
        }
        self.any.store(true, Ordering::Release);
    }

    fn add_everything(&self) {
        self.owed().everything = true;
        self.any.store(true, Ordering::Release);
    }

    /// They stay until they are paid: whoever pays can be stopped in the middle.
    fn next(&self) -> (Vec<String>, bool) {
        let owed = self.owed();
        (owed.names.iter().take(AT_ONCE).cloned().collect(), owed.everything)
    }

    fn paid(&self, names: &[String], everything: bool) {
        let mut owed = self.owed();
        // New ones come at the end.
        let count = names.len().min(owed.names.len());
        owed.names.drain(..count);
        owed.everything &= !everything;
        self.any.store(owed.everything || !owed.names.is_empty(), Ordering::Release);
    }
}

/// How it stands with what a node owes.
pub(crate) enum Settled {
    /// There was nothing.
    Nothing,
    /// It is done, and was not in time.
    Late,
    NotYet,
}

impl Bus {
    fn shelf_name(&self, key: SharedKey<'_>) -> String {
        let mut digest = Sha256::new();
        for part in [key.kind.as_bytes(), &[0], key.key.as_bytes()] {
            digest.update(part);
        }
        let digest = digest.finalize();
        self.redis.name(&format!("shared:{}", hex::encode(digest.get(..16).unwrap_or_default())))
    }

    /// Whether what Redis has can be believed.
    fn trusts_shelf(&self) -> bool {
        self.in_touch() && !self.debts.are_there()
    }

    /// Nothing that was put before is found any more, by any node that hears of the epoch.
    pub(crate) async fn begin_epoch(&self, known: u64) -> Result<u64, Away> {
        let known = known.max(self.epoch.load(Ordering::Acquire));
        self.redis.script(&self.scripts.epoch, &[self.redis.name("epoch")], &[known]).await
    }

    async fn unlink(&self, names: &[String]) -> Vec<Result<(), Away>> {
        join_all(names.iter().map(|name| async move {
            let mut command = redis::cmd("UNLINK");
            self.redis.run::<i64>(command.arg(name)).await.map(drop)
        }))
        .await
    }

    /// Removes what could not be removed before.
    pub(crate) async fn settle(&self) -> Settled {
        if !self.debts.are_there() {
            return Settled::Nothing;
        }
        while self.debts.are_there() {
            let (names, everything) = self.debts.next();
            if everything {
                let Ok(epoch) = self.begin_epoch(0).await else { return Settled::NotYet };
                self.epoch.fetch_max(epoch, Ordering::AcqRel);
            } else if self.unlink(&names).await.iter().any(Result::is_err) {
                return Settled::NotYet;
            }
            self.debts.paid(&names, everything);
        }
        Settled::Late
    }

    fn seal(&self, core: &Core, name: &str, value: &[u8]) -> String {
        let epoch = self.epoch.load(Ordering::Acquire);
        let mut text = format!("{name} {epoch} {}\n", core.now().unix_millis()).into_bytes();
        text.extend_from_slice(value);
        format!("{IS_VALUE}{}", sealed::seal(core.rng(), &core.settings().secrets, &text))
    }

    /// A value of this name and epoch, and when it was put. Whatever else is there is of no use.
    fn open(&self, core: &Core, name: &str, found: &[u8]) -> Option<(Vec<u8>, Timestamp)> {
        let text = std::str::from_utf8(found).ok()?.strip_prefix(IS_VALUE)?;
        let opened = sealed::open(&core.settings().secrets, text).ok()?;
        let end = opened.iter().position(|byte| *byte == b'\n')?;
        let (head, value) = opened.split_at_checked(end)?;
        let mut head = std::str::from_utf8(head).ok()?.split(' ');
        let is_it = head.next()? == name && head.next()?.parse() == Ok(self.epoch.load(Ordering::Acquire));
        let put_at = Timestamp::from_unix_millis(head.next()?.parse().ok()?);
        is_it.then(|| (value.get(1..).unwrap_or_default().to_vec(), put_at.min(core.now())))
    }
}

#[async_trait]
impl Shared for Bus {
    async fn get(&self, core: &Core, key: SharedKey<'_>) -> Shelf {
        if !self.trusts_shelf() {
            return Shelf::Away;
        }
        let name = self.shelf_name(key);
        let claim = format!("{IS_CLAIM}{}", core.random(16, Alphabet::AlphaNumeric));
        let arguments = [claim, CLAIM.as_millis().to_string()];
        let found =
            self.redis.script::<Vec<u8>>(&self.scripts.find, std::slice::from_ref(&name), &arguments).await;
        match found {
            Err(away) => {
                tracing::debug!(%away, "what nodes share was not asked");
                Shelf::Away
            }
            // It was lost while this was under way.
            Ok(_) if !self.trusts_shelf() => Shelf::Away,
            Ok(found) => match self.open(core, &name, &found) {
                Some((value, read_at)) => Shelf::Found { value, read_at, claim: Claim(found) },
                None => Shelf::Empty(Claim(found)),
            },
        }
    }

    async fn put(&self, core: &Core, key: SharedKey<'_>, value: &[u8], ttl: Duration, claim: Claim) {
        let millis = ttl.as_millis();
        if millis == 0 || !self.trusts_shelf() {
            return;
        }
        let name = self.shelf_name(key);
        let arguments =
            [claim.0, self.seal(core, &name, value).into_bytes(), millis.to_string().into_bytes()];
        if let Err(away) =
            self.redis.script::<i64>(&self.scripts.put, std::slice::from_ref(&name), &arguments).await
        {
            tracing::debug!(%away, "what was read is not shared");
        }
    }

    async fn remove(&self, _: &Core, keys: &[SharedKey<'_>]) {
        let names: Vec<_> = keys.iter().map(|key| self.shelf_name(*key)).collect();
        let done = self.unlink(&names).await;
        let failed = names.into_iter().zip(done).filter_map(|(name, done)| done.is_err().then_some(name));
        let failed: Vec<_> = failed.collect();
        if !failed.is_empty() {
            self.debts.add(failed);
        }
    }

    async fn remove_all(&self, _: &Core) {
        match self.begin_epoch(0).await {
            Ok(epoch) => drop(self.epoch.fetch_max(epoch, Ordering::AcqRel)),
            Err(_) => self.debts.add_everything(),
        }
    }
}
