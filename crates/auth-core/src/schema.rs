//! Tables and columns as values: what plugins declare, what the migrator creates.
//!
//! The four core tables can carry columns of plugins and of the configuration. Those columns are
//! declared here, read and written through typed views ([`crate::columns!`]) and checked at freeze.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::model::{Extra, FieldValue};

/// A table of the core that takes further columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoreTable {
    User,
    Session,
    Account,
    Verification,
}

impl CoreTable {
    pub const ALL: [Self; 4] = [Self::User, Self::Session, Self::Account, Self::Verification];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Session => "session",
            Self::Account => "account",
            Self::Verification => "verification",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    #[serde(rename = "string")]
    Text,
    #[serde(rename = "number")]
    Integer,
    /// A whole number of 64 bits where the database has a smaller default.
    #[serde(rename = "bigint")]
    BigInteger,
    #[serde(rename = "boolean")]
    Bool,
    Date,
    Json,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: Cow<'static, str>,
    pub ty: ColumnType,
    pub nullable: bool,
    pub unique: bool,
    /// Filled in when a row is made without it.
    pub default: FieldValue,
    /// The database itself fills in the current time (dates only, not on SQLite).
    pub default_now: bool,
    /// Users may set it (`sign-up`, `update-user`).
    pub input: bool,
    /// It has to be given when users make a row.
    pub required: bool,
    /// It is part of answers.
    pub returned: bool,
    /// `(table, column)` of a foreign key that cascades.
    pub references: Option<(Cow<'static, str>, Cow<'static, str>)>,
}

impl Column {
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, ty: ColumnType) -> Self {
        Self {
            name: name.into(),
            ty,
            nullable: true,
            unique: false,
            default: FieldValue::Null,
            default_now: false,
            input: false,
            required: false,
            returned: true,
            references: None,
        }
    }

    #[must_use]
    pub fn text(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, ColumnType::Text)
    }

    #[must_use]
    pub fn date(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, ColumnType::Date)
    }

    #[must_use]
    pub fn bool(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, ColumnType::Bool)
    }

    #[must_use]
    pub fn integer(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, ColumnType::Integer)
    }

    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    #[must_use]
    pub fn default_value(mut self, value: impl Into<FieldValue>) -> Self {
        self.default = value.into();
        self
    }

    #[must_use]
    pub fn default_now(mut self) -> Self {
        self.default_now = true;
        self
    }

    #[must_use]
    pub fn input(mut self) -> Self {
        self.input = true;
        self
    }

    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.returned = false;
        self
    }

    #[must_use]
    pub fn references(mut self, table: &'static str, column: &'static str) -> Self {
        self.references = Some((table.into(), column.into()));
        self
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: Cow<'static, str>,
    pub columns: Vec<Cow<'static, str>>,
    pub unique: bool,
}

/// A table: the first column is the primary key.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub name: Cow<'static, str>,
    pub columns: Vec<Column>,
    pub indexes: Vec<Index>,
}

impl Table {
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), columns: vec![Column::text("id").not_null()], indexes: Vec::new() }
    }

    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    #[must_use]
    pub fn index(mut self, name: &'static str, columns: &[&'static str]) -> Self {
        let columns = columns.iter().map(|c| Cow::Borrowed(*c)).collect();
        self.indexes.push(Index { name: name.into(), columns, unique: false });
        self
    }

    #[must_use]
    pub fn unique_index(mut self, name: &'static str, columns: &[&'static str]) -> Self {
        let columns = columns.iter().map(|c| Cow::Borrowed(*c)).collect();
        self.indexes.push(Index { name: name.into(), columns, unique: true });
        self
    }
}

/// The further columns of each core table, in a fixed order, as the host froze them.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    extras: [Arc<[Column]>; 4],
}

impl Schema {
    #[must_use]
    pub fn new(mut columns: impl FnMut(CoreTable) -> Vec<Column>) -> Self {
        Self { extras: CoreTable::ALL.map(|table| columns(table).into()) }
    }

    /// The columns beyond the core's own.
    #[must_use]
    pub fn extras(&self, table: CoreTable) -> &Arc<[Column]> {
        let [user, session, account, verification] = &self.extras;
        match table {
            CoreTable::User => user,
            CoreTable::Session => session,
            CoreTable::Account => account,
            CoreTable::Verification => verification,
        }
    }

    /// A row's further values at their defaults.
    #[must_use]
    pub fn new_extra(&self, table: CoreTable) -> Extra {
        Extra::defaults(self.extras(table).clone())
    }
}

/// A typed view of the columns that a plugin keeps on a core table. Made by [`crate::columns!`].
pub trait View: Sized {
    const TABLE: CoreTable;
    fn columns() -> Vec<Column>;
    fn read(extra: &Extra) -> Self;
    fn write(&self, extra: &mut Extra);
}

/// Declares columns on a core table and the struct to read and write them through.
///
/// ```
/// auth_core::columns! {
///     /// What the loyalty plugin knows of a user.
///     pub struct Loyalty on User {
///         /// Points collected so far.
///         points: i64 => Column::integer("points").default_value(0),
///         tier: Option<String> => Column::text("tier").hidden(),
///     }
/// }
/// ```
#[macro_export]
macro_rules! columns {
    ($(#[$meta:meta])* $vis:vis struct $name:ident on $table:ident {
        $($(#[$fmeta:meta])* $field:ident: $ty:ty => $column:expr),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name {
            $($(#[$fmeta])* pub $field: $ty,)*
        }

        impl $crate::schema::View for $name {
            const TABLE: $crate::schema::CoreTable = $crate::schema::CoreTable::$table;

            fn columns() -> Vec<$crate::schema::Column> {
                use $crate::schema::Column;
                vec![$($column),*]
            }

            fn read(extra: &$crate::model::Extra) -> Self {
                use $crate::schema::Column;
                Self { $($field: $crate::model::FromField::from_field(extra.get(&$column.name)),)* }
            }

            fn write(&self, extra: &mut $crate::model::Extra) {
                use $crate::schema::Column;
                $(extra.set(&$column.name, self.$field.clone().into());)*
            }
        }
    };
}
