use std::{collections::HashMap, time::Duration};

use auth_core::rate::{Limit, Verdict};

use crate::support::Subject;

const START: i64 = 1_700_000_000_000;

fn limit(max: u64, seconds: u64) -> Limit {
    Limit::new(max, Duration::from_secs(seconds))
}

fn refused(retry_after: u64) -> Verdict {
    Verdict::Refused { retry_after }
}

#[tokio::test]
async fn counts_and_refuses_and_starts_afresh() {
    for subject in Subject::all().await {
        let rule = limit(3, 10);
        let hit =
            async |key: &str, millis: i64| subject.limiter.hit(key, rule, START + millis).await.unwrap();
        assert_eq!(hit("a", 0).await, Verdict::Allowed);
        assert_eq!(hit("a", 9_000).await, Verdict::Allowed);
        assert_eq!(hit("a", 18_000).await, Verdict::Allowed, "within a window of the last one");
        assert_eq!(hit("a", 18_000).await, refused(10));
        assert_eq!(hit("a", 18_001).await, refused(10), "rounded up");
        assert_eq!(hit("a", 27_999).await, refused(1), "refusals do not lengthen the window");
        assert_eq!(hit("b", 18_000).await, Verdict::Allowed, "keys are apart");
        assert_eq!(hit("a", 28_000).await, Verdict::Allowed);
        assert_eq!(hit("a", 28_001).await, Verdict::Allowed);
        assert_eq!(hit("a", 28_002).await, Verdict::Allowed);
        assert_eq!(hit("a", 28_003).await, refused(10));
        subject.close().await;
    }
}

#[tokio::test]
async fn agrees_with_the_description_on_any_stream() {
    for subject in Subject::all().await {
        let mut model: HashMap<String, (u64, i64)> = HashMap::new();
        let mut state = 7_u64;
        let mut now = START;
        for _ in 0..600 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            now += i64::try_from((state >> 33) % 2_500).unwrap();
            let key = format!("k{}", (state >> 50) % 3);
            let rule = limit(4, 5);
            let expected = match model.get_mut(&key) {
                None => {
                    model.insert(key.clone(), (1, now));
                    Verdict::Allowed
                }
                Some(entry) if now - entry.1 >= 5_000 => {
                    *entry = (1, now);
                    Verdict::Allowed
                }
                Some((count, last)) if *count >= 4 => {
                    refused((*last + 5_000 - now).unsigned_abs().div_ceil(1000))
                }
                Some((count, last)) => {
                    (*count, *last) = (*count + 1, now);
                    Verdict::Allowed
                }
            };
            assert_eq!(subject.limiter.hit(&key, rule, now).await.unwrap(), expected);
        }
        subject.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn is_exact_among_many_at_once() {
    for subject in Subject::all().await {
        for round in 0..5 {
            let key = if round == 0 { "new".to_owned() } else { "again".to_owned() };
            // Each round starts where the window of the one before is over.
            let now = START + round * 60_000;
            let tasks: Vec<_> = (0..50)
                .map(|_| {
                    let (limiter, key) = (subject.limiter.clone(), key.clone());
                    tokio::spawn(async move { limiter.hit(&key, limit(7, 10), now).await.unwrap() })
                })
                .collect();
            let mut allowed = 0;
            for task in tasks {
                allowed += usize::from(task.await.unwrap() == Verdict::Allowed);
            }
            assert_eq!(allowed, 7);
        }
        subject.close().await;
    }
}

#[tokio::test]
async fn old_rows_are_swept() {
    for subject in Subject::all().await {
        let Some((_, database)) = subject.database.clone() else { continue };
        for n in 0..3_i64 {
            subject.limiter.hit(&format!("k{n}"), limit(3, 10), START + n * 1000).await.unwrap();
        }
        assert_eq!(database.sweep(START + 2_000).await.unwrap(), 2);
        assert_eq!(database.sweep(START + 2_000).await.unwrap(), 0);
        subject.close().await;
    }
}
