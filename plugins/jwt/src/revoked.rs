//! Tokens that were taken back before their time: in the table, and in the memory of every node.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use auth_core::{
    Core, DatabaseHook, Failure, Timestamp, Tx, async_trait,
    hook::{Change, Changed},
    ports::{Concern, NodeMemory},
    sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter},
};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::{
    Config, Jwt,
    schema::revoked_token::{ActiveModel, Column, Entity, Model},
    token::Claims,
};

/// How long another node may not know of a revocation, where it cannot be told.
const TTL: Duration = Duration::from_secs(10);
/// How messages between nodes call revocations: the end of the entry, then what it is of.
const TOPIC: &str = "revoked-token";
/// After a failure the table is asked again soon.
const RETRY: Duration = Duration::from_secs(2);
/// Rows that were written by a clock that is behind, or committed late, are found too.
const OVERLAP: Duration = Duration::from_secs(120);

/// What one claim of a token stands for in the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Subject(String);

impl Subject {
    pub(crate) fn token(jti: &str) -> Self {
        Self(format!("jti:{jti}"))
    }

    fn session(id: &str) -> Self {
        Self(format!("sid:{id}"))
    }

    fn user(id: &str) -> Self {
        Self(format!("sub:{id}"))
    }

    /// Everything whose revocation ends a token with these claims.
    pub(crate) fn of(claims: &Claims) -> Vec<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let named =
            [text("jti").map(Self::token), text("sid").map(Self::session), text("sub").map(Self::user)];
        named.into_iter().flatten().collect()
    }
}

#[derive(Default)]
struct Known {
    /// With the times at which entries are of no use any more.
    entries: HashMap<Subject, Timestamp>,
    read_at: Option<Timestamp>,
    /// Not before this the table is asked again.
    next: Option<Timestamp>,
}

/// The list, as this node knows it.
pub(crate) struct Revoked {
    /// How long a token can live on, clocks that differ included.
    life: Duration,
    known: RwLock<Known>,
    reading: Mutex<()>,
}

impl Revoked {
    pub(crate) fn new(config: &Config) -> Self {
        let life = Duration::from_secs(config.expires_in.saturating_add(config.leeway.into()));
        Self { life, known: RwLock::default(), reading: Mutex::default() }
    }

    /// Whether one of these was revoked.
    pub(crate) async fn has_any(
        &self,
        core: &Core,
        subjects: impl FnOnce() -> Vec<Subject>,
    ) -> Result<bool, Failure> {
        self.catch_up(core).await?;
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        Ok(!known.entries.is_empty() && subjects().iter().any(|subject| known.entries.contains_key(subject)))
    }

    fn is_due(&self, now: Timestamp) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.next.is_none_or(|next| next <= now || next.since(now) > TTL)
    }

    /// Reads what other nodes have written, if that was not done just now.
    async fn catch_up(&self, core: &Core) -> Result<(), Failure> {
        if !self.is_due(core.now()) {
            return Ok(());
        }
        let _one = self.reading.lock().await;
        let now = core.now();
        if !self.is_due(now) {
            return Ok(());
        }
        let read_at = self.known.read().unwrap_or_else(PoisonError::into_inner).read_at;
        let mut query = Entity::find().filter(Column::ExpiresAt.gt(now));
        if let Some(read_at) = read_at {
            query = query.filter(Column::CreatedAt.gt(read_at.minus(OVERLAP)));
        }
        let rows = query.all(core.db()).await;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match rows {
            Ok(rows) => {
                known.entries.retain(|_, end| *end > now);
                known.entries.extend(rows.into_iter().map(|row| (Subject(row.subject), row.expires_at)));
                (known.read_at, known.next) = (Some(now), Some(now.plus(TTL)));
                Ok(())
            }
            // What is known still counts while the database is away; without anything known, nothing is
            // let through.
            Err(error) if known.read_at.is_some() => {
                tracing::warn!(%error, "revoked tokens cannot be read; those that are known are refused");
                known.next = Some(now.plus(RETRY));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn keep(&self, subject: Subject, until: Timestamp) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).entries.insert(subject, until);
    }

    /// Knows it at once, here and on every other node.
    fn keep_everywhere(&self, core: &Core, subject: Subject, until: Timestamp, concern: &Concern) {
        let key = format!("{} {}", until.unix_millis(), subject.0);
        self.keep(subject, until);
        core.changed(TOPIC, &key, concern);
    }

    async fn write(tx: &Tx, subject: &Subject, until: Timestamp) -> Result<(), Failure> {
        let core = tx.core();
        let row = Model {
            id: core.new_id(),
            subject: subject.0.clone(),
            created_at: core.now(),
            expires_at: until,
        };
        ActiveModel::from(row).insert(tx).await?;
        Ok(())
    }

    /// Takes one token of somebody's back until its own end.
    pub(crate) async fn revoke_token(
        &self,
        core: &Arc<Core>,
        jti: &str,
        until: Timestamp,
        concern: &Concern,
    ) -> Result<(), Failure> {
        let subject = Subject::token(jti);
        let tx = core.begin().await?;
        Self::write(&tx, &subject, until).await?;
        tx.commit().await?;
        self.keep_everywhere(core, subject, until, concern);
        Ok(())
    }

    /// Removes what is over.
    pub(crate) async fn sweep(&self, core: &Core) -> Result<(), Failure> {
        Entity::delete_many().filter(Column::ExpiresAt.lte(core.now())).exec(core.db()).await?;
        Ok(())
    }
}

/// What other nodes have revoked.
pub(crate) struct FromNodes(pub(crate) Arc<Jwt>);

impl NodeMemory for FromNodes {
    fn topic(&self) -> &'static str {
        TOPIC
    }

    fn stale(&self, _: &Arc<Core>, key: &str) {
        if let Some((until, subject)) = key.split_once(' ')
            && let Ok(until) = until.parse()
        {
            self.0.revoked.keep(Subject(subject.to_owned()), Timestamp::from_unix_millis(until));
        }
    }

    /// The table is read again before the next token counts.
    fn distrust(&self, _: &Arc<Core>) {
        self.0.revoked.known.write().unwrap_or_else(PoisonError::into_inner).next = None;
    }
}

/// Sessions and users that end take their tokens with them: in the same transaction.
pub(crate) struct OnEnd(pub(crate) Arc<Jwt>);

impl OnEnd {
    fn until(&self, core: &Core) -> Timestamp {
        core.now().plus(self.0.revoked.life)
    }
}

#[async_trait]
impl DatabaseHook for OnEnd {
    async fn before(&self, tx: &Tx, change: &mut Change<'_>) -> Result<(), Failure> {
        let subject = match change {
            Change::DeleteSession(session) => Subject::session(&session.id),
            Change::DeleteUser(user) => Subject::user(&user.id),
            _ => return Ok(()),
        };
        Revoked::write(tx, &subject, self.until(tx.core())).await
    }

    async fn after(&self, core: &Arc<Core>, changed: &Changed) -> Result<(), Failure> {
        let (subject, user_id) = match changed {
            Changed::SessionDeleted(session) => (Subject::session(&session.id), &session.user_id),
            Changed::UserDeleted(user) => (Subject::user(&user.id), &user.id),
            _ => return Ok(()),
        };
        let concern = Concern::User(user_id.clone());
        self.0.revoked.keep_everywhere(core, subject, self.until(core), &concern);
        Ok(())
    }
}
