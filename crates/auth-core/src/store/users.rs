//! People.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};

use super::{
    Tx,
    rows::{id, insert, read, select_from, set_extra, table, update},
};
use crate::{
    Failure,
    core::Core,
    event::Event,
    hook::{Change, Changed},
    model::{User, UserPatch},
    schema::CoreTable,
};

/// The `user` table.
pub struct Users<'c> {
    core: &'c Core,
}

impl<'c> Users<'c> {
    pub(crate) fn new(core: &'c Core) -> Self {
        Self { core }
    }

    /// A user that is not stored yet, with a new id and every further column at its default.
    #[must_use]
    pub fn draft(&self, name: impl Into<String>, email: impl Into<String>) -> User {
        let now = self.core.now();
        User {
            id: self.core.new_id(),
            name: name.into(),
            email: email.into(),
            email_verified: false,
            image: None,
            created_at: now,
            updated_at: now,
            extra: self.core.schema().new_extra(CoreTable::User),
        }
    }

    /// A user by id, as the database has them now: no cache answers.
    pub async fn find(&self, conn: &impl ConnectionTrait, user_id: &str) -> Result<Option<User>, Failure> {
        self.find_by(conn, "id", user_id).await
    }

    /// `email` in lower case.
    pub async fn find_by_email(
        &self,
        conn: &impl ConnectionTrait,
        email: &str,
    ) -> Result<Option<User>, Failure> {
        self.find_by(conn, "email", email).await
    }

    async fn find_by(
        &self,
        conn: &impl ConnectionTrait,
        column: &str,
        value: &str,
    ) -> Result<Option<User>, Failure> {
        let extras = self.core.schema().extras(CoreTable::User);
        let mut query = select_from::<User>(extras);
        query.and_where(Expr::col((table(CoreTable::User), id(column))).eq(value)).limit(1);
        let row = conn.query_one(&query).await?;
        Ok(row.map(|row| read(&row, "", extras)).transpose()?)
    }

    /// A page of users, oldest first, after the given `(createdAt, id)`.
    pub async fn page(
        &self,
        conn: &impl ConnectionTrait,
        after: Option<&User>,
        limit: u64,
    ) -> Result<Vec<User>, Failure> {
        let extras = self.core.schema().extras(CoreTable::User);
        let mut query = select_from::<User>(extras);
        if let Some(after) = after {
            query.and_where(
                Expr::col(id("createdAt")).gt(after.created_at).or(Expr::col(id("createdAt"))
                    .eq(after.created_at)
                    .and(Expr::col(id("id")).gt(after.id.as_str()))),
            );
        }
        query.order_by(id("createdAt"), Order::Asc).order_by(id("id"), Order::Asc).limit(limit);
        let rows = conn.query_all(&query).await?;
        rows.iter().map(|row| Ok(read(row, "", extras)?)).collect()
    }

    /// Stores a new user. A taken address is the database's duplicate error.
    pub async fn create(&self, tx: &Tx, mut user: User) -> Result<User, Failure> {
        tx.before(Change::CreateUser(&mut user)).await?;
        tx.execute(&insert(&user)).await?;
        tx.changed(Changed::UserCreated(user.clone()));
        tx.tell(Event::UserCreated { user_id: user.id.clone() });
        Ok(user)
    }

    /// Changes a user and gives the new row; `None` where there is no such user.
    pub async fn update(
        &self,
        tx: &Tx,
        user_id: &str,
        mut patch: UserPatch,
    ) -> Result<Option<User>, Failure> {
        tx.before(Change::UpdateUser { user_id, patch: &mut patch }).await?;
        let mut query = update::<User>(user_id, self.core.now());
        if let Some(name) = patch.name {
            query.value(id("name"), name);
        }
        if let Some(email) = patch.email {
            query.value(id("email"), email);
        }
        if let Some(verified) = patch.email_verified {
            query.value(id("emailVerified"), verified);
        }
        if let Some(image) = patch.image {
            query.value(id("image"), image);
        }
        set_extra(&mut query, self.core.schema().extras(CoreTable::User), &patch.extra);
        tx.execute(&query).await?;
        let user = self.find(tx, user_id).await?;
        if let Some(user) = &user {
            tx.changed(Changed::UserUpdated(user.clone()));
            tx.tell(Event::UserUpdated { user_id: user.id.clone() });
        }
        Ok(user)
    }

    /// Deletes a user with all sessions and accounts. `false` where somebody else was faster.
    pub async fn delete(&self, tx: &Tx, user: &User) -> Result<bool, Failure> {
        tx.before(Change::DeleteUser(user)).await?;
        for owned in [CoreTable::Session, CoreTable::Account] {
            let mut query = Query::delete();
            query.from_table(table(owned)).and_where(Expr::col(id("userId")).eq(user.id.as_str()));
            tx.execute(&query).await?;
        }
        let mut query = Query::delete();
        query.from_table(table(CoreTable::User)).and_where(Expr::col(id("id")).eq(user.id.as_str()));
        let gone = tx.execute(&query).await?.rows_affected() == 1;
        if gone {
            tx.changed(Changed::UserDeleted(user.clone()));
            tx.tell(Event::UserDeleted { user_id: user.id.clone() });
        }
        Ok(gone)
    }
}
