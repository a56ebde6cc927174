//! The values of a core row beyond the core's own columns.

use std::sync::Arc;

use sea_orm::{QueryResult, TryGetError, Value};
use serde::{Serialize, ser::SerializeMap};
use serde_json::Value as Json;

use super::Timestamp;
use crate::schema::{Column, ColumnType};

/// One value of a dynamic column.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FieldValue {
    /// Nothing: it fits every type.
    #[default]
    Null,
    /// Of a text column.
    Text(String),
    /// Of a whole-number column; one of 32 bits takes no more than fits.
    Integer(i64),
    /// Of a yes-or-no column.
    Bool(bool),
    /// Of a column of points in time.
    Date(Timestamp),
    /// Of a JSON column.
    Json(Json),
}

impl FieldValue {
    /// The value to bind, typed by its column so that nulls are typed too.
    #[must_use]
    pub fn bind(&self, ty: ColumnType) -> Value {
        match (self, ty) {
            (Self::Text(text), _) => text.clone().into(),
            (Self::Integer(n), ColumnType::BigInteger) => (*n).into(),
            (Self::Integer(n), _) => i32::try_from(*n).map_or_else(|_| (*n).into(), Into::into),
            (Self::Bool(b), _) => (*b).into(),
            (Self::Date(at), _) => (*at).into(),
            (Self::Json(json), _) => json.clone().into(),
            (Self::Null, ColumnType::Text) => None::<String>.into(),
            (Self::Null, ColumnType::Integer) => None::<i32>.into(),
            (Self::Null, ColumnType::BigInteger) => None::<i64>.into(),
            (Self::Null, ColumnType::Bool) => None::<bool>.into(),
            (Self::Null, ColumnType::Date) => None::<Timestamp>.into(),
            (Self::Null, ColumnType::Json) => None::<Json>.into(),
        }
    }

    /// Reads a column of a row.
    pub fn fetch(row: &QueryResult, name: &str, ty: ColumnType) -> Result<Self, TryGetError> {
        use sea_orm::TryGetable;
        let value = match ty {
            ColumnType::Text => Option::<String>::try_get_by(row, name)?.map(Self::Text),
            ColumnType::Integer => Option::<i32>::try_get_by(row, name)?.map(|n| Self::Integer(n.into())),
            ColumnType::BigInteger => Option::<i64>::try_get_by(row, name)?.map(Self::Integer),
            ColumnType::Bool => Option::<bool>::try_get_by(row, name)?.map(Self::Bool),
            ColumnType::Date => Option::<Timestamp>::try_get_by(row, name)?.map(Self::Date),
            ColumnType::Json => Option::<Json>::try_get_by(row, name)?.map(Self::Json),
        };
        Ok(value.unwrap_or_default())
    }

    /// Takes a client's value if it has the column's type. `null` fits every nullable column.
    #[must_use]
    pub fn accept(value: &Json, column: &Column) -> Option<Self> {
        match (value, column.ty) {
            (Json::Null, _) => column.nullable.then_some(Self::Null),
            (Json::String(s), ColumnType::Text) => Some(Self::Text(s.clone())),
            (Json::Number(n), ColumnType::Integer) => {
                n.as_i64().filter(|n| i32::try_from(*n).is_ok()).map(Self::Integer)
            }
            (Json::Number(n), ColumnType::BigInteger) => n.as_i64().map(Self::Integer),
            (Json::Bool(b), ColumnType::Bool) => Some(Self::Bool(*b)),
            (Json::String(s), ColumnType::Date) => Timestamp::parse(s).map(Self::Date),
            (json, ColumnType::Json) => Some(Self::Json(json.clone())),
            _ => None,
        }
    }
}

impl Serialize for FieldValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(n) => serializer.serialize_i64(*n),
            Self::Bool(b) => serializer.serialize_bool(*b),
            Self::Date(at) => at.serialize(serializer),
            Self::Json(json) => json.serialize(serializer),
        }
    }
}

