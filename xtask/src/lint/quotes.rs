//! What the pages quote from a file is in it. A block says where it is from behind its language:
//! `rust apps/example-axum/src/boards.rs`. A diagram says which files have the names that are in it:
//! `text names crates/auth-host/src/dispatch.rs`. Names are words that are followed by `()`, or that have a `_`, a
//! `::` or a capital inside.

use std::{collections::BTreeSet, path::PathBuf};

use anyhow::Result;

use super::Report;
use crate::{
    docs::{Block, blocks},
    shell::{read, root},
};

pub(super) fn check(report: &mut Report, files: &[PathBuf]) -> Result<()> {
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "md")) {
        for block in blocks(&read(&root().join(file))?) {
            let Some(source) = source(&block) else { continue };
            let place = format!("{}:{}", file.display(), block.line);
            if let Some(sources) = source.strip_prefix("names ") {
                named(report, &place, &block, sources);
                continue;
            }
            match read(&root().join(source)) {
                Ok(text) if text.contains(&block.text) => {}
                Ok(_) => report.error(format!("{place}: `{source}` does not have these lines")),
                Err(_) => report.error(format!("{place}: quotes `{source}`, which is not there")),
            }
        }
    }
    Ok(())
}

/// The names of a diagram are in its files.
fn named(report: &mut Report, place: &str, block: &Block, sources: &str) {
    let mut known = String::new();
    for source in sources.split_whitespace() {
        match read(&root().join(source)) {
            Ok(text) => known += &text,
            Err(_) => report.error(format!("{place}: takes names from `{source}`, which is not there")),
        }
    }
    let known: BTreeSet<&str> = known.split(|c: char| !is_of_a_word(c)).collect();
    for name in names(&block.text).into_iter().filter(|name| !known.contains(name)) {
        report.error(format!("{place}: `{name}` is in none of {sources}"));
    }
}

fn is_of_a_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn names(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !(is_of_a_word(c) || "():".contains(c)));
    let is_name = |word: &&str| {
        let inside = word.get(1..).unwrap_or_default();
        word.contains("()") || word.contains("::") || inside.contains('_') || {
            word.contains(|c: char| c.is_ascii_lowercase())
                && inside.contains(|c: char| c.is_ascii_uppercase())
        }
    };
    let parts = words.filter(is_name).flat_map(|word| word.split(|c: char| !is_of_a_word(c)));
    parts.filter(|part| !part.is_empty()).collect()
}

fn source(block: &Block) -> Option<&str> {
    block
        .kind
        .split_once(' ')
        .map(|(_, source)| source)
        .filter(|source| source.contains('/') && block.file().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_may_say_where_it_is_from() {
        let found = blocks(
            "```rust apps/a.rs\nfn a() {}\n```\n```rust\n```\n```rust no_run\n```\n```rust file=a/b.rs\n```\n",
        );
        let sources: Vec<_> = found.iter().map(source).collect();
        assert_eq!(sources, [Some("apps/a.rs"), None, None, None]);
    }

    #[test]
    fn names_are_told_from_words() {
        let text = "Request ─▶ serve() (once), Phase::Finish; take_tx, SessionAuthority: HTTP 200";
        assert_eq!(names(text), ["serve", "Phase", "Finish", "take_tx", "SessionAuthority"]);
    }
}
