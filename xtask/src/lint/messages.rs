//! Messages that a page explains are messages that the program has: a heading of
//! `docs/troubleshooting.md` that is code, `` ### `could not … the thing` ``, has to be in the sources, with
//! `…` for what is filled in.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Report, text::without_tests};
use crate::shell::{read, root};

const PAGE: &str = "docs/troubleshooting.md";

pub(super) fn check(report: &mut Report, files: &[PathBuf]) -> Result<()> {
    let mut sources = String::new();
    for file in files.iter().filter(|file| is_source(file)) {
        let text = read(&root().join(file))?;
        let lines: Vec<&str> = without_tests(&text).map(|(_, line)| line).collect();
        sources += &plain(&lines.join("\n"));
        sources.push('\n');
    }
    let page = read(&root().join(PAGE))?;
    let found = messages(&page);
    if found.is_empty() {
        report.error(format!("{PAGE} explains no message"));
    }
    for (line, message) in found {
        if !sources.contains(message.trim_matches(['…', ' '])) {
            report.error(format!("{PAGE}:{line}: no source has the message `{message}`"));
        }
    }
    Ok(())
}

fn is_source(file: &Path) -> bool {
    let is_ours = ["crates", "plugins", "apps"].iter().any(|folder| file.starts_with(folder));
    is_ours && file.extension().is_some_and(|e| e == "rs") && file.iter().any(|part| part == "src")
}

/// Source text with strings on one line, without escapes, and `…` for what is filled in.
fn plain(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut parts = source.split("\\\n");
    text.push_str(parts.next().unwrap_or_default());
    parts.for_each(|part| text.push_str(part.trim_start()));
    let text = text.replace("\\\"", "\"");
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        plain.push_str(before);
        match after.split_once('}') {
            Some((inner, tail))
                if inner.chars().all(|c| c.is_ascii_alphanumeric() || "_:.#?<>$ ".contains(c)) =>
            {
                plain.push('…');
                rest = tail;
            }
            _ => {
                plain.push('{');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// The headings that are code, with the numbers of their lines.
fn messages(page: &str) -> Vec<(usize, &str)> {
    let headings =
        page.lines().enumerate().filter_map(|(at, line)| Some((at + 1, line.strip_prefix("### ")?)));
    headings
        .filter(|(_, heading)| heading.starts_with('`'))
        .flat_map(|(at, heading)| codes(heading).into_iter().map(move |code| (at, code)))
        .collect()
}

/// The pieces of code in a line. As many backticks end one as have begun it.
fn codes(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let (_, opened) = rest.split_at(start);
        let code = opened.trim_start_matches('`');
        let (fence, _) = opened.split_at(opened.len() - code.len());
        let Some((code, after)) = code.split_once(fence) else { break };
        found.push(code.trim());
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_with_gaps_and_over_lines() {
        let source = plain(
            "bail!(\"cannot read {}: \\\n           {error:#}\");\nlet a = \"\\\"{name}\\\" is { odd }\";",
        );
        assert!(source.contains("cannot read …: …"));
        assert!(source.contains("\"…\" is …"));
        assert!(!source.contains("cannot write"));
    }

    #[test]
    fn only_headings_that_are_code_are_quotes() {
        let page = "### `A`, `B`\n\ntext with `C`\n### Words with `D`\n## `E`\n### ``run `F` ``\n";
        assert_eq!(messages(page), [(1, "A"), (1, "B"), (6, "run `F`")]);
    }
}
