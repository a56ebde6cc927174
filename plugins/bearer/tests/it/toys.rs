//! Plugins around the one under test.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use auth_testkit::auth_core::{
    Call, Core, DatabaseHook, Failure, Manifest, Plugin, Problem, Registrar, Tx, async_trait,
    config::NoConfig,
    hook::{Change, Changed},
    model::{Session, Timestamp},
    session::{Claim, Identity, Level, SessionRule, SessionSource},
};

/// Refuses changes of sessions while it is shut, and writes down what it hears.
pub(crate) struct Warden;

// A test has the process to itself.
pub(crate) static SHUT: AtomicBool = AtomicBool::new(false);
/// No session counts.
pub(crate) static NOBODY: AtomicBool = AtomicBool::new(false);
/// No session extends.
pub(crate) static RIGID: AtomicBool = AtomicBool::new(false);
static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());

pub(crate) fn heard() -> Vec<String> {
    std::mem::take(&mut *HEARD.lock().unwrap())
}

struct Hook;

#[async_trait]
impl DatabaseHook for Hook {
    async fn before(&self, _: &Tx, change: &mut Change<'_>) -> Result<(), Failure> {
        match change {
            Change::UpdateSession { .. } if SHUT.load(Ordering::SeqCst) => {
                Err(Failure::forbidden("BANNED", "You are banned"))
            }
            Change::UpdateSession { patch, .. } if patch.token.is_some() => {
                HEARD.lock().unwrap().push("before rotation".to_owned());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn after(&self, _: &Arc<Core>, changed: &Changed) -> Result<(), Failure> {
        let what = match changed {
            Changed::SessionUpdated(session) => format!("updated {}", session.token),
            Changed::SessionRotated { old_token, .. } => format!("rotated {}", old_token.expose()),
            Changed::SessionDeleted(session) => format!("deleted {}", session.token),
            _ => return Ok(()),
        };
        HEARD.lock().unwrap().push(what);
        Ok(())
    }
}

struct Rule;

impl SessionRule for Rule {
    fn counts(&self, _: &Session, _: Timestamp) -> bool {
        !NOBODY.load(Ordering::SeqCst)
    }

    fn extends(&self, _: &Session) -> bool {
        !RIGID.load(Ordering::SeqCst)
    }
}

/// Vouches for the session in `x-vouched`, as what `x-method` says.
struct Voucher;

#[async_trait]
impl SessionSource for Voucher {
    async fn find(&self, call: &Arc<Call>, _: Level) -> Result<Option<Claim>, Failure> {
        let Some(token) = call.header("x-vouched") else { return Ok(None) };
        let core = call.core();
        let (session, user) = core.sessions().find_by_token(core.db(), token).await?.unwrap();
        let mut identity = Identity::new(Arc::new(session), Arc::new(user), "bearer");
        match call.header("x-method") {
            Some("scoped") => identity.scopes = Some(Arc::from(["read".to_owned()])),
            Some("acted") => identity.actor = Some("somebody".into()),
            _ => identity.method = "jwt",
        }
        Ok(Some(Claim::Identity(identity)))
    }
}

impl Plugin for Warden {
    const MANIFEST: Manifest = Manifest::new("warden", "1.0.0", "Watches sessions");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.database_hook(Hook);
        host.contribute::<dyn SessionSource>(Arc::new(Voucher));
        host.contribute::<dyn SessionRule>(Arc::new(Rule));
    }
}
