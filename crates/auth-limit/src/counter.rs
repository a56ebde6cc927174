//! What a counter does, whatever keeps it: a function from how it stood to how it stands.
//!
//! The other stores say the same in their own languages; the tests hold them to this.

use auth_core::rate::{Algorithm, Limit, Standing};

/// A thousand parts of a token, so that a bucket fills evenly in whole numbers.
pub(crate) const TOKEN: i64 = 1000;

/// A sliding window moves by so many parts. One more can be within its reach.
const PARTS: i64 = 10;
pub(crate) const SLICES: usize = 11;

/// Requests in each part of a sliding window, at the remainder of the part's number.
pub(crate) type Slices = [u32; SLICES];

/// What is kept of a key. What the numbers mean is the algorithm's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counter {
    /// Requests; of a token bucket, thousandths that are taken out. Zero is as good as no counter.
    pub(crate) count: i64,
    pub(crate) slices: Slices,
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

    fn slice(self) -> i64 {
        (self.window / PARTS).max(1)
    }

    /// The parts of a sliding window that are within reach, the oldest first.
    pub(crate) fn parts(self, now: i64) -> std::ops::RangeInclusive<i64> {
        let present = now.div_euclid(self.slice());
        present.saturating_sub(PARTS)..=present
    }

    /// Milliseconds until a part is out of reach.
    fn until_over(self, part: i64, now: i64) -> i64 {
        part.saturating_add(PARTS + 1).saturating_mul(self.slice()).saturating_sub(now)
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
        let kept = kept.filter(|kept| now.saturating_sub(kept.last) < limit.memory_millis());
        match limit.algorithm {
            Algorithm::Fixed => fixed(kept, figures, now),
            Algorithm::Sliding => sliding(kept, figures, now),
            Algorithm::TokenBucket { .. } => bucket(kept, figures, now),
            Algorithm::Growing { .. } => growing(kept, figures, now),
        }
    }

    /// Requests in a part of a sliding window.
    pub(crate) fn requests(&self, part: i64) -> i64 {
        self.slices.get(place(part)).copied().map_or(0, i64::from)
    }

    /// How it stands, at the time of its last request.
    pub(crate) fn standing(&self, limit: Limit) -> Standing {
        let figures = Figures::of(limit);
        let (left, reset) = match limit.algorithm {
            Algorithm::Fixed => (figures.max - self.count, figures.window),
            Algorithm::Sliding => {
                let present = *figures.parts(self.last).end();
                (figures.max - self.count, figures.until_over(present, self.last))
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
    Counter { count: 1, slices: Slices::default(), last: now }
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

/// The place of a part.
fn place(part: i64) -> usize {
    usize::try_from(part.rem_euclid(PARTS + 1)).unwrap_or_default()
}

/// Slices from parts with their requests.
pub(crate) fn slices(parts: impl IntoIterator<Item = (i64, i64)>) -> Slices {
    let mut slices = Slices::default();
    for (part, count) in parts {
        if let Some(slice) = slices.get_mut(place(part)) {
            *slice = u32::try_from(count).unwrap_or(u32::MAX);
        }
    }
    slices
}

/// The window is never shorter than it says: what lies in a part that is partly within reach counts.
fn sliding(kept: Option<Counter>, figures: Figures, now: i64) -> Result<Counter, i64> {
    // A clock that was set back does not open an older window.
    let now = kept.map_or(now, |kept| now.max(kept.last));
    let known = kept.map_or(i64::MIN, |kept| *figures.parts(kept.last).end());
    let old = kept.map(|kept| kept.slices).unwrap_or_default();
    let requests = |part: i64| old.get(place(part)).copied().filter(|_| part <= known).map_or(0, i64::from);
    let parts = figures.parts(now);
    let mut count: i64 = parts.clone().map(requests).sum();
    if count < figures.max {
        let present = *parts.end();
        let next = parts.map(|part| (part, requests(part) + i64::from(part == present)));
        return Ok(Counter { count: count + 1, slices: slices(next), last: now });
    }
    // Where no request of the window would make room, all of it has to pass.
    let enough = parts.into_iter().find(|part| {
        count -= requests(*part);
        count < figures.max
    });
    Err(enough.map_or(figures.window, |part| figures.until_over(part, now).max(1)))
}

/// Milliseconds until so many thousandths have run in.
fn fill(thousandths: i64, figures: Figures) -> i64 {
    let per_milli = wide(figures.max.max(1)) * 1000;
    narrow((wide(thousandths.max(0)) * wide(figures.window) + per_milli - 1) / per_milli)
}

fn bucket(kept: Option<Counter>, figures: Figures, now: i64) -> Result<Counter, i64> {
    let Some(kept) = kept else { return Ok(Counter { count: TOKEN, ..first(now) }) };
    let passed = now.saturating_sub(kept.last).max(0);
    let run_in = passed.saturating_mul(figures.max) / (figures.window / 1000).max(1);
    let taken = kept.count.saturating_sub(run_in).max(0) + TOKEN;
    if taken > figures.extra {
        return Err(fill(taken - figures.extra, figures).max(1));
    }
    Ok(Counter { count: taken, last: now.max(kept.last), ..kept })
}

fn growing(kept: Option<Counter>, figures: Figures, now: i64) -> Result<Counter, i64> {
    let Some(kept) = kept else { return Ok(first(now)) };
    let pause = figures.pause(kept.count);
    let passed = now.saturating_sub(kept.last);
    if kept.count >= figures.max && passed < pause {
        return Err(pause - passed);
    }
    Ok(Counter { count: kept.count + 1, last: now, ..kept })
}
