//! Links between the project's pages lead somewhere.

use std::path::PathBuf;

use anyhow::Result;

use super::Report;
use crate::shell::{read, root};

pub(super) fn check(report: &mut Report, files: &[PathBuf]) -> Result<()> {
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "md")) {
        // A template's links are those of what is made from it.
        if file.starts_with("xtask/templates") {
            continue;
        }
        let folder = root().join(file).parent().map_or_else(root, PathBuf::from);
        for target in targets(&read(&root().join(file))?) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !folder.join(path).exists() {
                report.error(format!("{}: the link to `{target}` leads nowhere", file.display()));
            }
        }
    }
    Ok(())
}

/// The `(target)` of every Markdown link that is not an address, outside of code.
fn targets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let starts = line.split("](").skip(1);
        let links = starts.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        found.extend(links.filter(|t| !t.contains(':') && !t.contains(' ')).map(str::to_owned));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_of_code() {
        let text = "[a](b.md) and [c](https://example.com) [d](e.md#f)\n```\n[x](y)\n```\n";
        assert_eq!(targets(text), ["b.md", "e.md#f"]);
    }
}
