//! How many letters one address may get, whoever asks for them.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

/// Addresses remembered at most.
const ADDRESSES: usize = 50_000;

/// A sliding window over the letters of each address.
pub(crate) struct Cap {
    most: usize,
    window_ms: i64,
    sent: Mutex<HashMap<String, VecDeque<i64>>>,
}

impl Cap {
    /// `None` when the cap is off.
    pub(crate) fn new(most: u32, window_seconds: u64) -> Option<Self> {
        let window_ms = i64::try_from(window_seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
        (most > 0).then(|| Self {
            most: usize::try_from(most).unwrap_or(usize::MAX),
            window_ms,
            sent: Mutex::default(),
        })
    }

    /// Counts a letter, or says that there were enough.
    pub(crate) fn admit(&self, to: &str, now_ms: i64) -> bool {
        let since = now_ms.saturating_sub(self.window_ms);
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.len() >= ADDRESSES {
            sent.retain(|_, times| times.back().is_some_and(|last| *last > since));
            // Half of it must go, or every further letter would search in vain.
            if sent.len() > ADDRESSES / 2 {
                tracing::warn!("letters to very many addresses: the cap per recipient starts anew");
                sent.clear();
            }
        }
        let times = sent.entry(to.to_lowercase()).or_default();
        while times.front().is_some_and(|first| *first <= since) {
            times.pop_front();
        }
        let admitted = times.len() < self.most;
        if admitted {
            times.push_back(now_ms);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn counts_each_address_over_a_sliding_window() {
        assert!(Cap::new(0, 60).is_none());
        let cap = Cap::new(2, 60).unwrap();
        assert!(cap.admit("a@example.com", 0));
        assert!(cap.admit("A@Example.com", 30_000));
        assert!(!cap.admit("a@example.com", 59_999));
        assert!(cap.admit("b@example.com", 59_999));
        assert!(cap.admit("a@example.com", 60_000));
        assert!(!cap.admit("a@example.com", 60_001));
        assert!(cap.admit("a@example.com", 90_000));
    }

    #[test]
    fn memory_is_bounded() {
        let cap = Cap::new(1, 60).unwrap();
        for n in 0..ADDRESSES * 2 {
            assert!(cap.admit(&format!("{n}@example.com"), 0));
        }
        assert!(cap.sent.lock().unwrap().len() <= ADDRESSES);
    }
}
