//! `cargo xtask new-endpoint <plugin> <method> <path>`.

use anyhow::{Result, bail};

use super::{
    edits::{Alone, Crate, Edits, module, register},
    names::{camel, capital, fill},
};
use crate::shell::{read, root};

#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum Method {
    Get,
    Post,
}

impl Method {
    fn templates(self) -> (&'static str, &'static str) {
        match self {
            Self::Get => (
                include_str!("../../templates/endpoint/get.rs"),
                include_str!("../../templates/endpoint/get_test.rs"),
            ),
            Self::Post => (
                include_str!("../../templates/endpoint/post.rs"),
                include_str!("../../templates/endpoint/post_test.rs"),
            ),
        }
    }
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The id of a plugin in `plugins/`, or a plugin's folder.
    plugin: String,
    /// The wire knows these two.
    #[arg(value_enum, ignore_case = true)]
    method: Method,
    /// The path below `/api/auth`, such as `/guest-book/sign`.
    path: String,
}

/// Keywords and `mod.rs`: no file of a module has such a name.
const KEYWORDS: [&str; 40] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct",
    "type", "use", "where",
];

/// What an endpoint is called, from its path.
#[derive(Debug, PartialEq, Eq)]
struct Called {
    module: String,
    key: String,
    schema: String,
    code: String,
    words: String,
}

impl Called {
    fn new(id: &str, path: &str) -> Result<Self> {
        let fine = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        let Some(parts) = path.strip_prefix('/').filter(|rest| rest.split('/').all(fine)) else {
            bail!(
                "`{path}` is no path of lower-case words such as `/{id}/sign`; a parameter (`:name`) is added by hand, with `Params<T>`"
            );
        };
        let words: Vec<&str> = parts.split(['/', '-']).filter(|word| !word.is_empty()).collect();
        let own = parts.strip_prefix(id).and_then(|rest| rest.strip_prefix('/')).unwrap_or(parts);
        let module = own.replace(['/', '-'], "_");
        Ok(Self {
            module: if KEYWORDS.contains(&module.as_str()) { format!("{module}_it") } else { module },
            key: camel(words.iter().copied()),
            schema: words.iter().map(|word| capital(word)).collect(),
            code: words.join("_").to_uppercase(),
            words: capital(&own.replace(['/', '-'], " ")),
        })
    }
}

pub(crate) fn run(args: &Args) -> Result<()> {
    add(&args.plugin, args.method, &args.path)
}

pub(crate) fn add(plugin: &str, method: Method, path: &str) -> Result<()> {
    let of = Crate::find(plugin)?;
    let called = Called::new(&of.names.id, path)?;
    let filled = |template: &str| {
        let words = called.words.to_lowercase();
        let values = [
            ("path", path),
            ("module", &called.module),
            ("key", &called.key),
            ("Schema", &called.schema),
            ("CODE", &called.code),
            ("words", &words),
            ("Words", &called.words),
        ];
        of.names.fill(&fill(template, &values))
    };
    let (code, test) = method.templates();
    let (code, test) = (filled(code), filled(test));

    let name = &called.module;
    let mut edits = Edits::of(&of);
    edits.create(&format!("src/endpoints/{name}.rs"), code)?;
    let line = format!("pub(crate) mod {name};");
    edits.change("src/endpoints/mod.rs", "among the modules", &line, |text| module(text, name));
    let statement = format!("host.endpoint(endpoints::{name}::endpoint());");
    edits.change("src/lib.rs", "in `register`", &statement, |lib| {
        let has_module = lib.lines().any(|line| line.ends_with("mod endpoints;"));
        has_module.then(|| register(lib, &["host.endpoint("], Alone::Nowhere, &statement))?
    });
    // Tests of the scaffold's say how they begin.
    let tests = "tests/it/main.rs";
    let tested = read(&of.folder.join(tests)).is_ok_and(|text| {
        let has_json =
            text.lines().any(|line| line.starts_with("use auth_testkit::") && line.contains("json"));
        has_json && text.contains("fn app() -> Builder {")
    });
    if tested {
        edits.change(tests, "at the end", &test, |text| Some(format!("{text}{test}")));
    }
    edits.finish()?;
    println!("\nnext:");
    if !tested {
        println!("  a test that calls {path} as nobody, wrongly and rightly");
    }
    let package = format!("auth-plugin-{}", of.names.id);
    if of.folder.join("openapi.json").exists() {
        println!("  UPDATE_GOLDEN=1 cargo test -p {package} openapi");
    }
    println!("  cargo test -p {package}");
    if of.folder.starts_with(root()) {
        println!("  cargo xtask codegen");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_an_endpoint_is_called() -> Result<()> {
        let called = Called::new("guest-book", "/guest-book/sign-all")?;
        assert_eq!((called.module.as_str(), called.key.as_str()), ("sign_all", "guestBookSignAll"));
        assert_eq!(
            (called.schema.as_str(), called.code.as_str()),
            ("GuestBookSignAll", "GUEST_BOOK_SIGN_ALL")
        );
        assert_eq!(called.words, "Sign all");
        assert_eq!(Called::new("a", "/a/move")?.module, "move_it");
        assert_eq!(Called::new("a", "/other/one")?.module, "other_one");
        for bad in ["", "a/b", "/", "/a//b", "/a/:id", "/A", "/a/*", "/a/b?c"] {
            assert!(Called::new("a", bad).is_err(), "{bad}");
        }
        Ok(())
    }
}
