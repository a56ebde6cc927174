//! Asks dependencies how they are, seldom enough that strangers may ask as often as they like.

use std::{
    future::Future,
    pin::Pin,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use auth_core::ports::{Checked, Condition, Health};
use tokio::sync::Mutex;

/// A question to a dependency.
pub type Ask = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Condition> + Send>> + Send + Sync>;

/// A dependency that does not say anything for this long is down.
const PATIENCE: Duration = Duration::from_secs(2);

struct Probe {
    name: &'static str,
    needed: bool,
    /// How long an answer counts.
    keep: Duration,
    ask: Ask,
    last: Mutex<Option<(Instant, Condition)>>,
}

/// The dependencies of one server.
#[derive(Default)]
pub struct Probes {
    probes: Vec<Probe>,
}

impl Probes {
    /// Adds a dependency. Without a needed one no request can be answered.
    #[must_use]
    pub fn with<F>(
        mut self,
        name: &'static str,
        needed: bool,
        keep: Duration,
        ask: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Condition> + Send + 'static,
    {
        let ask: Ask = Box::new(move || Box::pin(ask()));
        self.probes.push(Probe { name, needed, keep, ask, last: Mutex::default() });
        self
    }
}

impl Probe {
    /// Who comes while the question is out waits for its answer.
    async fn check(&self) -> Checked {
        let mut last = self.last.lock().await;
        let condition = match *last {
            Some((at, condition)) if at.elapsed() < self.keep => condition,
            _ => {
                let answer = tokio::time::timeout(PATIENCE, (self.ask)()).await;
                let condition = answer.unwrap_or(Condition::Down);
                *last = Some((Instant::now(), condition));
                condition
            }
        };
        Checked { name: self.name, condition, needed: self.needed }
    }
}

#[async_trait]
impl Health for Probes {
    async fn check(&self) -> Vec<Checked> {
        futures_util::future::join_all(self.probes.iter().map(Probe::check)).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn many_askers_are_one_question() {
        let asked = Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        let probes = Probes::default().with("thing", true, Duration::from_hours(1), move || {
            count.fetch_add(1, Ordering::SeqCst);
            async {
                tokio::task::yield_now().await;
                Condition::Ok
            }
        });
        let answers = futures_util::future::join_all((0..100).map(|_| probes.check())).await;
        let fine = Checked { name: "thing", condition: Condition::Ok, needed: true };
        assert!(answers.iter().all(|answer| answer == &[fine]));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn an_answer_gets_old() {
        let asked = Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        let probes = Probes::default().with("thing", false, Duration::ZERO, move || {
            let before = count.fetch_add(1, Ordering::SeqCst);
            async move { if before == 0 { Condition::Ok } else { Condition::Degraded } }
        });
        assert_eq!(probes.check().await[0].condition, Condition::Ok);
        assert_eq!(probes.check().await[0].condition, Condition::Degraded);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_down_and_keeps_nobody_waiting_for_long() {
        let probes = Probes::default()
            .with("silent", true, Duration::from_secs(1), std::future::pending)
            .with("other", false, Duration::from_secs(1), || async { Condition::Ok });
        let began = tokio::time::Instant::now();
        let answer = probes.check().await;
        assert_eq!([answer[0].condition, answer[1].condition], [Condition::Down, Condition::Ok]);
        assert!(began.elapsed() <= PATIENCE + Duration::from_millis(10));
    }
}
