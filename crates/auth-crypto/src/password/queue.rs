//! The bounded queue between async callers and hashing threads.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::work::{Answer, Work};
use super::{PasswordError, PoolStats};

type Outcome = Result<Answer, PasswordError>;

struct Job {
    id: u64,
    work: Work,
    reply: oneshot::Sender<Outcome>,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    next_id: u64,
    closed: bool,
}

/// First come, first served.
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    capacity: usize,
    threads: usize,
    queued: AtomicUsize,
    running: AtomicUsize,
    /// Smoothed duration of one job, for the estimate given on overload.
    typical_micros: AtomicU64,
}

impl Queue {
    pub(super) fn new(capacity: usize, threads: usize) -> Self {
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            capacity,
            threads,
            queued: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            typical_micros: AtomicU64::new(0),
        }
    }

    /// Queues work and gives its number, or none if the queue is full.
    pub(super) fn push(&self, work: Work, reply: oneshot::Sender<Outcome>) -> Option<u64> {
        let mut state = self.lock();
        if state.jobs.len() >= self.capacity {
            return None;
        }
        let id = state.next_id;
        state.next_id += 1;
        state.jobs.push_back(Job { id, work, reply });
        self.queued.store(state.jobs.len(), Relaxed);
        drop(state);
        self.arrived.notify_one();
        Some(id)
    }

    /// Takes work out again. False if it is no longer waiting.
    pub(super) fn withdraw(&self, id: u64) -> bool {
        let mut state = self.lock();
        // Numbers only grow, so the queue is sorted by them.
        let Ok(index) = state.jobs.binary_search_by_key(&id, |job| job.id) else {
            return false;
        };
        let job = state.jobs.remove(index);
        self.queued.store(state.jobs.len(), Relaxed);
        drop(state);
        // Wiping the password needs no lock.
        drop(job);
        true
    }

    /// Lets the threads end once they have nothing left to do.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    pub(super) fn stats(&self) -> PoolStats {
        PoolStats { queued: self.queued.load(Relaxed), running: self.running.load(Relaxed) }
    }

    /// About how long the present queue will take, in whole seconds.
    pub(super) fn drain_estimate(&self) -> Duration {
        let rounds = self.stats().queued / self.threads + 1;
        let typical = self.typical_micros.load(Relaxed);
        let micros = typical.saturating_mul(u64::try_from(rounds).unwrap_or(u64::MAX));
        Duration::from_secs(micros.div_ceil(1_000_000).clamp(1, 60))
    }

    /// One thread's life: runs jobs until the queue is closed.
    pub(super) fn serve(&self, mut run: impl FnMut(Work) -> Outcome) {
        while let Some(Job { work, reply, .. }) = self.next() {
            let started = Instant::now();
            // A defect in one hash must not cost the pool a thread.
            let outcome = catch_unwind(AssertUnwindSafe(|| run(work))).unwrap_or_else(|_| {
                tracing::error!("a password hashing job panicked");
                Err(PasswordError::Failed)
            });
            self.note_duration(started.elapsed());
            // Before the answer, so that the caller sees an idle pool.
            self.running.fetch_sub(1, Relaxed);
            // The caller may have gone; then nobody needs the answer.
            let _ = reply.send(outcome);
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                self.running.fetch_add(1, Relaxed);
                self.queued.store(state.jobs.len(), Relaxed);
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn note_duration(&self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        // Lost updates between threads only blur an estimate.
        let old = self.typical_micros.load(Relaxed);
        let new = if old == 0 { micros } else { (old / 8).saturating_mul(7).saturating_add(micros / 8) };
        self.typical_micros.store(new, Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
