//! Signed-in devices, as rows. Cookies and caches are the session authority's business.

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Tx,
    rows::{id, insert, read, select, select_from, set_extra, table, update},
};
use crate::{
    Failure,
    core::Core,
    event::Event,
    hook::{Change, Changed},
    model::{Session, SessionPatch, Timestamp, User},
    schema::CoreTable,
};

/// The `session` table.
pub struct Sessions<'c> {
    core: &'c Core,
}

impl<'c> Sessions<'c> {
    pub(crate) fn new(core: &'c Core) -> Self {
        Self { core }
    }

    /// The session of a token together with its user: one query, whatever its expiry.
    pub async fn find_by_token(
        &self,
        conn: &impl ConnectionTrait,
        token: &str,
    ) -> Result<Option<(Session, User)>, Failure> {
        self.find(conn, "token", token).await
    }

    /// As [`Sessions::find_by_token`], by the session's id.
    pub async fn find_with_user(
        &self,
        conn: &impl ConnectionTrait,
        session_id: &str,
    ) -> Result<Option<(Session, User)>, Failure> {
        self.find(conn, "id", session_id).await
    }

    /// As [`Sessions::find_by_token`], for several tokens in one query. The order is that of the tokens.
    pub async fn find_by_tokens(
        &self,
        conn: &impl ConnectionTrait,
        tokens: &[String],
    ) -> Result<Vec<(Session, User)>, Failure> {
        if tokens.is_empty() {
            return Ok(Vec::new());
        }
        let which = Expr::col((table(CoreTable::Session), id("token"))).is_in(tokens.iter().cloned());
        let mut found = Vec::new();
        for row in conn.query_all(&self.with_user(which)).await? {
            found.push(self.read_pair(&row)?);
        }
        let place = |(session, _): &(Session, User)| tokens.iter().position(|token| *token == session.token);
        found.sort_by_key(place);
        Ok(found)
    }

    async fn find(
        &self,
        conn: &impl ConnectionTrait,
        column: &'static str,
        value: &str,
    ) -> Result<Option<(Session, User)>, Failure> {
        let which = Expr::col((table(CoreTable::Session), id(column))).eq(value);
        let row = conn.query_one(&self.with_user(which)).await?;
        row.map(|row| self.read_pair(&row)).transpose()
    }

    fn with_user(&self, which: Expr) -> SelectStatement {
        let schema = self.core.schema();
        let mut query = Query::select();
        select::<Session>(&mut query, "s_", schema.extras(CoreTable::Session));
        select::<User>(&mut query, "u_", schema.extras(CoreTable::User));
        query
            .from(table(CoreTable::Session))
            .inner_join(
                table(CoreTable::User),
                Expr::col((table(CoreTable::User), id("id")))
                    .equals((table(CoreTable::Session), id("userId"))),
            )
            .and_where(which);
        query
    }

    fn read_pair(&self, row: &QueryResult) -> Result<(Session, User), Failure> {
        let schema = self.core.schema();
        let session = read(row, "s_", schema.extras(CoreTable::Session))?;
        Ok((session, read(row, "u_", schema.extras(CoreTable::User))?))
    }

    /// A user's sessions that have not expired, newest first.
    pub async fn list_live(
        &self,
        conn: &impl ConnectionTrait,
        user_id: &str,
    ) -> Result<Vec<Session>, Failure> {
        let extras = self.core.schema().extras(CoreTable::Session);
        let mut query = select_from::<Session>(extras);
        query
            .and_where(Expr::col(id("userId")).eq(user_id))
            .and_where(Expr::col(id("expiresAt")).gt(self.core.now()))
            .order_by(id("createdAt"), Order::Desc);
        self.read_all(conn.query_all(&query).await?)
    }

    fn read_all(&self, rows: Vec<QueryResult>) -> Result<Vec<Session>, Failure> {
        let extras = self.core.schema().extras(CoreTable::Session);
        rows.iter().map(|row| Ok(read(row, "", extras)?)).collect()
    }

    /// Stores a new session, after the database hooks. To sign somebody in use
    /// [`Call::issue_session`](crate::Call::issue_session), which lets hooks object.
    pub async fn create(&self, tx: &Tx, mut session: Session) -> Result<Session, Failure> {
        tx.before(Change::CreateSession(&mut session)).await?;
        tx.execute(&insert(&session)).await?;
        tx.changed(Changed::SessionCreated(session.clone()));
        tx.tell(Event::SessionCreated { session_id: session.id.clone(), user_id: session.user_id.clone() });
        Ok(session)
    }

    /// Changes a session and gives the new row; `None` where it has gone meanwhile.
    pub async fn update(
        &self,
        tx: &Tx,
        session: &Session,
        patch: SessionPatch,
    ) -> Result<Option<Session>, Failure> {
        self.change(tx, session, patch, false).await
    }

    /// Gives a live session another token, if it still has the one that was read. Of any number of
    /// callers at once, one gets the new row. The others get `None`, and drop their transaction: hooks
    /// may have written in it.
    pub async fn rotate(
        &self,
        tx: &Tx,
        session: &Session,
        patch: SessionPatch,
    ) -> Result<Option<Session>, Failure> {
        let patch = SessionPatch { token: Some(self.core.new_session_token()), ..patch };
        self.change(tx, session, patch, true).await
    }

