//! Between rows and models. Column names are the shared schema's.

use std::sync::Arc;

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr, UpdateStatement};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, TryGetError, TryGetable, Value};

use crate::{
    model::{Account, Extra, FieldValue, Session, Timestamp, User, Verification},
    schema::{Column, CoreTable},
};

pub(super) fn id(name: &str) -> Alias {
    Alias::new(name)
}

pub(super) fn table(table: CoreTable) -> Alias {
    id(table.name())
}

/// A model that is a row of a core table.
pub(super) trait Row: Sized {
    const TABLE: CoreTable;
    const COLUMNS: &'static [&'static str];
    fn values(&self) -> Vec<Value>;
    fn extra(&self) -> Option<&Extra>;
    fn read(row: &Reader<'_>) -> Result<Self, TryGetError>;
}

/// A row, where the columns of one table have a prefix.
pub(super) struct Reader<'r> {
    row: &'r QueryResult,
    prefix: &'static str,
    extras: &'r Arc<[Column]>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(row: &'r QueryResult, prefix: &'static str, extras: &'r Arc<[Column]>) -> Self {
        Self { row, prefix, extras }
    }

    fn get<T: TryGetable>(&self, column: &str) -> Result<T, TryGetError> {
        if self.prefix.is_empty() {
            return T::try_get_by(self.row, column);
        }
        T::try_get_by(self.row, format!("{}{column}", self.prefix).as_str())
    }

    fn extra(&self) -> Result<Extra, TryGetError> {
        Extra::fetch(self.extras, self.row, self.prefix)
    }
}

pub(super) fn read<R: Row>(
    row: &QueryResult,
    prefix: &'static str,
    extras: &Arc<[Column]>,
) -> Result<R, DbErr> {
    R::read(&Reader::new(row, prefix, extras)).map_err(|error| match error {
        TryGetError::DbErr(error) => error,
        TryGetError::Null(column) => DbErr::Type(format!("{}.{column} is null", R::TABLE.name())),
    })
}

/// All columns of a table, each under its own name behind `prefix`.
pub(super) fn select<R: Row>(query: &mut SelectStatement, prefix: &str, extras: &[Column]) {
    let names = R::COLUMNS.iter().copied().chain(extras.iter().map(|c| c.name.as_ref()));
    for name in names {
        let column = Expr::col((table(R::TABLE), id(name)));
        if prefix.is_empty() {
            query.expr(column);
        } else {
            query.expr_as(column, id(&format!("{prefix}{name}")));
        }
    }
}

pub(super) fn select_from<R: Row>(extras: &[Column]) -> SelectStatement {
    let mut query = Query::select();
    select::<R>(&mut query, "", extras);
    query.from(table(R::TABLE));
    query
}

pub(super) fn insert<R: Row>(row: &R) -> sea_orm::sea_query::InsertStatement {
    let mut columns: Vec<_> = R::COLUMNS.iter().map(|c| id(c)).collect();
    let mut values: Vec<SimpleExpr> = row.values().into_iter().map(Into::into).collect();
    for (column, value) in row.extra().into_iter().flat_map(Extra::iter) {
        columns.push(id(&column.name));
        values.push(value.bind(column.ty).into());
    }
    let mut query = Query::insert();
    query.into_table(table(R::TABLE)).columns(columns).values_panic(values);
    query
}

/// An update of one row that also moves `updatedAt`, as the shared schema asks.
pub(super) fn update<R: Row>(row_id: &str, now: Timestamp) -> UpdateStatement {
    let mut query = Query::update();
    query.table(table(R::TABLE)).value(id("updatedAt"), now).and_where(Expr::col(id("id")).eq(row_id));
    query
}

/// Adds values of further columns to an update; undeclared ones are left out.
pub(super) fn set_extra(query: &mut UpdateStatement, extras: &[Column], values: &[(String, FieldValue)]) {
    for (name, value) in values {
        if let Some(column) = extras.iter().find(|c| c.name == name.as_str()) {
            query.value(id(name), value.bind(column.ty));
        }
    }
}

impl Row for User {
    const TABLE: CoreTable = CoreTable::User;
    const COLUMNS: &'static [&'static str] =
        &["id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt"];

    fn values(&self) -> Vec<Value> {
        vec![
            self.id.clone().into(),
            self.name.clone().into(),
            self.email.clone().into(),
            self.email_verified.into(),
            self.image.clone().into(),
            self.created_at.into(),
            self.updated_at.into(),
        ]
    }

    fn extra(&self) -> Option<&Extra> {
        Some(&self.extra)
    }

    fn read(row: &Reader<'_>) -> Result<Self, TryGetError> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            email: row.get("email")?,
            email_verified: row.get("emailVerified")?,
            image: row.get("image")?,
            created_at: row.get("createdAt")?,
            updated_at: row.get("updatedAt")?,
            extra: row.extra()?,
        })
    }
}

