//! Databases.

use std::{thread, time::Duration};

use anyhow::{Result, bail};

use crate::{
    scenarios::{Store, World},
    servers::Postgres,
};

pub(crate) fn restarted(world: &mut World) -> Result<bool> {
    Postgres::switch("stop")?;
    thread::sleep(Duration::from_secs(1));
    let gone = world.store.postgres()?.ask("select 1").is_err();
    Postgres::switch("start")?;
    Ok(gone)
}

pub(crate) fn read_only(world: &mut World) -> Result<bool> {
    world.store.postgres()?.admin("alter system set default_transaction_read_only = on")?;
    world.store.postgres()?.admin("select pg_reload_conf()")?;
    thread::sleep(Duration::from_secs(1));
    let landed = world.store.postgres()?.ask("create table refused (x int)").is_err();
    world.store.postgres()?.admin("alter system reset default_transaction_read_only")?;
    world.store.postgres()?.admin("select pg_reload_conf()")?;
    Ok(landed)
}

pub(crate) fn connections_ended(world: &mut World) -> Result<bool> {
    let mut ended = 0;
    for _ in 0..5 {
        let sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                   where datname like 'chaos%' and pid <> pg_backend_pid()";
        ended += world.store.postgres()?.admin(sql)?.trim().parse::<u32>()?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(ended > 0)
}

/// The nodes' role may have no connection: those that there are end, and new ones are refused.
pub(crate) fn crowded(world: &mut World) -> Result<bool> {
    let postgres = world.store.postgres()?;
    let role = postgres.role();
    let end =
        format!("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = '{role}'");
    postgres.admin(&format!("alter role {role} connection limit 0"))?;
    postgres.admin(&end)?;
    thread::sleep(Duration::from_secs(2));
    let landed = !postgres.lets_nodes_in();
    postgres.admin(&format!("alter role {role} connection limit -1"))?;
    Ok(landed)
}

pub(crate) fn disk_full(world: &mut World) -> Result<bool> {
    let Store::Sqlite(disk) = &world.store else { bail!("this fault is of SQLite") };
    disk.fill()?;
    thread::sleep(Duration::from_secs(1));
    let full = disk.is_full();
    disk.make_room()?;
    Ok(full)
}
