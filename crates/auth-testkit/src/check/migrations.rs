//! Tables: from nothing, from the last release, and once more.

use std::collections::BTreeMap;

use auth_core::{
    Timestamp,
    model::FieldValue,
    schema::{Column, Table},
};
use auth_host::Plan;
use auth_store::migrate::{self, Owner};

use super::{
    Findings,
    release::{ColumnShape, Release},
    rows,
};
use crate::database::TestDatabase;

/// The longest name that PostgreSQL does not cut off.
const LONGEST: usize = 63;

pub(super) async fn check(plan: &Plan, id: &'static str, release: Option<&Release>, found: &mut Findings) {
    let owners = plan.owners();
    let own = owners.iter().find(|owner| owner.id == id);
    names(own, id, found);
    if let Some(release) = release {
        compare(release, own, found);
    }
    if own.is_none() && release.is_none_or(|release| release.tables.is_empty() && release.columns.is_empty())
    {
        return;
    }
    // As the last release left it; without one, as servers are on which nobody has enabled the plugin.
    let mut before: Vec<Owner> = owners.iter().filter(|owner| owner.id != id).cloned().collect();
    before.extend(release.map(|release| release.owner(id)));
    let start = release.map_or("a database without the plugin".to_owned(), |release| {
        format!("the database of version {}", release.version)
    });
    for database in TestDatabase::empty().await {
        let place = format!("plugin {id}, migrations on {:?}", database.store.driver().backend());
        if let Err(what) = upgrade(&database, &before, &owners).await {
            found.add(place, format!("from {start}: {what}"));
        }
    }
}

/// Fills the database of before, and brings it up to now.
async fn upgrade(database: &TestDatabase, before: &[Owner], now: &[Owner]) -> Result<(), String> {
    let (store, db) = (&database.store, &database.store.db());
    let at = Timestamp::from_unix_millis(1_700_000_000_000);
    let up = async |owners: &[Owner]| migrate::up(store, owners, at).await.map_err(|error| error.to_string());
    up(before).await?;
    let tables = rows::tables(before);
    rows::write(db, &tables).await.map_err(|error| format!("its rows: {error}"))?;
    up(now).await?;
    let again = up(now).await?;
    if !again.applied.is_empty() {
        let statements: Vec<_> = again.applied.iter().map(|step| step.sql.as_str()).collect();
        return Err(format!("a second run changes something again: {}", statements.join("; ")));
    }
    let lost = rows::lost(db, &tables).await;
    if lost.is_empty() { Ok(()) } else { Err(lost.join("; ")) }
}

fn names(own: Option<&Owner>, id: &str, found: &mut Findings) {
    let Some(own) = own else { return };
    let mut name = |what: String, name: &str| {
        let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric());
        if !plain {
            found.add(format!("plugin {id}, {what}"), "its name is not in camelCase");
        }
        if name.len() > LONGEST {
            found.add(format!("plugin {id}, {what}"), "its name is longer than 63 characters");
        }
    };
    for table in &own.tables {
        name(format!("table {}", table.name), &table.name);
        for column in &table.columns {
            name(format!("column {}.{}", table.name, column.name), &column.name);
        }
    }
    for (table, column) in &own.columns {
        name(format!("column {table}.{}", column.name), &column.name);
    }
    for index in own.tables.iter().flat_map(|table| &table.indexes) {
        if index.name.len() > LONGEST {
            let place = format!("plugin {id}, index {}", index.name);
            found.add(place, "its name is longer than 63 characters");
        }
    }
}

type Columns<'c> = BTreeMap<(&'c str, &'c str), &'c Column>;

