use auth_core::rate::{Ask, Limit, Limiter, Verdict};
use auth_limit::MemoryLimiter;
use auth_testkit::limiters;

use crate::support::Subject;

const START: i64 = 1_700_000_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_limiter_does_what_is_written() {
    for subject in Subject::all().await {
        limiters::hold(&limiters::Subject::told(subject.limiter.clone())).await;
        subject.close().await;
    }
}

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[tokio::test]
async fn databases_count_to_the_millisecond_as_memory_does() {
    let seconds = std::time::Duration::from_secs;
    let limits = [
        Limit::new(4, seconds(5)),
        Limit::sliding(4, seconds(5)),
        Limit::sliding(30, seconds(7)),
        Limit::token_bucket(7, seconds(5), 3),
        Limit::growing(2, seconds(1), seconds(5)),
    ];
    for subject in Subject::all().await {
        let memory = MemoryLimiter::default();
        let (mut dice, mut now) = (Dice(7), START);
        let mut refused = 0;
        for _ in 0..1500 {
            now += i64::try_from(dice.below(1_200)).unwrap();
            let mut asked = Vec::new();
            for at in 0..=dice.below(2) {
                let limit = limits[usize::try_from(dice.below(5)).unwrap()];
                asked.push(Ask::new(format!("{at}{}{}", dice.below(2), limit.max), limit));
            }
            let expected = memory.hit(&asked, now).await.unwrap();
            refused += usize::from(!expected.is_allowed());
            let found = subject.limiter.hit(&asked, now).await.unwrap();
            match (expected, found) {
                // Where both refuse, which of them says so first is the store's.
                (Verdict::Refused { .. }, Verdict::Refused { .. }) if asked.len() > 1 => {}
                (expected, found) => assert_eq!(found, expected, "{asked:?}"),
            }
        }
        assert!((100..1400).contains(&refused), "{refused}");
        subject.close().await;
    }
}

#[tokio::test]
async fn old_rows_are_swept() {
    for subject in Subject::all().await {
        let Some((_, database)) = subject.database.clone() else { continue };
        for n in 0..3_i64 {
            let ask = Ask::new(format!("k{n}"), Limit::new(3, std::time::Duration::from_secs(10)));
            subject.limiter.hit(&[ask], START + n * 1000).await.unwrap();
        }
        assert_eq!(database.sweep(START + 2_000).await.unwrap(), 2);
        assert_eq!(database.sweep(START + 2_000).await.unwrap(), 0);
        subject.close().await;
    }
}
