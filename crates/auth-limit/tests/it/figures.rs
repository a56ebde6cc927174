//! What clients are told, to the millisecond at which it changes.

use std::time::Duration;

use auth_core::rate::{Ask, Limit, Limiter, Verdict};
use auth_limit::MemoryLimiter;

const START: i64 = 1_700_000_000_000;

/// One request after so many milliseconds: what remains and when it is whole again, or the wait in seconds.
type Told = (i64, Result<(u64, u64), u64>);

async fn told(limit: Limit, requests: &[Told]) {
    let limiter = MemoryLimiter::default();
    for (at, (millis, expected)) in requests.iter().enumerate() {
        let found = match limiter.hit(&[Ask::new("key", limit)], START + millis).await.unwrap() {
            Verdict::Allowed { standing, .. } => Ok((standing.remaining, standing.reset)),
            Verdict::Refused { retry_after, .. } => Err(retry_after),
        };
        assert_eq!(found, *expected, "{limit:?}, request {at}, after {millis} ms");
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_window_begins_with_the_last_request_that_passed() {
    let limit = Limit::new(2, seconds(10));
    told(
        limit,
        &[(0, Ok((1, 10))), (4_000, Ok((0, 10))), (4_000, Err(10)), (13_999, Err(1)), (14_000, Ok((1, 10)))],
    )
    .await;
}

#[tokio::test]
async fn a_sliding_window_lets_go_of_a_tenth_at_a_time() {
    let limit = Limit::sliding(4, seconds(10));
    let requests = [
        (0, Ok((3, 11))),
        (500, Ok((2, 11))),
        (5_000, Ok((1, 11))),
        (5_000, Ok((0, 11))),
        (5_000, Err(6)),
        (10_999, Err(1)),
        (11_000, Ok((1, 11))),
    ];
    told(limit, &requests).await;
}

#[tokio::test]
async fn a_bucket_fills_evenly() {
    let limit = Limit::token_bucket(2, seconds(10), 3);
    let requests = [
        (0, Ok((2, 5))),
        (0, Ok((1, 10))),
        (0, Ok((0, 15))),
        (0, Err(5)),
        (4_999, Err(1)),
        (5_000, Ok((0, 15))),
    ];
    told(limit, &requests).await;
    // 1000 and a third of a millisecond are more than a second.
    let thirds = Limit::token_bucket(3, seconds(1), 5);
    told(thirds, &[(0, Ok((4, 1))), (0, Ok((3, 1))), (0, Ok((2, 1))), (333, Ok((1, 2)))]).await;
}

#[tokio::test]
async fn pauses_double_up_to_the_longest() {
    let limit = Limit::growing(2, seconds(1), seconds(4));
    let requests = [
        (0, Ok((1, 0))),
        (0, Ok((0, 1))),
        (999, Err(1)),
        (1_000, Ok((0, 2))),
        (2_999, Err(1)),
        (3_000, Ok((0, 4))),
        (3_000, Err(4)),
        (7_000, Ok((0, 4))),
    ];
    told(limit, &requests).await;
}
