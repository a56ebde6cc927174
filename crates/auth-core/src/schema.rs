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
    /// People.
    User,
    /// Signed-in devices.
    Session,
    /// Ways to sign in.
    Account,
    /// What can be redeemed once.
    Verification,
}

impl CoreTable {
    /// All of them, in the order in which they are made.
    pub const ALL: [Self; 4] = [Self::User, Self::Session, Self::Account, Self::Verification];

    /// As the database and the configuration call it.
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

/// What a column holds. Each database has its own name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Text of any length.
    #[serde(rename = "string")]
    Text,
    /// A whole number of 32 bits.
    #[serde(rename = "number")]
    Integer,
    /// A whole number of 64 bits where the database has a smaller default.
    #[serde(rename = "bigint")]
    BigInteger,
    /// Yes or no.
    #[serde(rename = "boolean")]
    Bool,
    /// A point in time, to the millisecond.
    Date,
    /// Any JSON, which the database does not look into.
    Json,
}

/// A column, as the migrator makes it. It is never altered afterwards but by a migration.
///
/// ```
/// use auth_core::schema::Column;
///
/// // May be empty, is shown in answers, and users cannot set it.
/// let tier = Column::text("tier");
/// // There are rows already, so it has a default.
/// let points = Column::integer("points").not_null().default_value(0);
/// // A key of somebody's, one of a kind, in no answer.
/// let number = Column::text("customerNumber").unique().hidden();
/// # assert!(tier.nullable && !points.nullable && number.unique && !number.returned);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Camel case, as the shared schema has them. Two plugins that claim one name are a problem at the freeze.
    pub name: Cow<'static, str>,
    /// What it holds.
    pub ty: ColumnType,
    /// It may be empty. A column that is added to a core table is, or has a default.
    pub nullable: bool,
    /// No two rows have the same value; nulls do not count.
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
    /// A column that may be empty, that answers show and that users cannot set.
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

    /// Text of any length. See [`Column::new`] for what holds until it is changed.
    #[must_use]
    pub fn text(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, ColumnType::Text)
    }

    /// A point in time, to the millisecond.
    #[must_use]
    pub fn date(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, ColumnType::Date)
    }

    /// Yes or no.
    #[must_use]
    pub fn bool(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, ColumnType::Bool)
    }

    /// A whole number of 32 bits. For more, [`ColumnType::BigInteger`].
    #[must_use]
    pub fn integer(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, ColumnType::Integer)
    }

    /// It is never empty. On a core table it needs a default too: there are rows already.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    /// No two rows have the same value; who comes second gets 409.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// What a row has that is made without it.
    #[must_use]
    pub fn default_value(mut self, value: impl Into<FieldValue>) -> Self {
        self.default = value.into();
        self
    }

    /// The database fills in the current time: for rows that another program makes.
    #[must_use]
    pub fn default_now(mut self) -> Self {
        self.default_now = true;
        self
    }

    /// Users may set it themselves, at sign-up and later.
    #[must_use]
    pub fn input(mut self) -> Self {
        self.input = true;
        self
    }

    /// No answer shows it. For what users need not know of; a secret is not stored readably at all.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.returned = false;
        self
    }

    /// A row goes with the row that it names here.
    #[must_use]
    pub fn references(mut self, table: &'static str, column: &'static str) -> Self {
        self.references = Some((table.into(), column.into()));
        self
    }
}

/// An index. Its name is unique in the whole database: begin it with the table's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// `<table>_<columns>_idx`.
    pub name: Cow<'static, str>,
    /// The columns in their order: what is asked for alone comes first.
    pub columns: Vec<Cow<'static, str>>,
    /// It also keeps a second row with the same values out.
    pub unique: bool,
}

/// A table: the first column is the primary key.
///
/// ```
/// use auth_core::schema::{Column, Table};
///
/// let notes = Table::new("note")
///     .column(Column::text("userId").not_null().references("user", "id"))
///     .column(Column::text("text").not_null())
///     .column(Column::date("createdAt").not_null())
///     .index("note_userId_idx", &["userId"]);
///
/// let names: Vec<_> = notes.columns.iter().map(|column| column.name.as_ref()).collect();
/// assert_eq!(names, ["id", "userId", "text", "createdAt"]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Camel case, one plugin's alone.
    pub name: Cow<'static, str>,
    /// `id` first.
    pub columns: Vec<Column>,
    /// Made with the table; later ones by a migration.
    pub indexes: Vec<Index>,
}

impl Table {
    /// A table with a text `id`, for [`Core::new_id`](crate::Core::new_id).
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), columns: vec![Column::text("id").not_null()], indexes: Vec::new() }
    }

    /// Adds a column.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// Adds an index on columns that queries look for. A name is unique in the whole database.
    #[must_use]
    pub fn index(mut self, name: &'static str, columns: &[&'static str]) -> Self {
        let columns = columns.iter().map(|c| Cow::Borrowed(*c)).collect();
        self.indexes.push(Index { name: name.into(), columns, unique: false });
        self
    }

    /// As [`index`](Self::index), and no two rows have the same values: what only one of two parallel requests
    /// may make needs one.
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
    /// For the host: freezes what each core table has beyond its own columns.
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
///
/// ```
/// use auth_core::schema::{CoreTable, View};
///
/// auth_core::columns! {
///     struct Loyalty on User {
///         points: i64 => Column::integer("points").default_value(0),
///     }
/// }
///
/// assert_eq!(Loyalty::TABLE, CoreTable::User);
/// assert_eq!(Loyalty::columns()[0].name, "points");
/// ```
pub trait View: Sized {
    /// The table that has the columns.
    const TABLE: CoreTable;
    /// Their declarations, for the migrator.
    fn columns() -> Vec<Column>;
    /// What a row says. Null, or a value of another type, is read as the type's default.
    fn read(extra: &Extra) -> Self;
    /// Sets the columns of a row. It is not stored by that.
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
