//! Copies of a SQLite database: made while it is in use, and put back while it is not.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use auth_core::{
    schema::CoreTable,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};

use crate::{DatabaseConfig, Store, StoreError, config::Target};

/// What a restored database must not bring back: who was signed in, and what was waiting to be redeemed.
const FORGOTTEN: [CoreTable; 2] = [CoreTable::Session, CoreTable::Verification];

fn file(path: &Path, source: io::Error) -> StoreError {
    StoreError::File { path: path.display().to_string(), source }
}

/// Writes a copy of the database as it is at one moment. Requests go on meanwhile.
///
/// The file is new, and readable by its owner only.
pub async fn backup(store: &Store, to: &Path) -> Result<u64, StoreError> {
    if store.db().get_database_backend() != DbBackend::Sqlite {
        return Err(StoreError::Config(
            "only SQLite is backed up by this command; use the tools of your database, such as pg_dump"
                .to_owned(),
        ));
    }
    let copy = new_file(to)?;
    let copied = copy_into(store, to).await;
    if copied.is_err() {
        // Half a copy is none.
        drop(fs::remove_file(to));
    }
    copied?;
    copy.sync_all().map_err(|source| file(to, source))?;
    copy.metadata().map(|meta| meta.len()).map_err(|source| file(to, source))
}

/// An empty file; SQLite fills it, with the mode that it has.
fn new_file(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|source| file(path, source))
}

async fn copy_into(store: &Store, to: &Path) -> Result<(), StoreError> {
    let path = to.to_str().ok_or_else(|| StoreError::Config("the path is no text".to_owned()))?;
    let vacuum = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [path.into()]);
    store.db().execute_raw(vacuum).await?;
    Ok(())
}

/// What [`restore`] did.
#[derive(Debug)]
pub struct Restored {
    /// Where the database that was there before is now.
    pub before: Option<PathBuf>,
}

/// Puts a copy in the place of a database that nobody uses, without the sessions and the secrets of
/// letters that it has. What was there is kept beside it.
pub async fn restore(config: &DatabaseConfig, from: &Path) -> Result<Restored, StoreError> {
    let Target::File(path) = Target::parse(&config.url)? else {
        return Err(StoreError::Config(
            "only a SQLite file is restored by this command; use the tools of your database, such as \
             pg_restore, and then `tessera user sign-out-all`"
                .to_owned(),
        ));
    };
    let path = PathBuf::from(path);
    let beside = |ending: &str| {
        let mut name = path.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    };
    if path.exists() {
        refuse_in_use(config).await?;
    }
    let fresh = beside(".restoring");
    prepare(config, from, &fresh).await?;
    let mut before = None;
    if path.exists() {
        let kept = beside(".before-restore");
        fs::rename(&path, &kept).map_err(|source| file(&kept, source))?;
        before = Some(kept);
    }
    for ending in ["-wal", "-shm"] {
        match fs::remove_file(beside(ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(file(&beside(ending), error));
            }
            _ => {}
        }
    }
    fs::rename(&fresh, &path).map_err(|source| file(&path, source))?;
    Ok(Restored { before })
}

/// A server that goes on writing to a file that was renamed would lose what it writes.
async fn refuse_in_use(config: &DatabaseConfig) -> Result<(), StoreError> {
    let alone = crate::connect::is_unused(config).await?;
    if alone {
        return Ok(());
    }
    Err(StoreError::Config("the database is in use: stop the server first".to_owned()))
}

/// A copy that was checked, with what it must not bring back removed.
async fn prepare(config: &DatabaseConfig, from: &Path, fresh: &Path) -> Result<(), StoreError> {
    let text = fresh.to_str().ok_or_else(|| StoreError::Config("the path is no text".to_owned()))?;
    // What an attempt that was cut off has left.
    drop(fs::remove_file(fresh));
    new_file(fresh)?;
    let done = match fs::copy(from, fresh) {
        Ok(_) => clean(&DatabaseConfig { url: format!("sqlite:{text}"), ..config.clone() }).await,
        Err(source) => Err(file(from, source)),
    };
    if done.is_err() {
        drop(fs::remove_file(fresh));
    }
    done
}

fn damaged() -> StoreError {
    StoreError::Config("the copy is damaged, or no SQLite database".to_owned())
}

async fn clean(config: &DatabaseConfig) -> Result<(), StoreError> {
    let store = Store::open(config).await.map_err(|_| damaged())?;
    let done = clean_open(&store).await;
    store.db().close().await;
    done
}

async fn clean_open(store: &Store) -> Result<(), StoreError> {
    let db = store.db();
    let ask = |sql: &str| Statement::from_string(DbBackend::Sqlite, sql.to_owned());
    let row = db.query_one_raw(ask("PRAGMA integrity_check")).await.map_err(|_| damaged())?;
    let verdict = row.and_then(|row| row.try_get_by::<String, _>(0).ok());
    if verdict.as_deref() != Some("ok") {
        return Err(damaged());
    }
    for table in FORGOTTEN.map(CoreTable::name) {
        db.execute_raw(ask(&format!("DELETE FROM \"{table}\""))).await.map_err(|_| {
            StoreError::Config(format!("the copy has no table `{table}`: it is not of this server"))
        })?;
    }
    // Nothing may be left beside the file that is about to be renamed.
    db.query_one_raw(ask("PRAGMA wal_checkpoint(TRUNCATE)")).await?;
    Ok(())
}
