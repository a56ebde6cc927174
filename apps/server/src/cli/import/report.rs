//! What is told of an import: a line for each record that did not simply come over, and the sum.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Value, json};

/// Where a record is, and whose.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) label: Option<String>,
}

pub(super) enum Outcome {
    Added {
        accounts: u64,
        password: bool,
        other_id: bool,
    },
    /// An account of somebody who was there.
    Linked {
        password: bool,
    },
    There,
    /// Differs from what is here, in these things.
    Changed(Vec<String>),
    /// Was made what the file says.
    Updated(Vec<String>),
    Skipped(String),
}

pub(super) struct Report {
    json: bool,
    dry_run: bool,
    pub(super) read: u64,
    added: u64,
    there: u64,
    changed: u64,
    updated: u64,
    pub(super) skipped: u64,
    accounts: u64,
    passwords: u64,
    other_ids: u64,
    left: BTreeMap<&'static str, u64>,
    notes: Vec<String>,
}

impl Report {
    pub(super) fn new(json: bool, dry_run: bool) -> Self {
        Self {
            json,
            dry_run,
            read: 0,
            added: 0,
            there: 0,
            changed: 0,
            updated: 0,
            skipped: 0,
            accounts: 0,
            passwords: 0,
            other_ids: 0,
            left: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn left(&mut self, what: &'static str) {
        *self.left.entry(what).or_default() += 1;
    }

    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    pub(super) fn has_passwords(&self) -> bool {
        self.passwords > 0
    }

    pub(super) fn has_accounts(&self) -> bool {
        self.accounts > 0
    }

    pub(super) fn tell(&mut self, place: &Place, outcome: Outcome) {
        match outcome {
            Outcome::Added { accounts, password, other_id } => {
                self.added += 1;
                self.accounts += accounts;
                self.passwords += u64::from(password);
                self.other_ids += u64::from(other_id);
            }
            Outcome::Linked { password } => {
                self.accounts += u64::from(!password);
                self.passwords += u64::from(password);
            }
            Outcome::There => self.there += 1,
            Outcome::Changed(what) => {
                self.changed += 1;
                self.line(place, "changed", &what.join(", "));
            }
            Outcome::Updated(what) => {
                self.updated += 1;
                self.line(place, "updated", &what.join(", "));
            }
            Outcome::Skipped(why) => {
                self.skipped += 1;
                self.line(place, "skipped", &why);
            }
        }
    }

    fn line(&self, place: &Place, what: &str, more: &str) {
        let Place { line, label } = place;
        if self.json {
            super::super::print(&format!("{}\n", json!({ "line": line, "who": label, what: more })));
            return;
        }
        // A stranger's text: nothing of it may steer the terminal.
        let who = label.as_deref().map(|who| format!("  {}", who.escape_debug())).unwrap_or_default();
        super::super::print(&format!("line {line}{who}  {what}: {more}\n"));
    }

    pub(super) fn end(&self) {
        let text = if self.json { format!("{}\n", self.as_json()) } else { self.as_text() };
        super::super::print(&text);
    }

    fn as_json(&self) -> Value {
        json!({
            "read": self.read, "added": self.added, "there": self.there, "changed": self.changed, "updated": self.updated,
            "skipped": self.skipped, "accounts": self.accounts, "passwords": self.passwords, "otherIds": self.other_ids,
            "left": self.left, "notes": self.notes, "dryRun": self.dry_run,
        })
    }

    fn as_text(&self) -> String {
        let Self { read, added, there, changed, updated, skipped, accounts, passwords, .. } = self;
        let mut text = format!(
            "read {read}: added {added}, already here {there}, changed at the source {changed}, updated {updated}, skipped {skipped}\n\
             with them: passwords {passwords}, accounts at providers {accounts}\n"
        );
        // Writing to a string cannot fail.
        if self.other_ids > 0 {
            let _ = writeln!(text, "with another id than at the source: {}", self.other_ids);
        }
        if self.changed > 0 {
            text.push_str("nothing of what changed at the source was written; --update brings it over\n");
        }
        for (what, count) in &self.left {
            let _ = writeln!(text, "left behind: {what} ({count})");
        }
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        if self.dry_run {
            text.push_str("this was a dry run: nothing was written\n");
        }
        text
    }
}
