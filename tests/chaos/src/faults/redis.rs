//! Redis, and the ways to it.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    http,
    scenarios::{STALE, World, is_signed_in, newcomer},
};

pub(crate) fn killed(world: &mut World) -> Result<bool> {
    let before = world.told("Redis is away");
    world.redis.kill();
    thread::sleep(Duration::from_secs(1));
    world.redis.go_on()?;
    Ok(world.told("Redis is away") > before)
}

pub(crate) fn flushed(world: &mut World) -> Result<bool> {
    let full = world.redis.say("DBSIZE")? != ":0";
    for _ in 0..5 {
        world.redis.say("FLUSHALL")?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(full)
}

pub(crate) fn slow(world: &mut World) -> Result<bool> {
    let begun = Instant::now();
    for _ in 0..5 {
        world.redis.say("DEBUG SLEEP 0.3")?;
    }
    Ok(begun.elapsed() >= Duration::from_millis(1500))
}

pub(crate) fn password(world: &mut World) -> Result<bool> {
    let before = world.told("Redis is away");
    world.redis.say("CONFIG SET requirepass another\r\nAUTH another\r\nCLIENT KILL TYPE normal SKIPME yes\r\nCLIENT KILL TYPE pubsub")?;
    thread::sleep(Duration::from_secs(1));
    let landed = world.told("Redis is away") > before;
    world.redis.say("AUTH another\r\nCONFIG SET requirepass \"\"")?;
    thread::sleep(Duration::from_millis(100));
    Ok(landed)
}

#[expect(clippy::unnecessary_wraps, reason = "one type for all faults")]
pub(crate) fn cut(world: &mut World) -> Result<bool> {
    // The node may rest from the round before; then it is not told again that Redis is away.
    let before = world.cable.swallowed();
    world.cable.cut();
    thread::sleep(Duration::from_secs(6));
    world.cable.mend();
    Ok(world.cable.swallowed() > before)
}

/// The second node cannot hear of it. It has to stop trusting its memory by itself.
pub(crate) fn revoked_apart(world: &mut World) -> Result<bool> {
    let [one, two] = world.nodes.as_slice() else { anyhow::bail!("two nodes") };
    let (one, two) = (one.at, two.at);
    let cookie = newcomer(one)?;
    world.cable.cut();
    let before = world.cable.swallowed();
    let known = is_signed_in(two, &cookie);
    let ended = http::send(one, "POST", "/api/auth/sign-out", &cookie, "{}").is_some_and(|a| a.status == 200);
    let since = Instant::now();
    while is_signed_in(two, &cookie) && since.elapsed() < STALE * 2 {
        thread::sleep(Duration::from_millis(20));
    }
    let held = since.elapsed() <= STALE;
    thread::sleep(Duration::from_millis(500));
    world.cable.mend();
    Ok(known && ended && held && world.cable.swallowed() > before)
}
