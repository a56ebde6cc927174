//! Who is there, on all nodes.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use auth_core::{Failure, ports};
use deadpool_redis::redis::{self, Script};
use sha2::{Digest, Sha256};

use crate::link::Redis;

/// Of every id its beginning and its end, in milliseconds of the server's clock. Gives those that have not
/// ended, the oldest first.
const ENTER: &str = r"
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
local life = tonumber(ARGV[2])
local there, known = {}, false
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local began, ends = string.match(all[i + 1], '^(%d+):(%d+)$')
  if all[i] == ARGV[1] then
    known = tonumber(began)
  elseif ends and tonumber(ends) > now then
    there[#there + 1] = { tonumber(began), all[i] }
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
local began = known or now
there[#there + 1] = { began, ARGV[1] }
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d:%d', began, now + life))
redis.call('PEXPIRE', KEYS[1], life)
table.sort(there, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
local ids = {}
for i, one in ipairs(there) do ids[i] = one[2] end
return ids
";

pub(crate) struct Presence {
    redis: Arc<Redis>,
    script: Script,
}

impl Presence {
    pub(crate) fn new(redis: Arc<Redis>) -> Self {
        Self { redis, script: Script::new(ENTER) }
    }

    fn name(&self, whom: &str) -> String {
        let digest = Sha256::digest(whom);
        self.redis.name(&format!("there:{}", hex::encode(digest.get(..16).unwrap_or_default())))
    }
}

#[async_trait]
impl ports::Presence for Presence {
    async fn enter(&self, whom: &str, id: &str, life: Duration) -> Result<Vec<String>, Failure> {
        let life = life.as_millis().to_string();
        Ok(self.redis.script(&self.script, &self.name(whom), &[id, life.as_str()]).await?)
    }

    async fn leave(&self, whom: &str, id: &str) -> Result<(), Failure> {
        let mut command = redis::cmd("HDEL");
        command.arg(self.name(whom)).arg(id);
        self.redis.run::<i64>(&command).await?;
        Ok(())
    }
}
