//! What a database has now: its tables, columns and indexes, from its own catalogue.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

#[derive(Debug, Default)]
pub(super) struct Live {
    tables: BTreeMap<String, LiveTable>,
}

#[derive(Debug, Default)]
pub(super) struct LiveTable {
    pub columns: BTreeMap<String, LiveColumn>,
    pub indexes: BTreeMap<String, LiveIndex>,
}

#[derive(Debug)]
pub(super) struct LiveColumn {
    /// In lower case, as the database names it.
    pub ty: String,
    /// An insert has to name it: it is neither nullable nor filled in by the database.
    pub required: bool,
}

#[derive(Debug, Default)]
pub(super) struct LiveIndex {
    pub columns: Vec<String>,
    pub unique: bool,
    /// A concurrent build that was cut off leaves an index that answers nothing.
    pub valid: bool,
}

// `pk` is 0 for columns outside of the key. An integer key fills itself.
const SQLITE_COLUMNS: &str = r#"SELECT m."name" AS "t", p."name" AS "c", lower(p."type") AS "ty",
  CASE WHEN p."notnull" = 1 AND p."dflt_value" IS NULL
    AND NOT (p."pk" > 0 AND lower(p."type") = 'integer') THEN 1 ELSE 0 END AS "required"
FROM sqlite_master m JOIN pragma_table_info(m."name") p WHERE m."type" = 'table'"#;

// Partial indexes do not hold for every row, so they count for nothing.
const SQLITE_INDEXES: &str = r#"SELECT m."name" AS "t", l."name" AS "i", l."unique" AS "u", 1 AS "valid", x."name" AS "c"
FROM sqlite_master m JOIN pragma_index_list(m."name") l JOIN pragma_index_info(l."name") x
WHERE m."type" = 'table' AND l."partial" = 0 ORDER BY m."name", l."name", x."seqno""#;

const POSTGRES_COLUMNS: &str = r#"SELECT table_name::text AS "t", column_name::text AS "c", lower(data_type::text) AS "ty",
  CASE WHEN is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'
    THEN 1 ELSE 0 END AS "required"
FROM information_schema.columns WHERE table_schema = current_schema()"#;

const POSTGRES_INDEXES: &str = r#"SELECT t.relname::text AS "t", i.relname::text AS "i", x.indisunique::int AS "u",
  x.indisvalid::int AS "valid", a.attname::text AS "c"
FROM pg_index x
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, ord)
LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
WHERE n.nspname = current_schema() AND x.indpred IS NULL AND k.ord <= x.indnkeyatts
ORDER BY t.relname, i.relname, k.ord"#;

const MYSQL_COLUMNS: &str = "SELECT CAST(table_name AS CHAR) AS `t`, CAST(column_name AS CHAR) AS `c`, \
CAST(LOWER(data_type) AS CHAR) AS `ty`, \
CAST(IF(is_nullable = 'NO' AND column_default IS NULL AND extra NOT LIKE '%auto_increment%' \
AND extra NOT LIKE '%GENERATED%', 1, 0) AS SIGNED) AS `required` \
FROM information_schema.columns WHERE table_schema = DATABASE()";

const MYSQL_INDEXES: &str = "SELECT CAST(table_name AS CHAR) AS `t`, CAST(index_name AS CHAR) AS `i`, \
CAST(IF(non_unique = 0, 1, 0) AS SIGNED) AS `u`, CAST(1 AS SIGNED) AS `valid`, \
CAST(column_name AS CHAR) AS `c` FROM information_schema.statistics \
WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index";

impl Live {
    pub(super) async fn read(conn: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let backend = conn.get_database_backend();
        let (columns, indexes) = match backend {
            DbBackend::Sqlite => (SQLITE_COLUMNS, SQLITE_INDEXES),
            DbBackend::MySql => (MYSQL_COLUMNS, MYSQL_INDEXES),
            _ => (POSTGRES_COLUMNS, POSTGRES_INDEXES),
        };
        let mut live = Self::default();
        for row in conn.query_all_raw(Statement::from_string(backend, columns)).await? {
            let column =
                LiveColumn { ty: row.try_get("", "ty")?, required: flag(&row, backend, "required")? };
            live.table_mut(&row)?.columns.insert(row.try_get("", "c")?, column);
        }
        for row in conn.query_all_raw(Statement::from_string(backend, indexes)).await? {
            let (unique, valid) = (flag(&row, backend, "u")?, flag(&row, backend, "valid")?);
            let name: String = row.try_get("", "i")?;
            // An expression has no name; it must not look like an index over fewer columns.
            let column: Option<String> = row.try_get("", "c")?;
            let index = live.table_mut(&row)?.indexes.entry(name).or_default();
            (index.unique, index.valid) = (unique, valid);
            index.columns.push(column.unwrap_or_default());
        }
        Ok(live)
    }

    fn table_mut(&mut self, row: &QueryResult) -> Result<&mut LiveTable, DbErr> {
        Ok(self.tables.entry(row.try_get("", "t")?).or_default())
    }

    pub(super) fn table(&self, name: &str) -> Option<&LiveTable> {
        self.tables.get(name)
    }

    pub(super) fn has_table(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }

    /// The index of a name, wherever it is: names are unique in a schema, not in a table.
    pub(super) fn index_named(&self, name: &str) -> Option<&LiveIndex> {
        self.tables.values().find_map(|table| table.indexes.get(name))
    }
}

/// Small numbers come back as 32 bits, from MySQL as 64.
fn flag(row: &QueryResult, backend: DbBackend, name: &str) -> Result<bool, DbErr> {
    if backend == DbBackend::MySql {
        return Ok(row.try_get::<i64>("", name)? != 0);
    }
    Ok(row.try_get::<i32>("", name)? != 0)
}
