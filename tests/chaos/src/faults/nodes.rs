//! The nodes themselves.

use std::{net::TcpStream, thread, time::Duration};

use anyhow::Result;

use crate::{clock::HOUR, scenarios::World};

pub(crate) fn killed(world: &mut World) -> Result<bool> {
    let Some(node) = world.nodes.first_mut() else { return Ok(false) };
    node.kill();
    let gone = TcpStream::connect(node.at).is_err();
    thread::sleep(Duration::from_millis(500));
    node.go_on()?;
    Ok(gone)
}

pub(crate) fn clock_jumps(world: &mut World) -> Result<bool> {
    let mut landed = true;
    for seconds in [HOUR, -HOUR, 0] {
        world.clock.set(seconds)?;
        thread::sleep(Duration::from_millis(700));
        for node in &world.nodes {
            // The answer's `Date` is the node's own time.
            landed &= node.date()?.abs_diff(crate::clock::now()? + seconds) < 120;
        }
    }
    Ok(landed)
}
