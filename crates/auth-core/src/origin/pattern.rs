//! One entry of the list of trusted origins, read once at start.

use std::net::Ipv4Addr;

use url::{Host, Url};

use super::{
    glob,
    target::{decode, is_control},
};

/// Schemes that run or embed content of their own; no pattern can make one of them trusted.
const NEVER: [&str; 7] = ["javascript", "data", "vbscript", "blob", "filesystem", "view-source", "about"];

#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// `https://app.example.com`: this origin and no other.
    Origin(String),
    /// `https://*.example.com`: matched against the origin.
    OriginGlob { glob: String, ipv4: bool },
    /// `*.example.com`: matched against host and port, whatever the scheme.
    HostGlob { glob: String, ipv4: bool },
    /// `myapp://`, `exp://*`, `com.example:/callback`: links into applications.
    App { scheme: String, authority: Option<String>, path: Vec<String> },
}

impl Pattern {
    /// Entries that cannot match anything are refused: they are typing errors, and a list that
    /// silently trusts less than its author meant is found out too late.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() || text.chars().any(|c| c.is_whitespace() || is_control(c)) {
            return Err("it is empty or has blanks in it");
        }
        if !text.is_ascii() {
            return Err("hosts are compared in their ASCII form (xn--…)");
        }
        let wild = glob::is_wild(text);
        let Some((scheme, rest)) = text.split_once("://") else {
            if wild {
                return Self::host(text);
            }
            return match text.split_once(':') {
                Some((scheme, path)) if path.is_empty() || path.starts_with('/') => {
                    Self::app(scheme, None, path)
                }
                _ => Err("it needs a scheme, as in https://example.com, or a wildcard"),
            };
        };
        if glob::is_wild(scheme) || matches!(scheme, "http" | "https") {
            if wild {
                return Self::origin(text, rest);
            }
            let exact = Url::parse(text).is_ok_and(|u| u.origin().ascii_serialization() == text);
            return if exact {
                Ok(Self::Origin(text.to_owned()))
            } else {
                Err("it is not an origin: lower case, no path, no closing slash, no default port")
            };
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        // `myapp://` means the whole scheme, `myapp:///x` really means an empty authority.
        let authority = (!rest.is_empty()).then_some(authority);
        Self::app(scheme, authority, path)
    }

    fn host(text: &str) -> Result<Self, &'static str> {
        check_host(text)?;
        Ok(Self::HostGlob { glob: text.to_owned(), ipv4: wants_ipv4(text) })
    }

    fn origin(text: &str, authority: &str) -> Result<Self, &'static str> {
        check_host(authority)?;
        Ok(Self::OriginGlob { glob: text.to_owned(), ipv4: wants_ipv4(authority) })
    }

    fn app(scheme: &str, authority: Option<&str>, path: &str) -> Result<Self, &'static str> {
        let scheme = scheme.to_ascii_lowercase();
        if NEVER.contains(&scheme.as_str()) {
            return Err("this scheme is never trusted");
        }
        let known = Url::parse(&format!("{scheme}:x")).is_ok_and(|u| u.scheme() == scheme);
        if matches!(scheme.as_str(), "http" | "https") || !known {
            return Err("this is no scheme of an application");
        }
        let path = resolve(path).ok_or("its path cannot be read")?;
        Ok(Self::App {
            scheme,
            // Without any authority a path narrows the scheme down to `scheme:/path`.
            authority: match authority {
                Some(text) => Some(text.to_owned()),
                None if path.iter().all(String::is_empty) => None,
                None => Some(String::new()),
            },
            path,
        })
    }

    pub(super) fn matches(&self, url: &Url) -> bool {
        if NEVER.contains(&url.scheme()) {
            return false;
        }
        let web = matches!(url.scheme(), "http" | "https");
        match self {
            Self::Origin(origin) => web && url.origin().ascii_serialization() == *origin,
            Self::OriginGlob { glob, ipv4 } => {
                web && (!ipv4 || is_ipv4(url)) && glob::matches(glob, &url.origin().ascii_serialization())
            }
            Self::HostGlob { glob, ipv4 } => {
                let Some(host) = url.host_str().filter(|h| !h.is_empty()) else {
                    return false;
                };
                let host = match url.port() {
                    Some(port) => format!("{host}:{port}"),
                    None => host.to_owned(),
                };
                (!ipv4 || is_ipv4(url)) && glob::matches(glob, &host)
            }
            Self::App { scheme, authority, path } => {
                !web && url.scheme() == scheme
                    && authority.as_deref().is_none_or(|a| app_authority(a, url))
                    && app_path(path, url)
            }
        }
    }
}

fn check_host(text: &str) -> Result<(), &'static str> {
    if text.contains(['/', '\\', '@', '#']) {
        return Err("a wildcard entry is scheme, host and port only");
    }
    if text.chars().any(|c| c.is_ascii_uppercase()) {
        return Err("hosts are compared in lower case");
    }
    Ok(())
}

/// A pattern made of numbers means addresses; `192.168.*` must not match `192.168.evil.com`.
fn wants_ipv4(authority: &str) -> bool {
    let host = authority.split(':').next().unwrap_or_default();
    host.bytes().any(|b| b.is_ascii_digit())
        && host.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'*' | b'?'))
}

fn is_ipv4(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(_)) => true,
        // Hosts of other schemes than the web's are not interpreted by the parser.
        Some(Host::Domain(name)) => name.parse::<Ipv4Addr>().is_ok(),
        _ => false,
    }
}

fn app_authority(wanted: &str, url: &Url) -> bool {
    let given = url.authority();
    if glob::is_wild(wanted) {
        url.has_authority()
            && !given.contains('@')
            && (!wants_ipv4(wanted) || is_ipv4(url))
            && glob::matches(wanted, given)
    } else {
        given.eq_ignore_ascii_case(wanted)
    }
}

fn app_path(wanted: &[String], url: &Url) -> bool {
    if wanted.iter().all(String::is_empty) {
        return true;
    }
    // `scheme:x` has no path to speak of, only a text.
    let Some(given) = resolve(url.path()).filter(|_| !url.cannot_be_a_base()) else {
        return false;
    };
    if wanted.iter().any(|segment| glob::is_wild(segment)) {
        glob::matches_path(wanted, &given)
    } else {
        let prefix = match wanted.split_last() {
            Some((last, head)) if last.is_empty() => head,
            _ => wanted,
        };
        given.starts_with(prefix)
    }
}

/// The segments of a path after decoding it once and walking its dots, as the application at the
/// other end may well do. `None` when that cannot be told.
fn resolve(path: &str) -> Option<Vec<String>> {
    let decoded = String::from_utf8(decode(path)).ok()?;
    if decoded.contains('\\') || decoded.chars().any(is_control) {
        return None;
    }
    let mut segments: Vec<String> = Vec::new();
    let mut parts = decoded.split('/').skip(usize::from(decoded.starts_with('/'))).peekable();
    while let Some(part) = parts.next() {
        match part {
            "." | ".." => {
                if part == ".." {
                    segments.pop();
                }
                if parts.peek().is_none() {
                    segments.push(String::new());
                }
            }
            _ => segments.push(part.to_owned()),
        }
    }
    if decoded.is_empty() {
        segments.clear();
    }
    Some(segments)
}
