//! From a file to records. To add a format, write its `read` in a file of its own and give it a name
//! in [`Source`].

use std::io::{self, BufRead, BufReader, Read};

use auth_core::Timestamp;
use clap::ValueEnum;
use serde_json::{Map, Value};

use super::{
    better_auth, keycloak, next_auth, ory,
    person::{Linked, Person},
    row::Row,
    split::{Lists, MAX_RECORD, Pieces},
    supabase,
};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Source {
    /// Rows of `user` and `account`.
    BetterAuth,
    /// Rows of `User` and `Account` of Auth.js.
    NextAuth,
    /// An export of a realm.
    Keycloak,
    /// The list of identities of Kratos.
    Ory,
    /// Rows of `auth.users` and `auth.identities`.
    Supabase,
    /// What `tessera user export` writes.
    Tessera,
}

/// What a record says.
pub(super) enum Entry {
    Person(Box<Person>),
    /// An account of somebody who was brought in before.
    Account {
        user_id: String,
        way: Way,
    },
    /// Nothing that is needed here.
    Nothing,
}

pub(super) enum Way {
    Password(String),
    Provider(Box<Linked>),
}

/// A record in the terms of this server.
pub(super) struct Taken {
    pub(super) entry: Entry,
    /// What of it has no place here.
    pub(super) left: Vec<&'static str>,
}

impl Taken {
    pub(super) fn person(person: Person, left: Vec<&'static str>) -> Self {
        Self { entry: Entry::Person(Box::new(person)), left }
    }
}

/// A record with its place in the file.
pub(super) struct Item {
    pub(super) line: u64,
    /// How the source calls the person.
    pub(super) label: Option<String>,
    pub(super) read: Result<Taken, String>,
}

impl Source {
    fn lists(self) -> Lists {
        let first: &[&str] = match self {
            Self::BetterAuth | Self::NextAuth => &["user", "users", "User", "Users"],
            Self::Keycloak | Self::Supabase => &["users"],
            Self::Ory => &["identities"],
            Self::Tessera => &[],
        };
        let then: &[&str] = match self {
            Self::BetterAuth | Self::NextAuth => &["account", "accounts", "Account", "Accounts"],
            Self::Supabase => &["identities"],
            Self::Keycloak | Self::Ory | Self::Tessera => &[],
        };
        Lists { first, then }
    }

    /// Whether it is rows of tables, which may come as CSV.
    fn has_rows(self) -> bool {
        matches!(self, Self::BetterAuth | Self::NextAuth | Self::Supabase)
    }

    /// Whether accounts come apart from their users.
    pub(super) fn has_links(self) -> bool {
        self.has_rows()
    }

    fn read(self, value: Value, now: Timestamp) -> Item {
        let at = |label, read| Item { line: 0, label, read };
        if self == Self::Tessera {
            let label = value.get("email").and_then(Value::as_str).map(str::to_owned);
            // The error may quote a value; where and what is expected has to do.
            let read = serde_json::from_value::<Person>(value).map_err(|error| unquoted(&error));
            return at(label, read.map(|person| Taken::person(person, Vec::new())));
        }
        let row = match Row::new(value) {
            Ok(row) => row,
            Err(why) => return at(None, Err(why)),
        };
        let read = match self {
            Self::BetterAuth => better_auth::read(&row, now),
            Self::NextAuth => next_auth::read(&row),
            Self::Keycloak => keycloak::read(&row),
            Self::Ory => ory::read(&row),
            Self::Supabase | Self::Tessera => supabase::read(&row, now),
        };
        at(row.label(), read)
    }

    /// Reads a whole file, and hands each record over until nobody wants more.
    pub(super) fn each(
        self,
        now: Timestamp,
        input: impl Read,
        mut hand: impl FnMut(Item) -> bool,
    ) -> io::Result<()> {
        let mut input = BufReader::with_capacity(1 << 16, input);
        if self.has_rows() && !looks_like_json(&mut input)? {
            return self.each_row(now, input, hand);
        }
        for piece in Pieces::new(input, self.lists()) {
            let (line, bytes) = piece?;
            let parsed =
                bytes.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| no_json(line, &error)));
            let item = match parsed {
                Ok(value) => self.read(value, now),
                Err(why) => Item { line, label: None, read: Err(why) },
            };
            if !hand(Item { line, ..item }) {
                break;
            }
        }
        Ok(())
    }

    fn each_row(
        self,
        now: Timestamp,
        input: impl Read,
        mut hand: impl FnMut(Item) -> bool,
    ) -> io::Result<()> {
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).from_reader(Bounded { input, left: 4 * MAX_RECORD });
        let names = reader.headers().map_err(csv_error)?.clone();
        let mut record = csv::StringRecord::new();
        loop {
            // A quote that is never closed would make one record of the rest of the file.
            reader.get_mut().left = 4 * MAX_RECORD;
            let line = reader.position().line();
            let read = match reader.read_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) if record.len() != names.len() => {
                    Err(format!("has {} columns of {}", record.len(), names.len()))
                }
                Ok(true) => Ok(record.position().map_or(line, csv::Position::line)),
                Err(error) if error.is_io_error() => return Err(csv_error(error)),
                Err(_) => Err("is no UTF-8".to_owned()),
            };
            let item = match read {
                Ok(line) => Item { line, ..self.read(Value::Object(object(&names, &record)), now) },
                Err(why) => Item { line, label: None, read: Err(why) },
            };
            if !hand(item) {
                return Ok(());
            }
        }
    }
}

/// An empty field is none, as PostgreSQL writes it.
fn object(names: &csv::StringRecord, record: &csv::StringRecord) -> Map<String, Value> {
    let fields = names.iter().zip(record).filter(|(_, value)| !value.is_empty());
    fields.map(|(name, value)| (name.trim_start_matches('\u{feff}').to_owned(), Value::from(value))).collect()
}

fn looks_like_json(input: &mut impl BufRead) -> io::Result<bool> {
    let begin = input.fill_buf()?;
    let begin = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin);
    let first = begin.iter().find(|byte| !byte.is_ascii_whitespace());
    Ok(first.is_none_or(|byte| matches!(byte, b'{' | b'[')))
}

fn no_json(line: u64, error: &serde_json::Error) -> String {
    let line = line + u64::try_from(error.line()).unwrap_or(1).saturating_sub(1);
    format!("is no JSON (line {line}, column {})", error.column())
}

/// What serde expected, without what it found.
fn unquoted(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("invalid") {
        let expected = text.split(", expected ").nth(1).unwrap_or("something else");
        return format!("has a value of the wrong type where {expected} is expected");
    }
    text
}

fn csv_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => io::Error::new(io::ErrorKind::InvalidData, "the first line of the CSV is no UTF-8"),
    }
}

/// Reads no more than a record can have.
struct Bounded<R> {
    input: R,
    left: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let what = "a record of the CSV is too large, or a quote is never closed";
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let read = self.input.read(buffer)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