/// What would break a program of the last release beside this one, or the rows that it has left.
fn compare(release: &Release, own: Option<&Owner>, found: &mut Findings) {
    let (tables, columns) = own.map(|own| (&own.tables[..], &own.columns[..])).unwrap_or_default();
    let of_table = |table: &'_ Table| -> Vec<_> {
        let name = table.name.to_string();
        table.columns.iter().skip(1).map(|column| (name.clone(), column.clone())).collect()
    };
    let mut declared: Vec<(String, Column)> = tables.iter().flat_map(of_table).collect();
    declared.extend(columns.iter().map(|(table, column)| (table.to_string(), column.clone())));
    let declared: Columns<'_> =
        declared.iter().map(|(table, column)| ((table.as_str(), column.name.as_ref()), column)).collect();
    let mut tell = |table: &str, column: &str, what: &str| {
        let place = format!("plugin {}, column {table}.{column}", release.plugin);
        found.add(place, format!("{what} since version {}", release.version));
    };
    let mut known: BTreeMap<(&str, &str), &ColumnShape> = BTreeMap::new();
    for table in &release.tables {
        known
            .extend(table.columns.iter().map(|column| ((table.name.as_str(), column.name.as_str()), column)));
    }
    known.extend(release.columns.iter().map(|c| ((c.table.as_str(), c.column.name.as_str()), &c.column)));
    for ((table, name), was) in &known {
        let Some(is) = declared.get(&(table, name)) else {
            tell(table, name, "has gone: keep it for a release that does not write it, and say so");
            continue;
        };
        if is.ty != was.ty {
            tell(table, name, "has another type: add a column of the new type beside it");
        }
        if !is.nullable && !was.required {
            tell(table, name, "may not be empty any more, and there are rows where it is");
        }
        if is.unique && !was.unique {
            tell(table, name, "has become unique, and there may be rows that are not");
        }
    }
    for ((table, name), is) in &declared {
        let old = release.tables.iter().any(|t| t.name == *table)
            || columns.iter().any(|(other, _)| other == *table);
        let fills = is.default != FieldValue::Null || is.default_now;
        if old && !known.contains_key(&(table, name)) && !is.nullable && !fills {
            tell(table, name, "is new and required and has no default for the rows that are there");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(tables: Vec<Table>, columns: Vec<Column>) -> Owner {
        let columns = columns.into_iter().map(|column| ("user".into(), column)).collect();
        Owner { id: "toy", tables, columns }
    }

    fn before() -> Owner {
        let thing = Table::new("thing")
            .column(Column::text("userId").not_null().references("user", "id"))
            .column(Column::integer("size"))
            .column(Column::date("madeAt").not_null())
            .index("thing_size_idx", &["size"]);
        owner(vec![thing], vec![Column::bool("likesThings")])
    }

    fn told(now: &Owner) -> String {
        let mut found = Findings(Vec::new());
        compare(&Release::of(Some(&before()), "toy", "0.1.0"), Some(now), &mut found);
        found.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_snapshot_is_read_as_it_was_written() {
        let release = Release::of(Some(&before()), "toy", "0.1.0");
        let text = serde_json::to_string(&release).unwrap();
        assert_eq!(serde_json::from_str::<Release>(&text).unwrap(), release);
        let (again, before) = (release.owner("toy"), before());
        assert_eq!((again.tables, again.columns), (before.tables, before.columns));
    }

    #[test]
    fn what_breaks_rows_of_the_last_release_is_told() {
        assert_eq!(told(&before()), "");
        let mut more = before();
        more.tables[0].columns.push(Column::text("note"));
        more.tables[0].columns.push(Column::bool("loud").not_null().default_value(false));
        more.tables.push(Table::new("other").column(Column::text("what").not_null()));
        assert_eq!(told(&more), "");

        let mut gone = before();
        gone.tables[0].columns.remove(2);
        gone.columns.clear();
        assert!(told(&gone).contains("thing.size: has gone"), "{}", told(&gone));
        assert!(told(&gone).contains("user.likesThings: has gone"), "{}", told(&gone));
        let changed = |change: fn(&mut Column)| {
            let mut now = before();
            change(&mut now.tables[0].columns[2]);
            told(&now)
        };
        assert!(changed(|c| c.ty = auth_core::schema::ColumnType::Text).contains("has another type"));
        assert!(changed(|c| c.nullable = false).contains("may not be empty any more"));
        assert!(changed(|c| c.unique = true).contains("has become unique"));
        let mut required = before();
        required.tables[0].columns.push(Column::text("note").not_null());
        assert!(told(&required).contains("thing.note: is new and required"), "{}", told(&required));
    }

    async fn migrated(now: Owner) -> Vec<Result<(), String>> {
        let core = crate::TestApp::builder().plan().map_err(|_| ()).unwrap().owners();
        let with = |owner: Owner| core.iter().cloned().chain([owner]).collect::<Vec<_>>();
        let mut results = Vec::new();
        for database in TestDatabase::empty().await {
            results.push(upgrade(&database, &with(before()), &with(now.clone())).await);
        }
        results
    }

    #[tokio::test]
    async fn rows_of_the_last_release_outlive_a_migration() {
        let mut more = before();
        more.tables[0].columns.push(Column::bool("loud").not_null().default_value(false));
        more.tables.push(Table::new("other").column(Column::text("thingId").references("thing", "id")));
        for result in migrated(more).await {
            assert_eq!(result, Ok(()));
        }
        let mut required = before();
        required.tables[0].columns.push(Column::text("note").not_null());
        for result in migrated(required).await {
            assert!(result.as_ref().is_err_and(|what| what.contains("thing.note")), "{result:?}");
        }
    }

    #[tokio::test]
    async fn rows_that_have_changed_are_told() {
        let core = crate::TestApp::builder().plan().map_err(|_| ()).unwrap().owners();
        let owners: Vec<_> = core.into_iter().chain([before()]).collect();
        let database = TestDatabase::empty().await.remove(0);
        let (db, tables) = (database.store.db(), rows::tables(&owners));
        migrate::up(&database.store, &owners, Timestamp::from_unix_millis(0)).await.unwrap();
        rows::write(&db, &tables).await.unwrap();
        assert_eq!(rows::lost(&db, &tables).await, Vec::<String>::new());
        auth_core::sea_orm::ConnectionTrait::execute_unprepared(&db, "UPDATE \"thing\" SET \"size\" = 9")
            .await
            .unwrap();
        assert_eq!(rows::lost(&db, &tables).await, ["column thing.size has other values than before"]);
        auth_core::sea_orm::ConnectionTrait::execute_unprepared(&db, "DELETE FROM \"thing\"").await.unwrap();
        assert_eq!(rows::lost(&db, &tables).await, ["table thing had 2 rows and has 0"]);
    }
}
