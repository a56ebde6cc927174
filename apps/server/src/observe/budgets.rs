//! Holds the server against its budgets, again and again.

use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use auth_telemetry::{Process, budget::Sample};

use super::{Observed, figures};
use crate::settings::BudgetsConfig;

impl Observed {
    fn sample(&self) -> Sample {
        let sums = self.traffic.sums();
        let process = Process::read();
        Sample {
            answered: sums.answered,
            slow: sums.slow,
            failed: sums.failed,
            cpu: process.map(|process| process.cpu).unwrap_or_default(),
            resident: process.map(|process| process.resident).unwrap_or_default(),
        }
    }

    /// Warns for as long as a budget is exceeded.
    pub(super) async fn watch_budgets(self: Arc<Self>, config: BudgetsConfig) {
        let budgets = config.budgets();
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let cores = u32::try_from(cores).unwrap_or(u32::MAX);
        let (mut before, mut began) = (self.sample(), Instant::now());
        loop {
            tokio::time::sleep(Duration::from_secs(config.interval)).await;
            let after = self.sample();
            for standing in budgets.judge(&before, &after, began.elapsed(), cores) {
                let exceeded = f64::from(u8::from(standing.exceeded));
                self.metrics().gauge(&figures::BUDGET, &[standing.budget]).set(exceeded);
                if standing.exceeded {
                    let (budget, value, limit) = (standing.budget, standing.value, standing.limit);
                    tracing::warn!(budget, value, limit, "a budget is exceeded");
                }
            }
            (before, began) = (after, Instant::now());
        }
    }
}
