//! A few rows in every table, and what has become of them.

use std::collections::BTreeSet;

use auth_core::{
    Db, Timestamp,
    model::FieldValue,
    schema::{Column, ColumnType, Table},
    sea_orm::{ConnectionTrait, DbErr, Statement},
};
use auth_store::migrate::Owner;
use serde_json::json;

use crate::database::portable;

/// In each table. Texts hold the row's name, so that what references a row by any of its texts finds it.
const NAMES: [&str; 2] = ["row1", "row2"];

/// Every table with all its columns, each after those that it references.
pub(super) fn tables(owners: &[Owner]) -> Vec<Table> {
    let mut waiting: Vec<Table> = owners.iter().flat_map(|owner| owner.tables.clone()).collect();
    for (core, column) in owners.iter().flat_map(|owner| &owner.columns) {
        if let Some(table) = waiting.iter_mut().find(|table| table.name == *core) {
            table.columns.push(column.clone());
        }
    }
    let mut placed: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let names: BTreeSet<_> = waiting.iter().map(|table| table.name.clone()).collect();
        let ready = waiting.iter().position(|table| {
            let mut targets = table.columns.iter().filter_map(|column| column.references.as_ref());
            targets.all(|(target, _)| *target == table.name || !names.contains(target))
        });
        placed.push(waiting.remove(ready.unwrap_or(0)));
    }
    placed
}

fn value(column: &Column, row: usize) -> FieldValue {
    let number = i64::try_from(row).unwrap_or_default() + 1;
    match column.ty {
        ColumnType::Text => FieldValue::Text(NAMES[row].to_owned()),
        ColumnType::Integer | ColumnType::BigInteger => FieldValue::Integer(number),
        ColumnType::Bool => FieldValue::Bool(row == 0),
        ColumnType::Date => FieldValue::Date(Timestamp::from_unix_millis(1_700_000_000_000 + number * 1000)),
        ColumnType::Json => FieldValue::Json(json!({ "row": number })),
    }
}

/// Writes the rows.
pub(super) async fn write(db: &Db, tables: &[Table]) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    for table in tables {
        let names: Vec<_> = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let marks: Vec<_> = (1..=names.len()).map(|at| format!("${at}")).collect();
        let sql =
            format!("INSERT INTO \"{}\" ({}) VALUES ({})", table.name, names.join(", "), marks.join(", "));
        let sql = portable(backend, &sql);
        for row in 0..NAMES.len() {
            let values = table.columns.iter().map(|column| value(column, row).bind(column.ty));
            db.execute_raw(Statement::from_sql_and_values(backend, &sql, values)).await?;
        }
    }
    Ok(())
}

/// Reads them again: what is not as it was written.
pub(super) async fn lost(db: &Db, tables: &[Table]) -> Vec<String> {
    let backend = db.get_database_backend();
    let mut lost = Vec::new();
    for table in tables {
        // Without names: SQLite takes one that it does not know for a text.
        let key = table.columns.first().map_or("id", |column| column.name.as_ref());
        let sql = format!("SELECT * FROM \"{}\" ORDER BY \"{key}\"", table.name);
        let rows = db.query_all_raw(Statement::from_string(backend, portable(backend, &sql))).await;
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => {
                lost.push(format!("table {}: {error}", table.name));
                continue;
            }
        };
        if rows.len() != NAMES.len() {
            lost.push(format!("table {} had {} rows and has {}", table.name, NAMES.len(), rows.len()));
            continue;
        }
        for column in &table.columns {
            let kept = rows.iter().enumerate().all(|(at, row)| {
                FieldValue::fetch(row, &column.name, column.ty).is_ok_and(|there| there == value(column, at))
            });
            if !kept {
                lost.push(format!("column {}.{} has other values than before", table.name, column.name));
            }
        }
    }
    lost
}
