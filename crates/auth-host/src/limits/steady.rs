//! A limiter that always answers.

use std::sync::Arc;

use async_trait::async_trait;
use auth_core::{
    Failure,
    metric::Metrics,
    rate::{Ask, Fail, Limiter, Standing, Verdict},
};

use crate::figures;

/// Seconds after which whoever was refused for want of a limiter may ask again.
const PAUSE: u64 = 5;

/// Asks the limiter that nodes share and, while it is away, does with each counter what its rule says.
pub(crate) struct Steady {
    shared: Arc<dyn Limiter>,
    /// Counts by itself.
    own: Arc<dyn Limiter>,
    metrics: Metrics,
}

impl Steady {
    pub(crate) fn new(shared: Arc<dyn Limiter>, own: Arc<dyn Limiter>, metrics: Metrics) -> Self {
        Self { shared, own, metrics }
    }

    async fn without(&self, asked: &[Ask], now: i64, away: Failure) -> Result<Verdict, Failure> {
        let count = |fail: Fail| asked.iter().filter(|ask| ask.fail == fail).count();
        for (fail, label) in [(Fail::Memory, "memory"), (Fail::Open, "open"), (Fail::Closed, "closed")] {
            let times = u64::try_from(count(fail)).unwrap_or_default();
            if times > 0 {
                self.metrics.counter(&figures::RATE_LIMIT_FAILURES, &[label]).increment(times);
            }
        }
        if count(Fail::Closed) > 0 {
            return Err(Failure::new(
                auth_core::http::StatusCode::SERVICE_UNAVAILABLE,
                "RATE_LIMITER_UNAVAILABLE",
                "Service temporarily unavailable. Please try again later.",
            )
            .with_source(away)
            .with_header(auth_core::http::header::RETRY_AFTER, PAUSE.into()));
        }
        tracing::debug!(?away, "a request is counted in memory");
        let (places, counted): (Vec<usize>, Vec<Ask>) = asked
            .iter()
            .enumerate()
            .filter(|(_, ask)| ask.fail == Fail::Memory)
            .map(|(at, ask)| (at, ask.clone()))
            .unzip();
        if counted.is_empty() {
            return Ok(Verdict::allowed(std::iter::empty::<Standing>()));
        }
        let place = |at: usize| places.get(at).copied().unwrap_or_default();
        Ok(match self.own.hit(&counted, now).await? {
            Verdict::Allowed { tightest, standing } => {
                Verdict::Allowed { tightest: place(tightest), standing }
            }
            Verdict::Refused { by, retry_after } => Verdict::Refused { by: place(by), retry_after },
        })
    }
}

#[async_trait]
impl Limiter for Steady {
    async fn hit(&self, asked: &[Ask], now_millis: i64) -> Result<Verdict, Failure> {
        match self.shared.hit(asked, now_millis).await {
            Ok(verdict) => Ok(verdict),
            Err(away) => self.without(asked, now_millis, away).await,
        }
    }

    /// Also what was counted here while the other one was away. Nobody fails because a counter stays.
    async fn forget(&self, ask: &Ask, now_millis: i64) -> Result<(), Failure> {
        self.own.forget(ask, now_millis).await?;
        if let Err(away) = self.shared.forget(ask, now_millis).await {
            tracing::warn!(?away, "a counter stays, because its store is away");
        }
        Ok(())
    }
}