    async fn change(
        &self,
        tx: &Tx,
        session: &Session,
        mut patch: SessionPatch,
        unchanged_since: bool,
    ) -> Result<Option<Session>, Failure> {
        tx.before(Change::UpdateSession { session_id: &session.id, patch: &mut patch }).await?;
        let extras = self.core.schema().extras(CoreTable::Session);
        let now = self.core.now();
        let mut query = update::<Session>(&session.id, now);
        if unchanged_since {
            query
                .and_where(Expr::col(id("token")).eq(session.token.as_str()))
                .and_where(Expr::col(id("expiresAt")).gt(now));
        }
        if let Some(token) = patch.token {
            query.value(id("token"), token);
        }
        if let Some(expires_at) = patch.expires_at {
            query.value(id("expiresAt"), expires_at);
        }
        set_extra(&mut query, extras, &patch.extra);
        if tx.execute(&query).await?.rows_affected() == 0 {
            return Ok(None);
        }
        let mut find = select_from::<Session>(extras);
        find.and_where(Expr::col(id("id")).eq(session.id.as_str()));
        let row = tx.query_one(&find).await?;
        let changed: Option<Session> = row.map(|row| read(&row, "", extras)).transpose()?;
        Ok(changed.inspect(|changed| {
            tx.changed(Changed::SessionUpdated(changed.clone()));
            if changed.token != session.token {
                let old_token = auth_crypto::Secret::from(session.token.clone());
                tx.changed(Changed::SessionRotated { session_id: session.id.clone(), old_token });
            }
        }))
    }

    /// Moves the expiry of a live session, if nobody else did since it was read. Of any number of
    /// callers at once, one does.
    pub async fn extend(
        &self,
        conn: &impl ConnectionTrait,
        session: &Session,
        expires_at: Timestamp,
    ) -> Result<bool, Failure> {
        let mut query = update::<Session>(&session.id, self.core.now());
        query
            .value(id("expiresAt"), expires_at)
            .and_where(Expr::col(id("expiresAt")).eq(session.expires_at))
            .and_where(Expr::col(id("expiresAt")).gt(self.core.now()));
        Ok(conn.execute(&query).await?.rows_affected() == 1)
    }

    /// Removes the row of an expired session.
    pub async fn remove_expired(
        &self,
        conn: &impl ConnectionTrait,
        session: &Session,
    ) -> Result<(), Failure> {
        let mut query = Query::delete();
        query
            .from_table(table(CoreTable::Session))
            .and_where(Expr::col(id("id")).eq(session.id.as_str()))
            .and_where(Expr::col(id("expiresAt")).lte(self.core.now()));
        conn.execute(&query).await?;
        Ok(())
    }

    /// Deletes those of a user's sessions that `keep` does not hold back, and gives them.
    ///
    /// The owner is part of the statement: a foreign token deletes nothing. The rows are locked before
    /// they are read, so that what is told of them is what is deleted.
    pub async fn revoke(&self, tx: &Tx, user_id: &str, which: Revoke<'_>) -> Result<Vec<Session>, Failure> {
        let extras = self.core.schema().extras(CoreTable::Session);
        let mut find = select_from::<Session>(extras);
        find.and_where(Expr::col(id("userId")).eq(user_id));
        let mut delete = Query::delete();
        delete.from_table(table(CoreTable::Session)).and_where(Expr::col(id("userId")).eq(user_id));
        let condition = match which {
            Revoke::All => None,
            Revoke::Token(token) => Some(Expr::col(id("token")).eq(token)),
            Revoke::Id(session_id) => Some(Expr::col(id("id")).eq(session_id)),
            Revoke::Except(token) => Some(Expr::col(id("token")).ne(token)),
        };
        if let Some(condition) = condition {
            find.and_where(condition.clone());
            delete.and_where(condition);
        }
        find.order_by(id("id"), Order::Asc).lock_exclusive();
        let gone = self.read_all(tx.query_all(&find).await?)?;
        if gone.is_empty() {
            return Ok(gone);
        }
        for session in &gone {
            tx.before(Change::DeleteSession(session)).await?;
        }
        tx.execute(&delete).await?;
        for session in &gone {
            tx.changed(Changed::SessionDeleted(session.clone()));
            tx.tell(Event::SessionRevoked {
                session_id: session.id.clone(),
                user_id: session.user_id.clone(),
                token: auth_crypto::Secret::from(session.token.clone()),
            });
        }
        Ok(gone)
    }

    /// Removes rows that expired, at most `limit`.
    pub async fn sweep(&self, conn: &impl ConnectionTrait, limit: u64) -> Result<u64, Failure> {
        super::rows::sweep(conn, CoreTable::Session, self.core.now(), limit).await
    }
}

/// Which of a user's sessions end.
#[derive(Clone, Copy, Debug)]
pub enum Revoke<'t> {
    /// Every one.
    All,
    /// The one with this token.
    Token(&'t str),
    /// The one with this id.
    Id(&'t str),
    /// All but the one with this token: the caller's, mostly.
    Except(&'t str),
}
