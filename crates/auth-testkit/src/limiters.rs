//! What every limiter has to do, whatever it counts in. A limiter that has a clock of its own is tested
//! in real time, so windows are of seconds and nothing here asks for more than a few milliseconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use auth_core::rate::{Ask, Limit, Limiter, Verdict};

use crate::race;

/// A limiter, and how time passes for it.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_limit::MemoryLimiter;
/// use auth_testkit::limiters::{Subject, hold};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// hold(&Subject::told(Arc::new(MemoryLimiter::default()))).await;
/// # }
/// ```
pub struct Subject {
    /// What is put to the test.
    pub limiter: Arc<dyn Limiter>,
    /// Milliseconds, where the limiter believes what it is told.
    told: Option<AtomicI64>,
}

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

impl Subject {
    /// One that counts by the time that it is told.
    pub fn told(limiter: Arc<dyn Limiter>) -> Self {
        Self { limiter, told: Some(AtomicI64::new(1_700_000_000_000)) }
    }

    /// One that counts by a clock of its own.
    pub fn real(limiter: Arc<dyn Limiter>) -> Self {
        Self { limiter, told: None }
    }

    fn now(&self) -> i64 {
        self.told.as_ref().map_or_else(real_millis, |told| told.load(Ordering::Relaxed))
    }

    async fn pass(&self, millis: u64) {
        match &self.told {
            Some(told) => {
                told.fetch_add(i64::try_from(millis).expect("a short while"), Ordering::Relaxed);
            }
            None => tokio::time::sleep(Duration::from_millis(millis)).await,
        }
    }

    async fn hit(&self, asked: &[Ask]) -> Verdict {
        self.limiter.hit(asked, self.now()).await.expect("it answers")
    }

    /// How many of some requests pass, one after the other.
    async fn passing(&self, key: &str, limit: Limit, times: u64) -> u64 {
        let mut passed = 0;
        for _ in 0..times {
            passed += u64::from(self.hit(&[Ask::new(key, limit)]).await.is_allowed());
        }
        passed
    }
}

fn real_millis() -> i64 {
    #[allow(clippy::disallowed_methods, reason = "a limiter with a clock of its own counts in real time")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("before the year 292 million")
}

fn remaining(verdict: &Verdict) -> Option<u64> {
    match verdict {
        Verdict::Allowed { standing, .. } => Some(standing.remaining),
        Verdict::Refused { .. } => None,
    }
}

fn retry_after(verdict: &Verdict) -> Option<u64> {
    match verdict {
        Verdict::Allowed { .. } => None,
        Verdict::Refused { retry_after, .. } => Some(*retry_after),
    }
}

/// All of it. Panics with the first thing that a limiter does not hold to.
pub async fn hold(subject: &Subject) {
    fixed(subject).await;
    sliding(subject).await;
    token_bucket(subject).await;
    growing(subject).await;
    forgotten(subject).await;
    together(subject).await;
    at_once(subject).await;
}

/// A window; a refusal does not lengthen it.
async fn fixed(subject: &Subject) {
    let limit = Limit::new(3, SECOND);
    let ask = [Ask::new("fixed", limit)];
    for left in [2, 1, 0] {
        assert_eq!(remaining(&subject.hit(&ask).await), Some(left));
    }
    assert_eq!(retry_after(&subject.hit(&ask).await), Some(1));
    subject.pass(700).await;
    assert_eq!(subject.passing("fixed", limit, 2).await, 0);
    assert_eq!(subject.passing("other", limit, 2).await, 2, "keys are apart");
    subject.pass(400).await;
    assert_eq!(subject.passing("fixed", limit, 5).await, 3, "a second after the last one that passed");
}

/// Never more than the limit in any window, wherever it begins.
async fn sliding(subject: &Subject) {
    let limit = Limit::sliding(4, SECOND);
    assert_eq!(subject.passing("sliding", limit, 2).await, 2);
    subject.pass(500).await;
    let third = subject.hit(&[Ask::new("sliding", limit)]).await;
    assert_eq!(remaining(&third), Some(1));
    assert_eq!(subject.passing("sliding", limit, 3).await, 1);
    subject.pass(400).await;
    let refused = subject.hit(&[Ask::new("sliding", limit)]).await;
    assert_eq!(retry_after(&refused), Some(1), "until the first two are over");
    subject.pass(220).await;
    assert_eq!(subject.passing("sliding", limit, 4).await, 2, "the other two are not over");
    subject.pass(1120).await;
    assert_eq!(subject.passing("sliding", limit, 6).await, 4, "whole again");
    let longer = Limit::sliding(4, HOUR);
    assert_eq!(subject.passing("sliding", longer, 6).await, 4, "a window of another length counts apart");
}

