//! Idle time-outs and the number of a user's sessions.

use std::{sync::Arc, time::Duration};

use auth_core::{
    Core, Failure, Timestamp,
    limits::{Limits, SessionLimits},
    model::Session,
    schema::CoreTable,
    sea_orm::{
        ConnectionTrait, DbBackend,
        sea_query::{Alias, Expr, ExprTrait, LockType, Query},
    },
    store::Revoke,
};

use crate::{
    SessionPlugin,
    activity::{self, Seen},
    memory::Kept,
};

/// What a session that is kept in memory is watched with.
#[derive(Clone)]
pub(crate) struct Watch {
    pub(crate) seen: Arc<Seen>,
    /// Seconds without use after which it signs nobody in, as it was when it was read.
    idle: Option<u64>,
}

impl Watch {
    fn is_idle(&self, idle: Option<u64>, now: Timestamp) -> bool {
        idle.is_some_and(|idle| now.since(self.seen.last()) >= Duration::from_secs(idle))
    }
}

impl SessionPlugin {
    /// The strictest of what the configuration and other plugins say of a user.
    pub(crate) async fn limits(&self, core: &Core, user_id: &str) -> Result<Limits, Failure> {
        let mut limits = Limits::of(self.config.idle_timeout, self.config.max_sessions);
        for part in core.services().slot::<dyn SessionLimits>() {
            limits = limits.and(part.limits(core, user_id).await?);
        }
        Ok(limits)
    }

    /// Watches a session that was used at this time, or later.
    pub(crate) async fn watch(
        &self,
        core: &Core,
        session: &Session,
        used_at: Timestamp,
    ) -> Result<Option<Watch>, Failure> {
        if !self.config.activity {
            return Ok(None);
        }
        let idle = self.limits(core, &session.user_id).await?.idle_timeout;
        Ok(Some(Watch { seen: self.activity.of(&session.id, used_at), idle }))
    }

    /// By the limits of now: they change while a session is remembered.
    pub(crate) async fn is_idle_kept(&self, core: &Core, kept: &Kept) -> bool {
        let Some(watch) = &kept.session.watch else { return false };
        let limits = self.limits(core, &kept.session.session.user_id).await;
        watch.is_idle(limits.map_or(watch.idle, |limits| limits.idle_timeout), core.now())
    }

    pub(crate) async fn is_idle_now(&self, core: &Core, session: &Session) -> Result<bool, Failure> {
        let watch = self.watch(core, session, activity::stored(session)).await?;
        Ok(watch.is_some_and(|watch| watch.is_idle(watch.idle, core.now())))
    }

    /// Ends a session that nobody used for too long.
    pub(crate) async fn end_idle(&self, core: &Arc<Core>, session: &Session) -> Result<(), Failure> {
        let tx = core.begin().await?;
        core.sessions().revoke(&tx, &session.user_id, Revoke::Id(&session.id)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends the oldest of a user's sessions where a new one is more than there may be.
    ///
    /// The new one is committed. Sign-ins of one user do this one after the other, so the last one sees
    /// them all.
    pub(crate) async fn end_oldest(&self, core: &Arc<Core>, new: &Session) -> Result<(), Failure> {
        let Some(most) = self.limits(core, &new.user_id).await?.max_sessions else { return Ok(()) };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if core.sessions().list_live(core.db(), &new.user_id).await?.len() <= most {
            return Ok(());
        }
        let tx = core.begin().await?;
        if tx.get_database_backend() != DbBackend::Sqlite {
            let mut lock = Query::select();
            lock.column(Alias::new("id")).from(Alias::new(CoreTable::User.name()));
            lock.and_where(Expr::col(Alias::new("id")).eq(new.user_id.as_str())).lock(LockType::Update);
            tx.query_one(&lock).await?;
        }
        let mut live = core.sessions().list_live(&tx, &new.user_id).await?;
        // The newest first, and of those this one, which somebody waits for.
        live.sort_by_key(|one| std::cmp::Reverse((one.created_at, one.id == new.id)));
        let mut old = live.split_off(most.min(live.len()));
        // In one order for everybody, so that two who end the same ones never wait for each other.
        old.sort_by(|a, b| a.id.cmp(&b.id));
        for old in old {
            core.sessions().revoke(&tx, &old.user_id, Revoke::Id(&old.id)).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Removes sessions that nobody used for longer than the configuration allows, at most `limit`. Those
    /// that only another plugin finds idle go when they are presented, or expire.
    pub(crate) async fn sweep_idle(&self, core: &Core, limit: u64) -> Result<u64, Failure> {
        let Some(idle) = Limits::of(self.config.idle_timeout, 0).idle_timeout else { return Ok(0) };
        // Other nodes may know of a later use than the row does.
        let idle = i64::try_from(idle).unwrap_or(i64::MAX).saturating_mul(1000);
        let before = core.now().unix_millis().saturating_sub(idle).saturating_sub(activity::BEHIND);
        let before = Timestamp::from_unix_millis(before);
        let column = |name: &'static str| Expr::col(Alias::new(name));
        let noted = || column(activity::COLUMN);
        let unused = column("updatedAt").lt(before).and(noted().is_null().or(noted().lt(before)));
        let table = || Alias::new(CoreTable::Session.name());
        let mut find = Query::select();
        find.column(Alias::new("id")).from(table()).and_where(unused.clone()).limit(limit);
        let rows = core.db().query_all(&find).await?;
        let ids = rows.iter().map(|row| row.try_get::<String>("", "id")).collect::<Result<Vec<_>, _>>()?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut delete = Query::delete();
        delete.from_table(table()).and_where(column("id").is_in(ids)).and_where(unused);
        Ok(core.db().execute(&delete).await?.rows_affected())
    }
}
