//! Rules on the text of files.

use std::path::{Path, PathBuf};

use super::Report;
use crate::shell::{read, root};

/// Lines of a file; more than `MANY` is worth a thought, more than `MOST` is refused.
const MANY: usize = 400;
const MOST: usize = 500;
/// Lines of an endpoint's file before its tests.
const ENDPOINT: usize = 300;

/// Ids that are also words of the core: its tables, and what roles are about (`auth_core::access`).
const WORDS: [&str; 5] = ["user", "session", "account", "verification", "organization"];

/// Written apart so that this file does not find itself.
const UNFINISHED: [&str; 3] = [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("FIX", "ME")];

pub(super) fn check(report: &mut Report, files: &[PathBuf], plugins: &[String]) {
    for file in files {
        let extension = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if !matches!(extension, "rs" | "mjs" | "sh" | "toml" | "md" | "sql" | "html" | "txt" | "") {
            continue;
        }
        let Ok(text) = read(&root().join(file)) else { continue };
        let name = file.display();
        for (number, line) in text.lines().enumerate() {
            for word in UNFINISHED.iter().filter(|word| line.contains(*word)) {
                report.error(format!("{name}:{}: `{word}` is unfinished work", number + 1));
            }
        }
        if matches!(extension, "rs" | "mjs" | "sh") {
            length(report, file, &text);
        }
        if extension == "rs" && is_source_of_a_crate(file) {
            for (number, what) in ids_in(&text, plugins) {
                report.error(format!("{name}:{number}: {what}; crates/ knows no plugin"));
            }
        }
    }
}

fn length(report: &mut Report, file: &Path, text: &str) {
    // Nobody reads what a program has written.
    if text.lines().next().is_some_and(|line| line.contains("Written by `auth-codegen`")) {
        return;
    }
    let (name, lines) = (file.display(), text.lines().count());
    if lines >= MOST {
        report.error(format!("{name}: {lines} lines; a file has fewer than {MOST}"));
    } else if lines > MANY {
        report.warn(format!("{name}: {lines} lines; more than {MANY} are hard to read"));
    }
    let is_endpoint = file.starts_with("plugins") && file.components().any(|c| c.as_os_str() == "endpoints");
    let code = without_tests(text).count();
    if is_endpoint && code > ENDPOINT {
        report.error(format!("{name}: {code} lines before its tests; an endpoint has at most {ENDPOINT}"));
    }
}

fn is_source_of_a_crate(file: &Path) -> bool {
    let mut parts = file.iter();
    let is_test =
        file.file_stem().and_then(|s| s.to_str()).is_some_and(|s| s == "tests" || s.ends_with("_tests"));
    parts.next().is_some_and(|p| p == "crates") && parts.nth(1).is_some_and(|p| p == "src") && !is_test
}

/// The lines before the tests of a file, numbered from 1.
pub(super) fn without_tests(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines: Vec<_> = text.lines().collect();
    let inline = lines.windows(2).position(|pair| match pair {
        [attribute, module] => {
            *attribute == "#[cfg(test)]" && module.starts_with("mod ") && module.ends_with('{')
        }
        _ => false,
    });
    let end = inline.unwrap_or(lines.len());
    lines.into_iter().take(end).enumerate().map(|(at, line)| (at + 1, line))
}

/// Plugin ids in string literals and crate names; comments do not count.
fn ids_in(text: &str, plugins: &[String]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in without_tests(text) {
        let code =
            line.split_once("//").filter(|(before, _)| !before.contains('"')).map_or(line, |(code, _)| code);
        for start in ["auth-plugin-", "auth_plugin_"].iter().filter(|start| code.contains(*start)) {
            found.push((number, format!("`{start}…` names a plugin's crate")));
        }
        for id in plugins {
            let literal = !WORDS.contains(&id.as_str()) && code.contains(&format!("\"{id}\""));
            if literal || code.contains(&format!("plugins.{id}")) {
                found.push((number, format!("`{id}` is the id of a plugin")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_in_code_and_not_in_comments_and_tests() {
        let plugins = ["two-factor".to_owned(), "session".to_owned()];
        let text = "let a = \"two-factor\";\n// \"two-factor\"\nlet t = table(\"session\");\nset(\"plugins.session\");\n\
                    #[cfg(test)]\nmod tests {\n let b = \"two-factor\";\n}\n";
        let lines: Vec<_> = ids_in(text, &plugins).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 4]);
    }

    #[test]
    fn tests_of_crates_are_not_their_source() {
        assert!(is_source_of_a_crate(Path::new("crates/auth-core/src/a/b.rs")));
        assert!(!is_source_of_a_crate(Path::new("crates/auth-core/src/a/tests.rs")));
        assert!(!is_source_of_a_crate(Path::new("crates/auth-core/tests/it/main.rs")));
        assert!(!is_source_of_a_crate(Path::new("plugins/session/src/lib.rs")));
    }
}