macro_rules! field_from {
    ($($ty:ty => $variant:ident),*) => {$(
        impl From<$ty> for FieldValue {
            fn from(value: $ty) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}
field_from!(String => Text, &str => Text, i64 => Integer, i32 => Integer, bool => Bool, Timestamp => Date, Json => Json);

impl<T: Into<FieldValue>> From<Option<T>> for FieldValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a typed view makes of a stored value. A null or foreign value becomes the type's default.
///
/// ```
/// use auth_core::model::{FieldValue, FromField};
///
/// /// A colour, kept as text.
/// #[derive(Debug, Default, PartialEq)]
/// struct Colour(String);
///
/// impl FromField for Colour {
///     fn from_field(value: &FieldValue) -> Self {
///         Self(String::from_field(value))
///     }
/// }
///
/// assert_eq!(Colour::from_field(&"red".into()), Colour("red".to_owned()));
/// assert_eq!(Colour::from_field(&FieldValue::Null), Colour::default());
/// ```
pub trait FromField {
    /// The value in its Rust type.
    fn from_field(value: &FieldValue) -> Self;
}

macro_rules! from_field {
    ($($ty:ty, $pattern:pat => $value:expr);* $(;)?) => {$(
        impl FromField for $ty {
            fn from_field(value: &FieldValue) -> Self {
                Option::<$ty>::from_field(value).unwrap_or_default()
            }
        }
        impl FromField for Option<$ty> {
            fn from_field(value: &FieldValue) -> Self {
                match value {
                    $pattern => Some($value),
                    _ => None,
                }
            }
        }
    )*};
}
from_field! {
    String, FieldValue::Text(text) => text.clone();
    i64, FieldValue::Integer(n) => *n;
    bool, FieldValue::Bool(b) => *b;
    Json, FieldValue::Json(json) => json.clone();
}

impl FromField for Option<Timestamp> {
    fn from_field(value: &FieldValue) -> Self {
        match value {
            FieldValue::Date(at) => Some(*at),
            _ => None,
        }
    }
}

/// The further values of one row, beside the columns that they belong to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extra {
    columns: Arc<[Column]>,
    values: Vec<FieldValue>,
}

impl Extra {
    pub(crate) fn defaults(columns: Arc<[Column]>) -> Self {
        let values = columns.iter().map(|c| c.default.clone()).collect();
        Self { columns, values }
    }

    pub(crate) fn fetch(
        columns: &Arc<[Column]>,
        row: &QueryResult,
        prefix: &str,
    ) -> Result<Self, TryGetError> {
        let values = columns
            .iter()
            .map(|c| FieldValue::fetch(row, &format!("{prefix}{}", c.name), c.ty))
            .collect::<Result<_, _>>()?;
        Ok(Self { columns: columns.clone(), values })
    }

    /// The value of a column; null for one that is not declared.
    #[must_use]
    pub fn get(&self, name: &str) -> &FieldValue {
        const NULL: &FieldValue = &FieldValue::Null;
        self.iter().find(|(column, _)| column.name == name).map_or(NULL, |(_, value)| value)
    }

    /// Sets a declared column; one that is not declared is ignored.
    pub fn set(&mut self, name: &str, value: FieldValue) {
        if let Some(at) = self.columns.iter().position(|c| c.name == name)
            && let Some(slot) = self.values.get_mut(at)
        {
            *slot = value;
        }
    }

    /// Every declared column with its value, those that answers do not show too.
    pub fn iter(&self) -> impl Iterator<Item = (&Column, &FieldValue)> {
        self.columns.iter().zip(&self.values)
    }

    /// Adds what may be shown to an answer.
    pub(crate) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.iter()
            .filter(|(column, _)| column.returned)
            .try_for_each(|(column, value)| map.serialize_entry(column.name.as_ref(), value))
    }
}
