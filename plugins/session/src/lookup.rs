//! From a token to a live session: memory, what nodes share, the store.

use std::sync::Arc;

use auth_core::{
    Call, Core, Failure, Timestamp, async_trait,
    cache::{Loaded, Source},
    model::{Extra, Session},
    ports::Concern,
    schema::CoreTable,
    serde_json::{self, Map, Value},
};

use crate::{SessionPlugin, activity, cookies, memory::Kept};

impl SessionPlugin {
    /// A live session. The row of one that has expired, or was idle for too long, is removed.
    pub(crate) async fn look_up(
        &self,
        call: &Arc<Call>,
        token: &str,
        strict: bool,
    ) -> Result<Option<Kept>, Failure> {
        let core = call.core();
        let found = if strict {
            self.memory.sessions.reload(core, token, self).await?
        } else {
            match self.memory.sessions.known(core, token) {
                // Another node may know of a later use, and so may the store.
                Some(Some(kept)) if self.is_live(core, &kept).await => Some(kept),
                Some(None) => None,
                Some(Some(_)) | None => self.memory.sessions.fetch(core, token, self).await?,
            }
        };
        Ok(found.map(|kept| Kept::clone(&kept)))
    }

    /// Moves the expiry. Of many requests at once one writes; all see a live session.
    pub(crate) async fn refresh(
        &self,
        call: &Arc<Call>,
        kept: &Kept,
        now: Timestamp,
    ) -> Result<Option<Kept>, Failure> {
        let core = call.core();
        let session = &kept.session.session;
        if core.sessions().extend(core.db(), session, self.expiry(now)).await? {
            // Nobody is allowed less by it, but open sockets tell of it.
            let concern = Concern::User(session.user_id.clone());
            self.memory.forget_everywhere(core, &[&session.token], &concern).await;
        }
        self.look_up(call, &session.token, true).await
    }

    async fn is_live(&self, core: &Core, kept: &Kept) -> bool {
        kept.session.session.expires_at > core.now() && !self.is_idle_kept(core, kept).await
    }
}

#[async_trait]
impl Source<Kept> for SessionPlugin {
    async fn load(&self, core: &Arc<Core>, token: &str) -> Result<Loaded<Kept>, Failure> {
        let Some((session, user)) = core.sessions().find_by_token(core.db(), token).await? else {
            return Ok(Loaded::Missing);
        };
        if session.expires_at <= core.now() {
            if !self.config.defer_refresh {
                core.sessions().remove_expired(core.db(), &session).await?;
                self.memory.forget(token);
            }
            return Ok(Loaded::Passing);
        }
        let watch = self.watch(core, &session, activity::stored(&session)).await?;
        let kept = Kept::new(session, user, watch)?;
        if self.is_idle_kept(core, &kept).await {
            if !self.config.defer_refresh {
                self.end_idle(core, &kept.session.session).await?;
            }
            return Ok(Loaded::Passing);
        }
        Ok(Loaded::Found(kept))
    }

    fn until(&self, kept: &Kept) -> Timestamp {
        kept.session.session.expires_at
    }

    fn write(&self, kept: &Kept) -> Option<Vec<u8>> {
        let (session, user) = (&kept.session.session, &kept.user.user);
        let pair = (row(session.as_ref(), &session.extra)?, row(user.as_ref(), &user.extra)?);
        serde_json::to_vec(&pair).ok()
    }

    async fn read(&self, core: &Arc<Core>, token: &str, bytes: &[u8]) -> Result<Option<Kept>, Failure> {
        let Some((session, user)) = read_rows(core, bytes) else { return Ok(None) };
        if session.token != token || session.user_id != user.id || session.expires_at <= core.now() {
            return Ok(None);
        }
        let watch = self.watch(core, &session, activity::stored(&session)).await?;
        let kept = Kept::new(session, user, watch)?;
        // It may have been used since: the store knows.
        Ok((!self.is_idle_kept(core, &kept).await).then_some(kept))
    }
}

/// A whole row: the columns that answers do not show, too.
fn row(shown: &impl serde::Serialize, extra: &Extra) -> Option<Map<String, Value>> {
    let Value::Object(mut row) = serde_json::to_value(shown).ok()? else { return None };
    for (column, value) in extra.iter() {
        row.insert(column.name.to_string(), serde_json::to_value(value).ok()?);
    }
    Some(row)
}

/// The columns of the core that every row has.
const SESSION: usize = 8;
const USER: usize = 7;

fn read_rows(core: &Core, bytes: &[u8]) -> Option<(Session, auth_core::User)> {
    let (session, user): (Value, Value) = serde_json::from_slice(bytes).ok()?;
    // A node with other columns, as in the middle of a release, has written something else.
    let is_whole = |value: &Value, table, columns: usize| {
        let extras = core.schema().extras(table);
        value.as_object().is_some_and(|row| {
            row.len() == columns + extras.len()
                && extras.iter().all(|column| row.contains_key(column.name.as_ref()))
        })
    };
    let whole = is_whole(&session, CoreTable::Session, SESSION) && is_whole(&user, CoreTable::User, USER);
    whole.then(|| Some((cookies::read_session(core, &session)?, cookies::read_user(core, &user)?)))?
}
