//! Budgets: what a server may need before operators are warned.

use std::time::Duration;

/// The limits; 0 for none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budgets {
    /// 95 of 100 requests are answered within this time.
    pub latency: Duration,
    /// Answers with a status of 500 or more, of a hundred.
    pub error_percent: f64,
    /// Of all cores.
    pub cpu_percent: f64,
    /// Bytes in memory.
    pub memory: u64,
}

/// Sums since the start, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    pub answered: u64,
    /// Of these, slower than the budget.
    pub slow: u64,
    pub failed: u64,
    pub cpu: Duration,
    pub resident: u64,
}

/// How a budget stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    pub budget: &'static str,
    /// What was measured, in the limit's unit. Of the latency: the share of slow requests.
    pub value: f64,
    pub limit: f64,
    pub exceeded: bool,
}

/// Fewer requests than this say nothing about the rest.
const ENOUGH: u64 = 20;

/// The share of slow requests that makes the 95th percentile too high.
const SLOW_PERCENT: f64 = 5.0;

impl Budgets {
    /// How the time between two samples was spent. Budgets without a limit are left out.
    #[must_use]
    pub fn judge(&self, before: &Sample, after: &Sample, passed: Duration, cores: u32) -> Vec<Standing> {
        let answered = after.answered.saturating_sub(before.answered);
        let percent = |before: u64, after: u64| {
            if answered < ENOUGH {
                0.0
            } else {
                100.0 * float(after.saturating_sub(before)) / float(answered)
            }
        };
        let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64();
        let available = passed.as_secs_f64() * f64::from(cores.max(1));
        let all = [
            ("latency", !self.latency.is_zero(), percent(before.slow, after.slow), SLOW_PERCENT),
            ("errors", true, percent(before.failed, after.failed), self.error_percent),
            ("cpu", true, if available > 0.0 { 100.0 * cpu / available } else { 0.0 }, self.cpu_percent),
            ("memory", true, float(after.resident), float(self.memory)),
        ];
        let limited = all.into_iter().filter(|(_, on, _, limit)| *on && *limit > 0.0);
        limited
            .map(|(budget, _, value, limit)| Standing { budget, value, limit, exceeded: value > limit })
            .collect()
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts and bytes are far below 2^52")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGETS: Budgets =
        Budgets { latency: Duration::from_millis(200), error_percent: 1.0, cpu_percent: 80.0, memory: 1000 };
    const MINUTE: Duration = Duration::from_mins(1);

    fn exceeded(budgets: &Budgets, after: Sample) -> Vec<&'static str> {
        let before = Sample { answered: 1000, slow: 1000, failed: 1000, ..Sample::default() };
        let after = Sample {
            answered: 1000 + after.answered,
            slow: 1000 + after.slow,
            failed: 1000 + after.failed,
            ..after
        };
        let standings = budgets.judge(&before, &after, MINUTE, 2);
        standings.into_iter().filter(|standing| standing.exceeded).map(|standing| standing.budget).collect()
    }

    #[test]
    fn each_budget_is_exceeded_by_a_little_more_than_it_allows() {
        let fine = Sample { answered: 100, slow: 5, failed: 1, cpu: Duration::from_secs(96), resident: 1000 };
        assert_eq!(exceeded(&BUDGETS, fine), Vec::<&str>::new());
        assert_eq!(exceeded(&BUDGETS, Sample { slow: 6, ..fine }), ["latency"]);
        assert_eq!(exceeded(&BUDGETS, Sample { failed: 2, ..fine }), ["errors"]);
        assert_eq!(exceeded(&BUDGETS, Sample { cpu: Duration::from_secs(97), ..fine }), ["cpu"]);
        assert_eq!(exceeded(&BUDGETS, Sample { resident: 1001, ..fine }), ["memory"]);
    }

    #[test]
    fn a_few_requests_say_nothing() {
        assert!(
            exceeded(&BUDGETS, Sample { answered: 19, slow: 19, failed: 19, ..Sample::default() }).is_empty()
        );
        assert_eq!(
            exceeded(&BUDGETS, Sample { answered: 20, slow: 20, failed: 20, ..Sample::default() }).len(),
            2
        );
    }

    #[test]
    fn zero_is_no_limit() {
        let none = Budgets { latency: Duration::ZERO, error_percent: 0.0, cpu_percent: 0.0, memory: 0 };
        let worst = Sample { answered: 100, slow: 100, failed: 100, cpu: MINUTE * 2, resident: u64::MAX };
        assert!(none.judge(&Sample::default(), &worst, MINUTE, 1).is_empty());
    }
}
