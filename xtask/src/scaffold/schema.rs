//! `cargo xtask new-migration <plugin> table|column …`: migrations are declared (ADR 0004), so a new one is an
//! addition to `src/schema.rs`.

use anyhow::{Result, bail};

use super::{
    edits::{Alone, Crate, Edits, module, register},
    names::{capital, fill},
};
use crate::lines::put;

const SCHEMA: &str = "src/schema.rs";
const LIB: &str = "src/lib.rs";
const TABLE: &str = include_str!("../../templates/schema/table.rs");
const VIEW: &str = include_str!("../../templates/schema/view.rs");
const DECLARED: [&str; 2] = ["host.table(", "host.columns::<"];
/// A schema that has nothing in it yet.
const EMPTY: &str = "//! What the plugin keeps.\n\nuse auth_core::schema::{Column, Table};\n";
const CORE: [&str; 4] = ["user", "session", "account", "verification"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The id of a plugin in `plugins/`, or a plugin's folder.
    plugin: String,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
pub(crate) enum What {
    /// A table of the plugin's own.
    Table {
        /// Its name as the wire spells it: `guestBookNote`.
        name: String,
    },
    /// A column on a core table (`user`, `session`, `account`, `verification`) or on a table of the plugin.
    Column {
        table: String,
        /// Its name as the wire spells it: `nickName`.
        name: String,
        #[arg(value_enum)]
        kind: Kind,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Kind {
    Text,
    Integer,
    Bool,
    Date,
}

impl What {
    pub(crate) fn column(table: &str, name: &str, kind: Kind) -> Self {
        Self::Column { table: table.to_owned(), name: name.to_owned(), kind }
    }
}

impl Kind {
    /// The constructor of `Column`, and the type in Rust.
    fn spelled(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("text", "String"),
            Self::Integer => ("integer", "i64"),
            Self::Bool => ("bool", "bool"),
            Self::Date => ("date", "auth_core::Timestamp"),
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<()> {
    add(&args.plugin, &args.what)
}

pub(crate) fn add(plugin: &str, what: &What) -> Result<()> {
    let of = Crate::find(plugin)?;
    let mut edits = Edits::of(&of);
    let mut hint = None;
    match what {
        What::Table { name } => {
            let snake = snake(name)?;
            let code = fill(TABLE, &[("name", name), ("snake", &snake)]);
            declare(&mut edits, &code, name)?;
            let statement = format!("host.table(schema::{snake}_table());");
            edits.change(LIB, "in `register`", &statement, |lib| declared(lib, &statement));
        }
        What::Column { table, name, kind } if CORE.contains(&table.as_str()) => {
            let (make, rust) = kind.spelled();
            let (field, view) = (snake(name)?, capital(name));
            let values = [
                ("table", table.as_str()),
                ("Table", &capital(table)),
                ("name", name),
                ("View", &view),
                ("field", &field),
                ("rust", rust),
                ("column", &format!("Column::{make}(\"{name}\")")),
            ];
            let code = fill(VIEW, &values);
            declare(&mut edits, &code, name)?;
            let statement = format!("host.columns::<schema::{view}>();");
            edits.change(LIB, "in `register`", &statement, |lib| declared(lib, &statement));
            hint = Some(format!(
                "read it with `let {view} {{ {field} }} = {table}.ext();`. It is part of answers; `.hidden()` keeps it out"
            ));
        }
        What::Column { table, name, kind } => {
            let (make, rust) = kind.spelled();
            let field = snake(name)?;
            let code = format!(".column(Column::{make}(\"{name}\"))");
            let place = format!("in `Table::new(\"{table}\")`");
            edits.change(SCHEMA, &place, &code, |text| in_table(text, table, &code));
            hint = Some(format!(
                "where queries need it, the entity of `{table}` gets `pub {field}: Option<{rust}>`"
            ));
        }
    }
    edits.finish()?;
    println!(
        "\nnext:\n  cargo test -p auth-plugin-{}\n  tessera migrate plan     # prints the SQL",
        of.names.id
    );
    if let Some(hint) = hint {
        println!("  {hint}");
    }
    println!(
        "\nThe migrator only adds. Before the first release change the declaration as you like. After it: a new \
         column may be\nempty or has a default, so that the release before still runs; nothing is renamed, and what \
         is not used any more stays."
    );
    Ok(())
}

/// At the end of the schema, which the first declaration makes.
fn declare(edits: &mut Edits, code: &str, name: &str) -> Result<()> {
    if edits.has(SCHEMA) {
        edits.change(SCHEMA, "at the end", code, |text| appended(text, code, &format!("\"{name}\"")));
        return Ok(());
    }
    let import = if code.contains("Table::new") { EMPTY } else { "//! What the plugin keeps.\n" };
    edits.create(SCHEMA, format!("{import}{code}"))?;
    edits.change(LIB, "among the modules", "mod schema;", |lib| module(lib, "schema"));
    Ok(())
}

/// `nickName` → `nick_name`.
fn snake(name: &str) -> Result<String> {
    let letters =
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    if !letters || name == "id" {
        bail!("`{name}` is no name of a table or a column: letters and digits, as in `nickName`");
    }
    let letter = |c: char| {
        let before = if c.is_ascii_uppercase() { "_" } else { "" };
        format!("{before}{}", c.to_ascii_lowercase())
    };
    Ok(name.chars().map(letter).collect())
}

/// The declarations stand in one file, which imports what they need.
fn appended(schema: &str, code: &str, taken: &str) -> Option<String> {
    let import = schema.lines().find(|line| line.starts_with("use auth_core::schema::")).unwrap_or_default();
    let imports = |name: &str| import.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == name);
    // The macro for columns brings its own.
    let complete = !code.contains("Table::new") || imports("Column") && imports("Table");
    (complete && !schema.contains(taken) && !schema.contains("#[cfg(test)]"))
        .then(|| format!("{schema}{code}"))
}

fn declared(lib: &str, statement: &str) -> Option<String> {
    let has_module = lib.lines().any(|line| line.ends_with("mod schema;"));
    has_module.then(|| register(lib, &DECLARED, Alone::First, statement))?
}

/// Behind the last column of a table that is declared in one chain.
fn in_table(schema: &str, table: &str, code: &str) -> Option<String> {
    let lines: Vec<&str> = schema.lines().collect();
    let head = format!("Table::new(\"{table}\")");
    let mut heads = lines.iter().enumerate().filter(|(_, line)| line.trim() == head);
    let (start, _) = heads.next()?;
    let chain = lines.iter().skip(start + 1).take_while(|line| line.trim_start().starts_with('.')).count();
    let links = lines.get(start + 1..start + 1 + chain)?;
    let last = links.iter().rposition(|line| line.trim_start().starts_with(".column("))?;
    let name = code.split('"').nth(1)?;
    if heads.next().is_some() || links.iter().any(|line| line.contains(&format!("(\"{name}\")"))) {
        return None;
    }
    let indent = links.get(last).and_then(|line| line.find('.'))?;
    Some(put(&lines, start + last + 2, &[&format!("{:indent$}{code}", "")]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_spelling_in_rust() -> Result<()> {
        assert_eq!(snake("nickName2")?, "nick_name2");
        for bad in ["", "id", "Nick", "nick_name", "nick-name", "é"] {
            assert!(snake(bad).is_err(), "{bad}");
        }
        Ok(())
    }

    #[test]
    fn a_column_stands_behind_the_others_of_its_table() {
        let table =
            "    Table::new(\"a\")\n        .column(Column::text(\"b\"))\n        .index(\"i\", &[\"b\"])\n";
        let code = ".column(Column::bool(\"c\"))";
        let wanted = table.replace("        .index", &format!("        {code}\n        .index"));
        assert_eq!(in_table(table, "a", code), Some(wanted.clone()));
        assert_eq!(in_table(&wanted, "a", code), None);
        assert_eq!(in_table(table, "other", code), None);
        assert_eq!(in_table(&table.repeat(2), "a", code), None);
    }

    #[test]
    fn declarations_are_appended_where_their_imports_are() {
        let text = "use auth_core::schema::{Column, Table};\n";
        assert_eq!(appended(text, "\nTable::new(x)\n", "\"x\""), Some(format!("{text}\nTable::new(x)\n")));
        assert_eq!(appended("use auth_core::schema::Column;\n", "Table::new(x)", "\"x\""), None);
        assert_eq!(appended(&format!("{text}\"x\""), "y", "\"x\""), None);
    }
}
