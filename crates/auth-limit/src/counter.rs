//! What a counter does, whatever keeps it: a function from how it stood to how it stands.
//!
//! The other stores say the same in their own languages; the tests hold them to this.

use auth_core::rate::{Algorithm, Limit, Standing};

/// A thousand parts of a token, so that a bucket fills evenly in whole numbers.
pub(crate) const TOKEN: i64 = 1000;

/// What is kept of a key. What the numbers mean is the algorithm's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counter {
    /// Requests; of a token bucket, thousandths that are taken out. Zero: as if there were no counter.
    pub(crate) count: i64,
    /// Requests in the window before, of a sliding window.
    pub(crate) before: i64,
    /// When the last request passed.
    pub(crate) last: i64,
}

/// A limit in the whole numbers that are counted with.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) window: i64,
    pub(crate) max: i64,
    /// Thousandths that a bucket holds; milliseconds of the longest pause.
    pub(crate) extra: i64,
}

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Figures {
    pub(crate) fn of(limit: Limit) -> Self {
        let extra = match limit.algorithm {
            Algorithm::Fixed | Algorithm::Sliding => 0,
            Algorithm::TokenBucket { burst } => int(burst).saturating_mul(TOKEN),
            Algorithm::Growing { longest } => int(longest).saturating_mul(1000),
        };
        Self { window: int(limit.window).saturating_mul(1000).max(1), max: int(limit.max), extra }
    }

    /// The number of a sliding window, and the milliseconds of it that are left.
    pub(crate) fn slot(self, now: i64) -> (i64, i64) {
        (now.div_euclid(self.window), self.window - now.rem_euclid(self.window))
    }

    /// How many pauses there are before the longest one.
    pub(crate) fn doublings(self) -> i64 {
        let reaches = |n: &u32| self.window.checked_mul(1 << n).is_none_or(|pause| pause >= self.extra);
        (0..31).find(reaches).map_or(31, i64::from)
    }

    fn pause(self, count: i64) -> i64 {
        let over = count.saturating_sub(self.max);
        if over < 0 {
            0
        } else if over >= self.doublings() {
            self.extra
        } else {
            self.window << over
        }
    }
}

/// Milliseconds as whole seconds, rounded up.
pub(crate) fn seconds(millis: i64) -> u64 {
    millis.max(0).unsigned_abs().div_ceil(1000)
}

impl Counter {
    /// Counts a request, or says for how many milliseconds there is no use in another one.
    pub(crate) fn next(kept: Option<Self>, limit: Limit, now: i64) -> Result<Self, i64> {
        let figures = Figures::of(limit);
        let kept = kept.filter(|kept| kept.count > 0 || kept.before > 0);
        let kept = kept.filter(|kept| now.saturating_sub(kept.last) < limit.memory_millis());
        match limit.algorithm {
            Algorithm::Fixed => fixed(kept, figures, now),
            Algorithm::Sliding => sliding(kept, figures, now),
            Algorithm::TokenBucket { .. } => bucket(kept, figures, now),
            Algorithm::Growing { .. } => growing(kept, figures, now),
        }
    }

    /// How it stands, at the time of its last request.
    pub(crate) fn standing(&self, limit: Limit) -> Standing {
        let figures = Figures::of(limit);
        let (left, reset) = match limit.algorithm {
            Algorithm::Fixed => (figures.max - self.count, figures.window),
            Algorithm::Sliding => {
                let (_, rest) = figures.slot(self.last);
                let weight = wide(self.before) * wide(rest);
                let weight = narrow((weight + wide(figures.window) - 1) / wide(figures.window));
                (figures.max - self.count - weight, rest.saturating_add(figures.window))
            }
            Algorithm::TokenBucket { .. } => {
                ((figures.extra - self.count) / TOKEN, fill(self.count, figures))
            }
            Algorithm::Growing { .. } => (figures.max - self.count, figures.pause(self.count)),
        };
        Standing { remaining: left.max(0).unsigned_abs(), reset: seconds(reset) }
    }
}

fn first(now: i64) -> Counter {
    Counter { count: 1, before: 0, last: now }
}

fn fixed(kept: Option<Counter>, figures: Figures, now: i64) -> Result<Counter, i64> {
    let Some(kept) = kept else { return Ok(first(now)) };
    if kept.count >= figures.max {
        return Err(kept.last.saturating_add(figures.window).saturating_sub(now));
    }
    Ok(Counter { count: kept.count + 1, last: now, ..kept })
}

fn wide(number: i64) -> i128 {
    i128::from(number)
}

fn narrow(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn sliding(kept: Option<Counter>, figures: Figures, now: i64) -> Result<Counter, i64> {
    let Some(kept) = kept else { return Ok(first(now)) };
    // A clock that was set back does not open an older window.
    let now = now.max(kept.last);
    let (slot, rest) = figures.slot(now);
    let (count, before) = match slot - figures.slot(kept.last).0 {
        0 => (kept.count, kept.before),
        1 => (0, kept.count),
        _ => (0, 0),
    };
    let (window, max) = (wide(figures.window), wide(figures.max));
    if wide(before) * wide(rest) + wide(count + 1) * window <= max * window {
        return Ok(Counter { count: count + 1, before, last: now });
    }
    // For how long a window of so many weighs too much for one more, beside what is there already.
    let heavy = |many: i64, others: i64| {
        let room = (max - wide(others) - 1) * window / wide(many.max(1));
        (window - room).max(0)
    };
    let waits = if count < figures.max {
        heavy(before, count) - (window - wide(rest))
    } else {
        wide(rest) + heavy(count, 0)
    };
    Err(narrow(waits).max(1))
}

/// Milliseconds until so many thousandths have run in.
fn fill(thousandths: i64, figures: Figures) -> i64 {
    let per_milli = wide(figures.max.max(1)) * 1000;
    narrow((wide(thousandths.max(0)) * wide(figures.window) + per_milli - 1) / per_milli)
}

fn bucket(kept: Option<Counter>, figures: Figures, now: i64) -> Result<Counter, i64> {
    let Some(kept) = kept else { return Ok(Counter { count: TOKEN, before: 0, last: now }) };
    let passed = now.saturating_sub(kept.last).max(0);
    let run_in = passed.saturating_mul(figures.max) / (figures.window / 1000).max(1);
    let taken = kept.count.saturating_sub(run_in).max(0) + TOKEN;
    if taken > figures.extra {
        return Err(fill(taken - figures.extra, figures).max(1));
    }
    Ok(Counter { count: taken, before: 0, last: now.max(kept.last) })
}

fn growing(kept: Option<Counter>, figures: Figures, now: i64) -> Result<Counter, i64> {
    let Some(kept) = kept else { return Ok(first(now)) };
    let pause = figures.pause(kept.count);
    let passed = now.saturating_sub(kept.last);
    if kept.count >= figures.max && passed < pause {
        return Err(pause - passed);
    }
    Ok(Counter { count: kept.count + 1, before: 0, last: now })
}
