//! When sessions were last used: noted in memory by every request, written to the rows in batches.
//!
//! A use that comes a minute or more after this process last wrote takes a batch along. So a row is never
//! behind its session's last use by more than two minutes: one until it is written, and one because rows
//! have full minutes. What a crash loses is within that, too.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use auth_core::{
    Core, Failure, Timestamp,
    model::{FieldValue, Session},
    schema::{Column, CoreTable},
    sea_orm::{
        ConnectionTrait,
        sea_query::{Alias, Expr, ExprTrait, Query},
    },
};

/// Of ours; answers do not show it.
pub(crate) const COLUMN: &str = "lastActiveAt";

/// Milliseconds between two writes, and the grain of what is written.
const MINUTE: i64 = 60_000;

/// How far a row can be behind its session's last use.
pub(crate) const BEHIND: i64 = 2 * MINUTE;

/// Rows of one statement.
const BATCH: usize = 500;

pub(crate) fn column() -> Column {
    Column::date(COLUMN).hidden()
}

/// A session's last use, as far as its row tells.
pub(crate) fn stored(session: &Session) -> Timestamp {
    let noted = match session.extra.get(COLUMN) {
        FieldValue::Date(at) => *at,
        _ => session.created_at,
    };
    // Whatever changes the row is a use too.
    Ord::max(noted, session.updated_at)
}

/// A session's last use, in milliseconds of Unix time. What is kept of a session in memory shares it, so a
/// request notes its use without asking anybody.
pub(crate) struct Seen {
    last: AtomicI64,
    /// The minute that the row has.
    written: AtomicI64,
}

impl Seen {
    pub(crate) fn last(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.last.load(Ordering::Relaxed))
    }

    fn minute(&self) -> Option<i64> {
        let minute = floor(self.last.load(Ordering::Relaxed));
        (minute > self.written.load(Ordering::Relaxed)).then_some(minute)
    }
}

fn floor(millis: i64) -> i64 {
    millis.div_euclid(MINUTE).saturating_mul(MINUTE)
}

/// What one statement writes: sessions that were last used in one minute.
struct Batch {
    minute: i64,
    sessions: Vec<(String, Arc<Seen>)>,
    more: bool,
}

#[derive(Default)]
pub(crate) struct Activity {
    known: Mutex<HashMap<String, Arc<Seen>>>,
    next_write: AtomicI64,
}

impl Activity {
    fn known(&self) -> MutexGuard<'_, HashMap<String, Arc<Seen>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a session's last use, which was not before `at`.
    pub(crate) fn of(&self, session_id: &str, at: Timestamp) -> Arc<Seen> {
        let at = at.unix_millis();
        let mut known = self.known();
        if let Some(seen) = known.get(session_id) {
            seen.last.fetch_max(at, Ordering::Relaxed);
            return seen.clone();
        }
        let seen = Arc::new(Seen { last: AtomicI64::new(at), written: AtomicI64::new(floor(at)) });
        known.insert(session_id.to_owned(), seen.clone());
        seen
    }

    /// The session is used now. Writes a batch where it is time to: a failure is logged, for the use
    /// itself has nothing to do with it.
    pub(crate) async fn used(&self, core: &Core, seen: &Seen) {
        let now = core.now().unix_millis();
        if seen.last.load(Ordering::Relaxed) < now {
            seen.last.fetch_max(now, Ordering::Relaxed);
        }
        let due = self.next_write.load(Ordering::Relaxed);
        // One request of those that come at this moment.
        let mine = || {
            let next = now.saturating_add(MINUTE);
            self.next_write.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        };
        if now < due || !mine() {
            return;
        }
        match self.write(core).await {
            // The next request goes on with the rest.
            Ok(true) => self.next_write.store(now, Ordering::Relaxed),
            Ok(false) => {}
            Err(failure) => tracing::warn!(?failure, "the last use of sessions was not written"),
        }
    }

    /// Writes one batch, and forgets sessions that nothing in memory is about. `true` where there is more.
    pub(crate) async fn write(&self, core: &Core) -> Result<bool, Failure> {
        let Some(Batch { minute, sessions, more }) = self.batch() else { return Ok(false) };
        let at = Timestamp::from_unix_millis(minute);
        let column = || Expr::col(Alias::new(COLUMN));
        let mut update = Query::update();
        update
            .table(Alias::new(CoreTable::Session.name()))
            .value(Alias::new(COLUMN), at)
            .and_where(Expr::col(Alias::new("id")).is_in(sessions.iter().map(|(id, _)| id.as_str())))
            .and_where(column().is_null().or(column().lt(at)));
        core.db().execute(&update).await?;
        for (_, seen) in sessions {
            seen.written.fetch_max(minute, Ordering::Relaxed);
        }
        Ok(more)
    }

    /// Of the earliest minute there is.
    fn batch(&self) -> Option<Batch> {
        let mut known = self.known();
        // Only here is a session forgotten, under the lock: nobody else can get at it meanwhile.
        known.retain(|_, seen| Arc::strong_count(seen) > 1 || seen.minute().is_some());
        let minute = known.values().filter_map(|seen| seen.minute()).min()?;
        let of_minute = known.iter().filter(|(_, seen)| seen.minute() == Some(minute));
        let sessions: Vec<_> = of_minute.take(BATCH).map(|(id, seen)| (id.clone(), seen.clone())).collect();
        let due = known.values().filter(|seen| seen.minute().is_some()).count();
        Some(Batch { minute, more: due > sessions.len(), sessions })
    }
}
