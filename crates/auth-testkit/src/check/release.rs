//! What a release of a plugin declared in the database: `releases/<version>.json` of its crate.

use std::{borrow::Cow, fs, path::PathBuf};

use auth_core::{
    model::FieldValue,
    schema::{Column, ColumnType, Index, Table},
};
use auth_store::migrate::Owner;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Findings;

/// A snapshot of the declared schema.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    pub(super) plugin: String,
    pub(super) version: String,
    pub(super) tables: Vec<TableShape>,
    /// Columns on tables of others.
    pub(super) columns: Vec<ForeignColumn>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableShape {
    pub(super) name: String,
    /// Without `id`, which every table has.
    pub(super) columns: Vec<ColumnShape>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) indexes: Vec<IndexShape>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IndexShape {
    name: String,
    columns: Vec<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    unique: bool,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ForeignColumn {
    pub(super) table: String,
    #[serde(flatten)]
    pub(super) column: ColumnShape,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ColumnShape {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) ty: ColumnType,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) required: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) unique: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    #[serde(default, skip_serializing_if = "is_false")]
    default_now: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    references: Option<(String, String)>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl ColumnShape {
    fn of(column: &Column) -> Self {
        let default = serde_json::to_value(&column.default).expect("a default is JSON");
        Self {
            name: column.name.to_string(),
            ty: column.ty,
            required: !column.nullable,
            unique: column.unique,
            default: Some(default).filter(|value| !value.is_null()),
            default_now: column.default_now,
            references: column.references.as_ref().map(|(t, c)| (t.to_string(), c.to_string())),
        }
    }

    fn column(&self) -> Column {
        let mut column = Column::new(self.name.clone(), self.ty);
        column.nullable = !self.required;
        column.unique = self.unique;
        column.default_now = self.default_now;
        column.references = self.references.clone().map(|(table, name)| (table.into(), name.into()));
        let default = self.default.as_ref().and_then(|value| FieldValue::accept(value, &column));
        column.default = default.unwrap_or_default();
        column
    }
}

impl TableShape {
    fn of(table: &Table) -> Self {
        let index = |index: &Index| IndexShape {
            name: index.name.to_string(),
            columns: index.columns.iter().map(ToString::to_string).collect(),
            unique: index.unique,
        };
        Self {
            name: table.name.to_string(),
            columns: table.columns.iter().skip(1).map(ColumnShape::of).collect(),
            indexes: table.indexes.iter().map(index).collect(),
        }
    }

    fn table(&self) -> Table {
        let mut table = Table::new(self.name.clone());
        table.columns.extend(self.columns.iter().map(ColumnShape::column));
        let index = |index: &IndexShape| Index {
            name: index.name.clone().into(),
            columns: index.columns.iter().map(|column| column.clone().into()).collect(),
            unique: index.unique,
        };
        table.indexes = self.indexes.iter().map(index).collect();
        table
    }
}

impl Release {
    pub(super) fn of(owner: Option<&Owner>, plugin: &str, version: &str) -> Self {
        let (tables, columns) = owner.map(|o| (&o.tables[..], &o.columns[..])).unwrap_or_default();
        let column = |(table, column): &(Cow<'static, str>, Column)| ForeignColumn {
            table: table.to_string(),
            column: ColumnShape::of(column),
        };
        Self {
            plugin: plugin.to_owned(),
            version: version.to_owned(),
            tables: tables.iter().map(TableShape::of).collect(),
            columns: columns.iter().map(column).collect(),
        }
    }

    /// What its migrator made sure of.
    pub(super) fn owner(&self, id: &'static str) -> Owner {
        Owner {
            id,
            tables: self.tables.iter().map(TableShape::table).collect(),
            columns: self.columns.iter().map(|c| (c.table.clone().into(), c.column.column())).collect(),
        }
    }
}

/// The newest release of the crate whose tests run, where it had one.
pub(super) fn latest(found: &mut Findings) -> Option<Release> {
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?).join("releases");
    let mut releases: Vec<(semver::Version, Release)> = Vec::new();
    for entry in fs::read_dir(&folder).ok()?.flatten() {
        let path = entry.path();
        let place = path.display().to_string();
        let text = fs::read_to_string(&path).unwrap_or_default();
        let read = serde_json::from_str::<Release>(&text).map_err(|error| error.to_string());
        let named = |release: &Release| path.file_stem().is_some_and(|stem| stem == release.version.as_str());
        match read.map(|release| (semver::Version::parse(&release.version), release)) {
            Ok((Ok(version), release)) if named(&release) => releases.push((version, release)),
            Ok((_, release)) => {
                found.add(place, format!("its version is {}, and its name says another", release.version));
            }
            Err(error) => found.add(place, format!("is no snapshot of a release: {error}")),
        }
    }
    releases.sort_by(|a, b| a.0.cmp(&b.0));
    releases.pop().map(|(_, release)| release)
}
