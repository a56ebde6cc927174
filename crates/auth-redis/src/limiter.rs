//! Counters in Redis, which every node counts on.

use std::sync::Arc;

use async_trait::async_trait;
use auth_core::{
    Failure,
    rate::{Limit, Limiter, Verdict},
};
use auth_limit::MemoryLimiter;
use deadpool_redis::redis::Script;
use sha2::{Digest, Sha256};

use crate::link::Redis;

/// Counts as the other limiters do (`auth_limit`), by the clock of the server, so that nodes whose clocks
/// differ agree. Gives -1, or the milliseconds until the window ends.
const HIT: &str = r"
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
local window, max = tonumber(ARGV[1]), tonumber(ARGV[2])
local counter = redis.call('HMGET', KEYS[1], 'n', 't')
local n, t = tonumber(counter[1]) or 0, tonumber(counter[2]) or now
if t > now then t = now end
if now - t >= window then n = 0 end
if n >= max then return t + window - now end
redis.call('HSET', KEYS[1], 'n', n + 1, 't', now)
redis.call('PEXPIRE', KEYS[1], window)
return -1
";

/// Counts in Redis: one script and one round trip a request. Where Redis is away it counts in this
/// node's memory, so that nobody is let through unlimited.
pub struct RedisLimiter {
    redis: Arc<Redis>,
    script: Script,
    meanwhile: MemoryLimiter,
}

impl RedisLimiter {
    /// `capacity`: counters that are kept in memory while Redis is away.
    #[must_use]
    pub fn new(redis: Arc<Redis>, capacity: usize) -> Self {
        Self { redis, script: Script::new(HIT), meanwhile: MemoryLimiter::new(capacity) }
    }

    /// A name of fixed length, however long the path that a client made up.
    fn name(&self, key: &str) -> String {
        let digest = Sha256::digest(key);
        self.redis.name(&format!("limit:{}", hex::encode(digest.get(..16).unwrap_or_default())))
    }
}

#[async_trait]
impl Limiter for RedisLimiter {
    async fn hit(&self, key: &str, limit: Limit, now_millis: i64) -> Result<Verdict, Failure> {
        let window = i64::try_from(limit.window).unwrap_or(i64::MAX).saturating_mul(1000);
        let max = i64::try_from(limit.max).unwrap_or(i64::MAX);
        let left = self.redis.script::<i64>(&self.script, &self.name(key), &[window, max]).await;
        match left {
            Ok(left) if left < 0 => Ok(Verdict::Allowed),
            Ok(left) => Ok(Verdict::Refused { retry_after: left.unsigned_abs().div_ceil(1000) }),
            Err(away) => {
                tracing::debug!(%away, "a request is counted in memory");
                self.meanwhile.hit(key, limit, now_millis).await
            }
        }
    }
}
