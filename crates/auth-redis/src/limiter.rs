//! Counters in Redis, which every node counts on.

use std::sync::Arc;

use async_trait::async_trait;
use auth_core::{
    Failure,
    rate::{Algorithm, Ask, Limiter, Standing, Verdict},
};
use deadpool_redis::redis::{self, Script, Value};
use sha2::{Digest, Sha256};

use crate::{
    config::Mode,
    link::{Away, Redis},
};

/// Counts as `auth_limit` describes, by the clock of the server, so that nodes whose clocks differ agree.
const HIT: &str = include_str!("limiter.lua");

/// Counts in Redis: one script and one round trip a request, however many counters are asked. In a
/// cluster counters lie on different servers, so there each is asked by itself, and the ones before a
/// refusal have counted. Where Redis is away it says so; what then happens is for the host to decide.
pub struct RedisLimiter {
    redis: Arc<Redis>,
    script: Script,
}

impl RedisLimiter {
    #[must_use]
    pub fn new(redis: Arc<Redis>) -> Self {
        Self { redis, script: Script::new(HIT) }
    }

    /// A name of fixed length, however long the path that a client made up.
    fn name(&self, ask: &Ask) -> String {
        let digest = Sha256::digest(ask.name());
        self.redis.name(&format!("limit:{}", hex::encode(digest.get(..16).unwrap_or_default())))
    }

    async fn ask(&self, asked: &[Ask]) -> Result<Verdict, Away> {
        let names: Vec<_> = asked.iter().map(|ask| self.name(ask)).collect();
        let figures: Vec<i64> = asked.iter().flat_map(figures).collect();
        let answer = self.redis.script::<Vec<i64>>(&self.script, &names, &figures).await?;
        let whole = |at: usize| answer.get(at).copied().unwrap_or_default().max(0).unsigned_abs();
        let at = usize::try_from(whole(1)).unwrap_or_default();
        Ok(if whole(0) == 1 {
            Verdict::Refused { by: at, retry_after: whole(2).div_ceil(1000) }
        } else {
            let standing = Standing { remaining: whole(2), reset: whole(3).div_ceil(1000) };
            Verdict::Allowed { tightest: at, standing }
        })
    }

    async fn ask_each(&self, asked: &[Ask]) -> Result<Verdict, Away> {
        let mut standings = Vec::with_capacity(asked.len());
        for (at, ask) in asked.iter().enumerate() {
            match self.ask(std::slice::from_ref(ask)).await? {
                Verdict::Allowed { standing, .. } => standings.push(standing),
                Verdict::Refused { retry_after, .. } => return Ok(Verdict::Refused { by: at, retry_after }),
            }
        }
        Ok(Verdict::allowed(standings))
    }
}

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What the script wants to know of a limit.
fn figures(ask: &Ask) -> [i64; 5] {
    let limit = ask.limit;
    let (algorithm, extra) = match limit.algorithm {
        Algorithm::Fixed => (1, 0),
        Algorithm::Sliding => (2, 0),
        Algorithm::TokenBucket { burst } => (3, int(burst).saturating_mul(1000)),
        Algorithm::Growing { longest } => (4, int(longest).saturating_mul(1000)),
    };
    let window = int(limit.window).saturating_mul(1000).max(1);
    [algorithm, window, int(limit.max), extra, limit.memory_millis().max(1)]
}

#[async_trait]
impl Limiter for RedisLimiter {
    async fn hit(&self, asked: &[Ask], _: i64) -> Result<Verdict, Failure> {
        if asked.len() > 1 && self.redis.config().mode == Mode::Cluster {
            return Ok(self.ask_each(asked).await?);
        }
        Ok(self.ask(asked).await?)
    }

    async fn forget(&self, ask: &Ask, _: i64) -> Result<(), Failure> {
        self.redis.run::<Value>(redis::cmd("DEL").arg(self.name(ask))).await?;
        Ok(())
    }
}
