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

/// Others take every connection that there is, while those of the nodes are ended again and again.
pub(crate) fn crowded(world: &mut World) -> Result<bool> {
    let postgres = world.store.postgres()?;
    let most: usize = postgres.admin("show max_connections")?.trim().parse()?;
    let end = "do $$ begin for n in 1..20 loop perform pg_terminate_backend(pid) from pg_stat_activity \
               where datname like 'chaos%' and application_name <> 'crowd'; perform pg_sleep(0.1); end loop; end $$";
    let ending = postgres.beside(end)?;
    let crowd: Vec<_> =
        (0..most * 2).map(|_| postgres.beside("select pg_sleep(2)")).collect::<Result<_>>()?;
    let mut refused = 0;
    for one in crowd {
        let output = one.wait_with_output()?;
        refused += usize::from(
            String::from_utf8_lossy(&output.stderr).contains("connection slots")
                || String::from_utf8_lossy(&output.stderr).contains("too many clients"),
        );
    }
    drop(ending.wait_with_output()?);
    Ok(refused > 0)
}

pub(crate) fn disk_full(world: &mut World) -> Result<bool> {
    let Store::Sqlite(disk) = &world.store else { bail!("this fault is of SQLite") };
    disk.fill()?;
    thread::sleep(Duration::from_secs(1));
    let full = disk.is_full();
    disk.make_room()?;
    Ok(full)
}