/// Some at once, then as they run in.
async fn token_bucket(subject: &Subject) {
    let limit = Limit::token_bucket(2, SECOND, 3);
    let ask = [Ask::new("bucket", limit)];
    assert_eq!(remaining(&subject.hit(&ask).await), Some(2));
    assert_eq!(subject.passing("bucket", limit, 4).await, 2);
    assert_eq!(retry_after(&subject.hit(&ask).await), Some(1));
    subject.pass(600).await;
    assert_eq!(subject.passing("bucket", limit, 3).await, 1, "one in half a second");
    subject.pass(5000).await;
    assert_eq!(subject.passing("bucket", limit, 5).await, 3, "it holds no more than three");
}

/// Pauses that double up to the longest.
async fn growing(subject: &Subject) {
    let limit = Limit::growing(2, SECOND, Duration::from_secs(2));
    let ask = [Ask::new("growing", limit)];
    assert_eq!(remaining(&subject.hit(&ask).await), Some(1));
    let second = subject.hit(&ask).await;
    let Verdict::Allowed { standing, .. } = second else { panic!("{second:?}") };
    assert_eq!((standing.remaining, standing.reset), (0, 1), "the pause begins");
    assert_eq!(retry_after(&subject.hit(&ask).await), Some(1));
    subject.pass(1050).await;
    assert_eq!(subject.passing("growing", limit, 2).await, 1);
    subject.pass(1050).await;
    assert_eq!(subject.passing("growing", limit, 2).await, 0, "twice as long");
    for _ in 0..2 {
        subject.pass(1000).await;
        subject.passing("growing", limit, 1).await;
    }
    subject.pass(2050).await;
    assert_eq!(subject.passing("growing", limit, 2).await, 1, "no longer than the longest");
}

/// A counter that is forgotten starts afresh, and no other.
async fn forgotten(subject: &Subject) {
    for limit in [Limit::growing(1, HOUR, HOUR), Limit::sliding(1, HOUR)] {
        let [ask, other] = ["forgotten", "kept"].map(|key| Ask::new(key, limit));
        assert_eq!(subject.passing("forgotten", limit, 2).await, 1);
        assert_eq!(subject.passing("kept", limit, 2).await, 1);
        subject.limiter.forget(&ask, subject.now()).await.expect("it forgets");
        assert!(subject.hit(&[ask]).await.is_allowed());
        assert!(!subject.hit(&[other]).await.is_allowed());
    }
}

/// A request is counted on all counters or on none.
async fn together(subject: &Subject) {
    let (wide, narrow) = (Limit::sliding(5, HOUR), Limit::new(1, HOUR));
    for round in 0..3 {
        let narrow = Ask::new(format!("narrow{round}"), narrow);
        let both = [Ask::new("wide", wide), narrow];
        let Verdict::Allowed { tightest, standing } = subject.hit(&both).await else { panic!("allowed") };
        assert_eq!((tightest, standing.remaining), (1, 0));
        for _ in 0..4 {
            let refused = subject.hit(&both).await;
            assert!(matches!(refused, Verdict::Refused { by: 1, .. }), "{refused:?}");
        }
    }
    assert_eq!(subject.passing("wide", wide, 5).await, 2, "only what passed was counted");
}

/// Not one too many, however many come at once.
async fn at_once(subject: &Subject) {
    let limits = [
        Limit::new(7, HOUR),
        Limit::sliding(7, HOUR),
        Limit::token_bucket(1, HOUR, 7),
        Limit::growing(7, HOUR, HOUR),
    ];
    for limit in limits {
        let (key, now) = (format!("{limit:?}"), subject.now());
        let verdicts = race(50, |at| {
            let (limiter, key) = (subject.limiter.clone(), key.clone());
            // Half of them are asked of another counter too.
            let mut asked = vec![Ask::new(&key, limit)];
            asked.extend((at % 2 == 0).then(|| Ask::new(format!("{key} beside"), Limit::new(100, HOUR))));
            async move { limiter.hit(&asked, now).await.expect("it answers") }
        })
        .await;
        let allowed = verdicts.iter().filter(|verdict| verdict.is_allowed()).count();
        assert_eq!(allowed, 7, "{limit:?}");
    }
}