impl Row for Session {
    const TABLE: CoreTable = CoreTable::Session;
    const COLUMNS: &'static [&'static str] =
        &["id", "expiresAt", "token", "createdAt", "updatedAt", "ipAddress", "userAgent", "userId"];

    fn values(&self) -> Vec<Value> {
        vec![
            self.id.clone().into(),
            self.expires_at.into(),
            self.token.clone().into(),
            self.created_at.into(),
            self.updated_at.into(),
            self.ip_address.clone().into(),
            self.user_agent.clone().into(),
            self.user_id.clone().into(),
        ]
    }

    fn extra(&self) -> Option<&Extra> {
        Some(&self.extra)
    }

    fn read(row: &Reader<'_>) -> Result<Self, TryGetError> {
        Ok(Self {
            id: row.get("id")?,
            user_id: row.get("userId")?,
            token: row.get("token")?,
            expires_at: row.get("expiresAt")?,
            created_at: row.get("createdAt")?,
            updated_at: row.get("updatedAt")?,
            ip_address: row.get("ipAddress")?,
            user_agent: row.get("userAgent")?,
            extra: row.extra()?,
        })
    }
}

impl Row for Account {
    const TABLE: CoreTable = CoreTable::Account;
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "accountId",
        "providerId",
        "userId",
        "accessToken",
        "refreshToken",
        "idToken",
        "accessTokenExpiresAt",
        "refreshTokenExpiresAt",
        "scope",
        "password",
        "createdAt",
        "updatedAt",
    ];

    fn values(&self) -> Vec<Value> {
        vec![
            self.id.clone().into(),
            self.account_id.clone().into(),
            self.provider_id.clone().into(),
            self.user_id.clone().into(),
            self.access_token.clone().into(),
            self.refresh_token.clone().into(),
            self.id_token.clone().into(),
            self.access_token_expires_at.into(),
            self.refresh_token_expires_at.into(),
            self.scope.clone().into(),
            self.password.clone().into(),
            self.created_at.into(),
            self.updated_at.into(),
        ]
    }

    fn extra(&self) -> Option<&Extra> {
        Some(&self.extra)
    }

    fn read(row: &Reader<'_>) -> Result<Self, TryGetError> {
        Ok(Self {
            id: row.get("id")?,
            account_id: row.get("accountId")?,
            provider_id: row.get("providerId")?,
            user_id: row.get("userId")?,
            access_token: row.get("accessToken")?,
            refresh_token: row.get("refreshToken")?,
            id_token: row.get("idToken")?,
            access_token_expires_at: row.get("accessTokenExpiresAt")?,
            refresh_token_expires_at: row.get("refreshTokenExpiresAt")?,
            scope: row.get("scope")?,
            password: row.get("password")?,
            created_at: row.get("createdAt")?,
            updated_at: row.get("updatedAt")?,
            extra: row.extra()?,
        })
    }
}

impl Row for Verification {
    const TABLE: CoreTable = CoreTable::Verification;
    const COLUMNS: &'static [&'static str] =
        &["id", "identifier", "value", "expiresAt", "createdAt", "updatedAt"];

    fn values(&self) -> Vec<Value> {
        vec![
            self.id.clone().into(),
            self.identifier.clone().into(),
            self.value.clone().into(),
            self.expires_at.into(),
            self.created_at.into(),
            self.updated_at.into(),
        ]
    }

    fn extra(&self) -> Option<&Extra> {
        None
    }

    fn read(row: &Reader<'_>) -> Result<Self, TryGetError> {
        Ok(Self {
            id: row.get("id")?,
            identifier: row.get("identifier")?,
            value: row.get("value")?,
            expires_at: row.get("expiresAt")?,
            created_at: row.get("createdAt")?,
            updated_at: row.get("updatedAt")?,
        })
    }
}

/// Removes expired rows of a table, at most `limit` in one statement so that writers get a turn.
pub(super) async fn sweep(
    conn: &impl ConnectionTrait,
    of: CoreTable,
    now: Timestamp,
    limit: u64,
) -> Result<u64, crate::Failure> {
    let mut old = Query::select();
    old.column(id("id")).from(table(of)).and_where(Expr::col(id("expiresAt")).lt(now)).limit(limit);
    let rows = conn.query_all(&old).await?;
    let ids = rows.iter().map(|row| String::try_get_by(row, "id")).collect::<Result<Vec<_>, _>>();
    let ids = ids.map_err(|error| DbErr::Type(format!("{error:?}")))?;
    if ids.is_empty() {
        return Ok(0);
    }
    let mut delete = Query::delete();
    delete
        .from_table(table(of))
        .and_where(Expr::col(id("id")).is_in(ids))
        .and_where(Expr::col(id("expiresAt")).lt(now));
    Ok(conn.execute(&delete).await?.rows_affected())
}
