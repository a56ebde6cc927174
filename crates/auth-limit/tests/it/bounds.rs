use std::time::Duration;

use auth_core::rate::{Ask, Limit, Limiter};
use auth_limit::MemoryLimiter;

const START: i64 = 1_700_000_000_000;
const SIGN_IN: Limit = Limit::new(3, Duration::from_mins(15));
const OTHER: Limit = Limit::new(100, Duration::from_mins(1));

async fn allowed(limiter: &MemoryLimiter, key: &str, limit: Limit, now: i64) -> bool {
    limiter.hit(&[Ask::new(key, limit)], now).await.unwrap().is_allowed()
}

#[tokio::test]
async fn a_flood_of_keys_resets_nobody_and_takes_no_memory() {
    // Case 101.
    let limiter = MemoryLimiter::new(6_400);
    for n in 0..4 {
        assert_eq!(allowed(&limiter, "victim|/sign-in/email", SIGN_IN, START).await, n < 3);
    }
    let mut passed = 0_usize;
    for n in 0..1_000_000_u32 {
        let key = format!("{n}|/sign-in/email");
        passed += usize::from(allowed(&limiter, &key, SIGN_IN, START + i64::from(n / 1_000)).await);
    }
    assert!(limiter.len() <= 6_400, "{}", limiter.len());
    assert!(!allowed(&limiter, "victim|/sign-in/email", SIGN_IN, START + 1_000).await);
    // What found no room shared a counter a shard.
    assert!(passed <= 6_400 + 64 * 3, "{passed}");
    // Other rules have a shared counter of their own.
    assert!(allowed(&limiter, "newcomer|/get-session", OTHER, START + 1_000).await);
}

#[tokio::test]
async fn room_is_made_by_what_is_over() {
    let limiter = MemoryLimiter::new(64);
    assert!(limiter.is_empty());
    for n in 0..10_000 {
        allowed(&limiter, &n.to_string(), OTHER, START).await;
    }
    let later = START + 60_000;
    assert!(allowed(&limiter, "late", SIGN_IN, later).await);
    for _ in 0..3 {
        allowed(&limiter, "late", SIGN_IN, later).await;
    }
    assert!(!allowed(&limiter, "late", SIGN_IN, later).await, "it has a counter of its own");
    assert!(limiter.len() <= 64 && !limiter.is_empty());
}

#[tokio::test]
async fn many_rules_cannot_grow_the_overflow() {
    let limiter = MemoryLimiter::new(1);
    let mut passed = 0_usize;
    for n in 0..10_000_u64 {
        let rule = Limit::new(1, Duration::from_secs(1_000 + n));
        passed += usize::from(allowed(&limiter, &n.to_string(), rule, START).await);
    }
    assert!(passed <= 64 + 64 * 16, "{passed}");
}
