//! Ways to sign in.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};

use super::{
    Tx,
    rows::{id, insert, read, select_from, table, update},
};
use crate::{
    Failure,
    core::Core,
    event::Event,
    hook::{Change, Changed},
    model::{Account, AccountPatch, CREDENTIAL},
    schema::CoreTable,
};

/// The `account` table.
pub struct Accounts<'c> {
    core: &'c Core,
}

impl<'c> Accounts<'c> {
    pub(crate) fn new(core: &'c Core) -> Self {
        Self { core }
    }

    /// An account that is not stored yet.
    #[must_use]
    pub fn draft(&self, user_id: &str, provider_id: &str, account_id: &str) -> Account {
        let now = self.core.now();
        Account {
            id: self.core.new_id(),
            account_id: account_id.to_owned(),
            provider_id: provider_id.to_owned(),
            user_id: user_id.to_owned(),
            access_token: None,
            refresh_token: None,
            id_token: None,
            access_token_expires_at: None,
            refresh_token_expires_at: None,
            scope: None,
            password: None,
            created_at: now,
            updated_at: now,
            extra: self.core.schema().new_extra(CoreTable::Account),
        }
    }

    /// The password account that a user signs in with.
    #[must_use]
    pub fn draft_credential(&self, user_id: &str, password_hash: String) -> Account {
        Account { password: Some(password_hash), ..self.draft(user_id, CREDENTIAL, user_id) }
    }

    /// All of a user's ways to sign in, the oldest first.
    pub async fn list(&self, conn: &impl ConnectionTrait, user_id: &str) -> Result<Vec<Account>, Failure> {
        let extras = self.core.schema().extras(CoreTable::Account);
        let mut query = select_from::<Account>(extras);
        query
            .and_where(Expr::col(id("userId")).eq(user_id))
            .order_by(id("createdAt"), Order::Asc)
            .order_by(id("id"), Order::Asc);
        let rows = conn.query_all(&query).await?;
        rows.iter().map(|row| Ok(read(row, "", extras)?)).collect()
    }

    /// A page of everybody's accounts at providers, by their ids, after the given one.
    pub async fn page_at_providers(
        &self,
        conn: &impl ConnectionTrait,
        after: Option<&Account>,
        limit: u64,
    ) -> Result<Vec<Account>, Failure> {
        let extras = self.core.schema().extras(CoreTable::Account);
        let mut query = select_from::<Account>(extras);
        query.and_where(Expr::col(id("providerId")).ne(CREDENTIAL));
        if let Some(after) = after {
            query.and_where(Expr::col(id("id")).gt(after.id.as_str()));
        }
        query.order_by(id("id"), Order::Asc).limit(limit);
        let rows = conn.query_all(&query).await?;
        rows.iter().map(|row| Ok(read(row, "", extras)?)).collect()
    }

    /// The account that holds a user's password.
    pub async fn find_credential(
        &self,
        conn: &impl ConnectionTrait,
        user_id: &str,
    ) -> Result<Option<Account>, Failure> {
        let extras = self.core.schema().extras(CoreTable::Account);
        let mut query = select_from::<Account>(extras);
        query
            .and_where(Expr::col(id("userId")).eq(user_id))
            .and_where(Expr::col(id("providerId")).eq(CREDENTIAL))
            .order_by(id("createdAt"), Order::Asc)
            .limit(1);
        let row = conn.query_one(&query).await?;
        Ok(row.map(|row| read(&row, "", extras)).transpose()?)
    }

    /// Stores a new way to sign in, after the database hooks. Make it with [`draft`](Self::draft).
    pub async fn create(&self, tx: &Tx, mut account: Account) -> Result<Account, Failure> {
        tx.before(Change::CreateAccount(&mut account)).await?;
        tx.execute(&insert(&account)).await?;
        tx.changed(Changed::AccountCreated(account.clone()));
        tx.tell(Event::AccountLinked {
            user_id: account.user_id.clone(),
            provider_id: account.provider_id.clone(),
        });
        Ok(account)
    }

    /// `false` where the account has gone meanwhile.
    pub async fn update(&self, tx: &Tx, account_id: &str, mut patch: AccountPatch) -> Result<bool, Failure> {
        tx.before(Change::UpdateAccount { account_id, patch: &mut patch }).await?;
        let mut query = update::<Account>(account_id, self.core.now());
        let texts = [
            ("password", patch.password),
            ("accessToken", patch.access_token),
            ("refreshToken", patch.refresh_token),
            ("idToken", patch.id_token),
            ("scope", patch.scope),
        ];
        for (column, value) in texts {
            if let Some(value) = value {
                query.value(id(column), value);
            }
        }
        let dates = [
            ("accessTokenExpiresAt", patch.access_token_expires_at),
            ("refreshTokenExpiresAt", patch.refresh_token_expires_at),
        ];
        for (column, value) in dates {
            if let Some(value) = value {
                query.value(id(column), value);
            }
        }
        Ok(tx.execute(&query).await?.rows_affected() == 1)
    }

    /// Sets a user's password, making the password account where there is none.
    pub async fn set_password(&self, tx: &Tx, user_id: &str, hash: String) -> Result<(), Failure> {
        tx.before(Change::SetPassword { user_id }).await?;
        if let Some(account) = self.find_credential(tx, user_id).await? {
            let patch = AccountPatch { password: Some(Some(hash)), ..AccountPatch::default() };
            self.update(tx, &account.id, patch).await?;
        } else {
            self.create(tx, self.draft_credential(user_id, hash)).await?;
        }
        tx.tell(Event::PasswordChanged { user_id: user_id.to_owned() });
        Ok(())
    }

    /// Deletes one of a user's accounts, unless it is the last one and `keep_one` is set.
    ///
    /// The user's row is locked first: two parallel calls cannot both take "the other one".
    pub async fn delete(&self, tx: &Tx, account: &Account, keep_one: bool) -> Result<bool, Failure> {
        tx.before(Change::DeleteAccount(account)).await?;
        if keep_one {
            lock_user(tx, &account.user_id).await?;
            if self.list(tx, &account.user_id).await?.len() < 2 {
                return Ok(false);
            }
        }
        let mut query = Query::delete();
        query
            .from_table(table(CoreTable::Account))
            .and_where(Expr::col(id("id")).eq(account.id.as_str()))
            .and_where(Expr::col(id("userId")).eq(account.user_id.as_str()));
        let gone = tx.execute(&query).await?.rows_affected() == 1;
        if gone {
            tx.changed(Changed::AccountDeleted(account.clone()));
            tx.tell(Event::AccountUnlinked {
                user_id: account.user_id.clone(),
                provider_id: account.provider_id.clone(),
            });
        }
        Ok(gone)
    }
}

/// Makes transactions about one user wait for each other. SQLite has one writer anyway.
async fn lock_user(tx: &Tx, user_id: &str) -> Result<(), Failure> {
    if tx.get_database_backend() == sea_orm::DbBackend::Sqlite {
        return Ok(());
    }
    let mut query = Query::select();
    query
        .column(id("id"))
        .from(id("user"))
        .and_where(Expr::col(id("id")).eq(user_id))
        .lock(sea_orm::sea_query::LockType::Update);
    tx.query_one(&query).await?;
    Ok(())
}
