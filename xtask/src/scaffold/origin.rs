//! Where a plugin of its own repository gets Tessera from.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell::root;

/// The crates that such a plugin names, and their folders.
pub(crate) const CRATES: [(&str, &str); 4] = [
    ("auth-core", "crates/auth-core"),
    ("auth-plugin-session", "plugins/session"),
    ("auth-testkit", "crates/auth-testkit"),
    ("tessera", "apps/server"),
];

pub(crate) enum Origin {
    Folder(String),
    Git { url: String, rev: Option<String> },
}

impl Origin {
    /// This checkout, a folder with another one, or a repository with a revision behind `#`.
    pub(crate) fn parse(given: Option<&str>) -> Result<Self> {
        match given {
            None => Self::folder(&root()),
            Some(url) if url.contains("://") || url.starts_with("git@") => Ok(match url.split_once('#') {
                Some((url, rev)) => Self::Git { url: url.to_owned(), rev: Some(rev.to_owned()) },
                None => Self::Git { url: url.to_owned(), rev: None },
            }),
            Some(path) => Self::folder(&std::path::absolute(path)?),
        }
    }

    fn folder(path: &Path) -> Result<Self> {
        if let Some((name, _)) =
            CRATES.iter().find(|(_, place)| !path.join(place).join("Cargo.toml").exists())
        {
            bail!("{} is no checkout of Tessera: there is no {name} in it", path.display());
        }
        Ok(Self::Folder(path.to_str().context("the checkout's path is not text")?.to_owned()))
    }

    /// The right side of a dependency.
    pub(crate) fn dependency(&self, place: &str) -> String {
        let text = |text: &str| toml::Value::from(text).to_string();
        match self {
            Self::Folder(path) => format!("{{ path = {} }}", text(&format!("{path}/{place}"))),
            Self::Git { url, rev: None } => format!("{{ git = {} }}", text(url)),
            Self::Git { url, rev: Some(rev) } => format!("{{ git = {}, rev = {} }}", text(url), text(rev)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_or_a_repository_is_an_origin() -> Result<()> {
        let git = |url| Ok::<_, anyhow::Error>(Origin::parse(Some(url))?.dependency("crates/auth-core"));
        assert_eq!(
            git("https://example.com/t.git#abc")?,
            r#"{ git = "https://example.com/t.git", rev = "abc" }"#
        );
        assert_eq!(git("git@example.com:t.git")?, r#"{ git = "git@example.com:t.git" }"#);
        let here = Origin::parse(None)?.dependency("crates/auth-core");
        assert!(here.starts_with("{ path = \"") && here.ends_with("/crates/auth-core\" }"), "{here}");
        assert!(Origin::parse(Some("/")).is_err());
        Ok(())
    }
}
