//! Every public trait of the crates that plugins are written with has an example.

use std::path::PathBuf;

use super::Report;
use crate::shell::{read, root};

const CRATES: [&str; 2] = ["crates/auth-core/src", "crates/auth-testkit/src"];

pub(super) fn check(report: &mut Report, files: &[PathBuf]) {
    let sources = files.iter().filter(|file| file.extension().is_some_and(|e| e == "rs"));
    for file in sources.filter(|file| CRATES.iter().any(|folder| file.starts_with(folder))) {
        let Ok(text) = read(&root().join(file)) else { continue };
        for (number, name) in without_example(&text) {
            report.error(format!("{}:{number}: the trait `{name}` has no example", file.display()));
        }
    }
}

/// Traits whose comment has no block of code, with the numbers of their lines.
fn without_example(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut has_example = false;
    for (at, line) in text.lines().enumerate() {
        if let Some(comment) = line.strip_prefix("///") {
            has_example |= comment.trim_start().starts_with("```");
        } else if let Some(rest) = line.strip_prefix("pub trait ") {
            if !has_example {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                found.push((at + 1, rest.get(..end).unwrap_or(rest)));
            }
            has_example = false;
        } else if line.is_empty() || line == "}" {
            has_example = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::without_example;

    #[test]
    fn an_example_is_a_block_of_the_traits_own_comment() {
        let text = "/// One.\n///\n/// ```\n/// 1\n/// ```\n#[async_trait]\npub trait Shown<T>: Send {\n    fn a();\n}\n\n\
                    /// Two.\n#[diagnostic::on_unimplemented(\n    note = \"no\"\n)]\npub trait Bare: Send {\n}\n\
                    pub trait Other<T> {}\n";
        assert_eq!(without_example(text), [(15, "Bare"), (17, "Other")]);
    }
}
