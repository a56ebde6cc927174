//! From durations to figures.

use std::time::Duration;

use serde::Serialize;

/// Durations in microseconds, and answers that were none.
#[derive(Default)]
pub(crate) struct Figures {
    micros: Vec<u32>,
    refused: u64,
    lost: u64,
}

/// What is printed.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Summary {
    /// Answers with a status below 400.
    requests: usize,
    /// Answers with another status.
    refused: u64,
    /// Requests without an answer.
    lost: u64,
    rps: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
}

impl Figures {
    pub(crate) fn add(&mut self, time: Duration, status: u16) {
        if (200..400).contains(&status) {
            self.micros.push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
        } else {
            self.refused += 1;
        }
    }

    pub(crate) fn lost(&mut self) {
        self.lost += 1;
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.refused += other.refused;
        self.lost += other.lost;
    }

    pub(crate) fn summary(mut self, length: Duration) -> Summary {
        self.micros.sort_unstable();
        let quantile = |per_cent: usize| {
            let at = (self.micros.len() * per_cent / 100).min(self.micros.len().saturating_sub(1));
            f64::from(self.micros.get(at).copied().unwrap_or(0)) / 1000.0
        };
        let count = u32::try_from(self.micros.len()).unwrap_or(u32::MAX);
        Summary {
            requests: self.micros.len(),
            refused: self.refused,
            lost: self.lost,
            rps: f64::from(count) / length.as_secs_f64(),
            p50_ms: quantile(50),
            p95_ms: quantile(95),
            p99_ms: quantile(99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_answers_that_count() {
        let mut figures = Figures::default();
        for millis in 1..=100 {
            figures.add(Duration::from_millis(millis), 200);
        }
        figures.add(Duration::from_secs(9), 500);
        let mut other = Figures::default();
        other.lost();
        figures.merge(other);
        let summary = figures.summary(Duration::from_secs(2));
        assert_eq!((summary.requests, summary.refused, summary.lost), (100, 1, 1));
        assert_eq!((summary.p50_ms, summary.p95_ms, summary.p99_ms), (51.0, 96.0, 100.0));
        assert!((summary.rps - 50.0).abs() < f64::EPSILON);
        assert_eq!(Figures::default().summary(Duration::from_secs(1)).requests, 0);
    }
}
