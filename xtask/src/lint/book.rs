//! Every page is in the book once, and what is written from other files is what they say.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Result;

use super::Report;
use crate::{
    book::{PAGES, SUMMARY, pages_of},
    codegen,
    shell::{read, root},
};

pub(super) fn check(report: &mut Report, files: &[PathBuf]) -> Result<()> {
    let list = read(&root().join(PAGES))?;
    let pages = files.iter().filter(|file| file.extension().is_some_and(|e| e == "md"));
    let pages: Vec<&str> = pages.filter_map(|file| file.strip_prefix("docs").ok()?.to_str()).collect();
    for line in misplaced(&list, &pages) {
        report.error(format!("{PAGES}: {line}"));
    }
    for (name, text) in codegen::from_files()? {
        if !read(&root().join(&name)).is_ok_and(|old| old == text) {
            report.error(format!("{name} is not what it is written from; run `cargo xtask book`"));
        }
    }
    Ok(())
}

/// Pages that are not in the list, or more than once.
fn misplaced(list: &str, pages: &[&str]) -> Vec<String> {
    let mut places: BTreeMap<&str, usize> = pages.iter().map(|page| (*page, 0)).collect();
    places.retain(|page, _| ![PAGES, SUMMARY].iter().any(|own| own.strip_prefix("docs/") == Some(page)));
    for (_, page) in list.lines().flat_map(pages_of) {
        if let Some(times) = places.get_mut(page) {
            *times += 1;
        }
    }
    let wrong = places.into_iter().filter(|(_, times)| *times != 1);
    wrong
        .map(|(page, times)| match times {
            0 => format!("{page} is not in the list, so it is not in the book"),
            _ => format!("{page} is in the list {times} times; a book has a page once"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_in_the_list_once() {
        let list = "- [A](a.md): words\n- [B](how-to/b.md), and again [B](how-to/b.md)\n";
        let found = misplaced(list, &["README.md", "SUMMARY.md", "a.md", "how-to/b.md", "how-to/c.md"]);
        assert_eq!(
            found,
            [
                "how-to/b.md is in the list 2 times; a book has a page once",
                "how-to/c.md is not in the list, so it is not in the book",
            ]
        );
    }
}
