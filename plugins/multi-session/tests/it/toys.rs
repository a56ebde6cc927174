//! Plugins around the one under test.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard},
};

use auth_testkit::auth_core::{
    DatabaseHook, Failure, Manifest, Plugin, Problem, Registrar, Timestamp, Tx, async_trait,
    config::NoConfig, hook::Change, model::Session, session::SessionRule,
};

// A test has the process to itself.
static BANNED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The ids of users who may not sign in.
pub(crate) fn banned() -> MutexGuard<'static, BTreeSet<String>> {
    BANNED.lock().unwrap()
}

/// Bans users.
pub(crate) struct Ban;

impl SessionRule for Ban {
    fn counts(&self, session: &Session, _: Timestamp) -> bool {
        !banned().contains(&session.user_id)
    }

    fn extends(&self, _: &Session) -> bool {
        true
    }
}

#[async_trait]
impl DatabaseHook for Ban {
    async fn before(&self, _: &Tx, change: &mut Change<'_>) -> Result<(), Failure> {
        match change {
            Change::CreateSession(session) if banned().contains(&session.user_id) => {
                Err(Failure::forbidden("BANNED_USER", "You have been banned from this application"))
            }
            _ => Ok(()),
        }
    }
}

impl Plugin for Ban {
    const MANIFEST: Manifest = Manifest::new("ban", "1.0.0", "Bans users");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn SessionRule>(self);
        host.database_hook(Self);
    }
}
