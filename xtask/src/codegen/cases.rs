//! The tests of security cases, from the comments that name the cases.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Fills the last column of the page's tables. What a person wrote there stays where no test is found.
pub(super) fn page(page: &str, tests: &BTreeMap<u32, Vec<String>>) -> String {
    let mut filled = String::new();
    for line in page.lines() {
        match row(line) {
            Some((number, start, old)) => {
                let found = tests.get(&number).map(|names| names.join(", "));
                let new = found
                    .unwrap_or_else(|| if old.starts_with('`') { "—".to_owned() } else { old.to_owned() });
                filled += &format!("{start} {new} |\n");
            }
            None => filled += &format!("{line}\n"),
        }
    }
    filled
}

/// The number of a row, what is before its last column, and that column.
fn row(line: &str) -> Option<(u32, &str, &str)> {
    let number = line.strip_prefix("| ")?.split(' ').next()?.parse().ok()?;
    let inner = line.strip_suffix('|')?;
    let at = inner.rfind('|')?;
    let (start, last) = inner.split_at(at + 1);
    Some((number, start, last.trim()))
}

/// The numbers of a page's rows.
pub(super) fn numbers(page: &str) -> Vec<u32> {
    page.lines().filter_map(|line| row(line).map(|(number, ..)| number)).collect()
}

/// `crate::test` of each case that a file of tests names: in a comment within the test, or before it.
pub(super) fn find(file: &Path, text: &str, tests: &mut BTreeMap<u32, Vec<String>>) {
    let place = place(file);
    let mut before = Vec::new();
    let mut within: Option<(usize, &str)> = None;
    for whole in text.lines() {
        let line = whole.trim();
        let depth = whole.len() - whole.trim_start().len();
        if let Some(module) = line.strip_prefix("//!") {
            for number in cases(module) {
                add(tests, number, format!("`{place}`"));
            }
        } else if let Some(comment) = line.strip_prefix("//") {
            match within {
                Some((outer, name)) if depth > outer => {
                    for number in cases(comment) {
                        add(tests, number, format!("`{place}::{name}`"));
                    }
                }
                _ => before.extend(cases(comment)),
            }
        } else if let Some((_, rest)) = line.split_once("fn ") {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            within = Some((depth, name));
            for number in before.drain(..) {
                add(tests, number, format!("`{place}::{name}`"));
            }
        }
    }
}

fn add(tests: &mut BTreeMap<u32, Vec<String>>, number: u32, name: String) {
    let names = tests.entry(number).or_default();
    if !names.contains(&name) {
        names.push(name);
    }
}

/// `plugins/session/tests/it/cookies.rs` is `session::cookies`.
fn place(file: &Path) -> String {
    let parts: PathBuf =
        file.iter().skip(1).filter(|p| !matches!(p.to_str(), Some("tests" | "it" | "src"))).collect();
    let text = parts.with_extension("").to_string_lossy().replace('/', "::");
    text.trim_end_matches("::main").to_owned()
}

/// The numbers after `Case` or `Cases`: `Case 5`, `Cases 5, 7 and 9`.
fn cases(comment: &str) -> Vec<u32> {
    let lower = comment.to_lowercase();
    let Some((_, rest)) = lower.split_once("case") else { return Vec::new() };
    let rest = rest.strip_prefix('s').unwrap_or(rest);
    let words = rest.split_whitespace();
    let mut found = Vec::new();
    for word in words.filter(|word| *word != "and") {
        let digits = word.trim_end_matches([',', '.', ':', ';', ')']);
        match digits.parse() {
            Ok(number) => found.push(number),
            Err(_) => break,
        }
        if word.ends_with(['.', ':', ';', ')']) {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_word() {
        assert_eq!(cases(" Case 5: what happens to 7"), [5]);
        assert_eq!(cases(" Cases 5, 7 and 9. In 3 ways"), [5, 7, 9]);
        assert_eq!(cases(" in any case it holds"), Vec::<u32>::new());
    }

    #[test]
    fn the_last_column_names_the_tests() {
        let mut tests = BTreeMap::new();
        let text = "/// Case 5: a\n#[tokio::test]\nasync fn holds() {\n    // Case 8.\n}\nfn other() {}\n";
        find(Path::new("plugins/session/tests/it/cookies.rs"), text, &mut tests);
        let old =
            "| 5 | a | b | — |\n| 6 | a | | with keys |\n| 7 | a | b | `gone` |\n| 8 | a | b | — |\n| x |\n";
        let new = "| 5 | a | b | `session::cookies::holds` |\n| 6 | a | | with keys |\n| 7 | a | b | — |\n\
                   | 8 | a | b | `session::cookies::holds` |\n| x |\n";
        assert_eq!(page(old, &tests), new);
        assert_eq!(numbers(old), [5, 6, 7, 8]);
    }
}
