//! Every origin and redirect check of the server.
//!
//! There is one list, compiled at start, and two questions: may this origin call us
//! ([`TrustedOrigins::allows_origin`]), and may we send a browser there
//! ([`TrustedOrigins::allows_target`]). Candidates are compared after URL parsing, so hosts are in
//! lower case and in ASCII; what cannot be parsed is not trusted.

mod glob;
mod pattern;
mod target;
#[cfg(test)]
mod tests;

use url::Url;

use self::pattern::Pattern;
pub use self::target::{append_query, location};

/// The server's own origin and the configured ones.
#[derive(Clone, Debug)]
pub struct TrustedOrigins {
    base: Url,
    base_origin: String,
    patterns: Vec<Pattern>,
}

impl TrustedOrigins {
    /// Compiles the list. The error names every entry that could never match, with the reason.
    pub fn new(base_url: &Url, patterns: &[String]) -> Result<Self, Vec<String>> {
        let mut compiled = Vec::with_capacity(patterns.len());
        let mut bad = Vec::new();
        for text in patterns {
            match Pattern::parse(text) {
                Ok(pattern) => compiled.push(pattern),
                Err(reason) => bad.push(format!("`{}`: {reason}", text.escape_debug())),
            }
        }
        if !bad.is_empty() {
            return Err(bad);
        }
        Ok(Self {
            base: base_url.clone(),
            base_origin: base_url.origin().ascii_serialization(),
            patterns: compiled,
        })
    }

    /// The origin under which the server itself is reached, as a browser writes it.
    pub fn base_origin(&self) -> &str {
        &self.base_origin
    }

    /// Whether requests from this origin are accepted. Takes the value of an `Origin` or `Referer`
    /// header; `null` and relative values are never trusted.
    pub fn allows_origin(&self, origin: &str) -> bool {
        if origin.chars().any(target::is_control) {
            return false;
        }
        let Ok(url) = Url::parse(origin) else {
            return false;
        };
        self.is_own(&url) || self.patterns.iter().any(|pattern| pattern.matches(&url))
    }

    /// Whether a browser may be sent to this URL: a path of this site, or a URL at a trusted
    /// origin. An empty text is not a target; callers treat it as absent where that is meant.
    pub fn allows_target(&self, url: &str) -> bool {
        if url.starts_with('/') { target::is_local(&self.base, url) } else { self.allows_origin(url) }
    }

    /// The absolute form of a checked target.
    pub fn resolve(&self, target: &str) -> String {
        self.base.join(target).map_or_else(|_| location(target), Into::into)
    }

    fn is_own(&self, url: &Url) -> bool {
        // The scheme is compared as well because a `blob:` URL reports the origin it was made in.
        url.scheme() == self.base.scheme() && url.origin() == self.base.origin()
    }
}
