//! Redirect targets: which relative ones stay on this site, and how parameters are added.

use std::fmt::Write as _;

use url::Url;

/// Control characters of both ranges; some clients drop them silently, so none is ever trusted.
pub(super) fn is_control(c: char) -> bool {
    c.is_control()
}

/// Whether a target that begins with `/` leads to a page of this origin, in the eyes of every
/// client between strict and lenient.
pub(super) fn is_local(base: &Url, target: &str) -> bool {
    if !target.starts_with('/') || target.contains('\\') || target.chars().any(is_control) {
        return false;
    }
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let lower = path.to_ascii_lowercase();
    if lower.contains("%2f") || lower.contains("%5c") || leaves(path) {
        return false;
    }
    // Walking the dots of `/..//host` uncovers a network path that was not there before.
    base.join(target).is_ok_and(|url| url.origin() == base.origin() && !leaves(url.path()))
}

/// Whether the path names another host once someone decodes it and drops the blanks.
fn leaves(path: &str) -> bool {
    let mut visible = decode(path).into_iter().filter(|b| !b.is_ascii_whitespace() && !b.is_ascii_control());
    visible.next() == Some(b'/') && matches!(visible.next(), Some(b'/' | b'\\'))
}

/// Decodes `%xx` once; anything else stays as it is.
pub(super) fn decode(text: &str) -> Vec<u8> {
    let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = (hex(bytes.get(at + 1)), hex(bytes.get(at + 2)));
        if let (b'%', (Some(high), Some(low))) = (byte, pair) {
            out.push(u8::try_from(high * 16 + low).unwrap_or(*byte));
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    out
}

/// Adds query parameters to a checked target, keeping its own query and fragment.
///
/// The result is in the normal form of URLs, hence safe as a header value.
pub fn append_query(target: &str, pairs: &[(&str, &str)]) -> String {
    // Only lends the parser an origin for relative targets; never part of the result.
    const STAGE: &str = "http://relative.invalid";
    let relative = target.starts_with('/');
    let parsed = if relative { Url::parse(&format!("{STAGE}{target}")) } else { Url::parse(target) };
    let Ok(mut url) = parsed else {
        return location(target);
    };
    let mut query = url.query().unwrap_or_default().to_owned();
    for (name, value) in pairs {
        if !query.is_empty() && !query.ends_with('&') {
            query.push('&');
        }
        encode_into(&mut query, name);
        query.push('=');
        encode_into(&mut query, value);
    }
    if !pairs.is_empty() {
        url.set_query(Some(&query));
    }
    if !relative {
        return url.into();
    }
    let local = url.as_str().strip_prefix(STAGE).unwrap_or_default();
    // Two slashes in front would name a host; checked targets have none.
    format!("/{}", local.trim_start_matches('/'))
}

/// A target as the value of a `Location` header: unchanged but for what a header cannot carry.
pub fn location(target: &str) -> String {
    let mut out = String::with_capacity(target.len());
    for c in target.chars() {
        if c.is_ascii() && !c.is_ascii_control() {
            out.push(c);
        } else {
            percent_into(&mut out, c);
        }
    }
    out
}

/// Keeps what needs no encoding anywhere in a URL.
fn encode_into(out: &mut String, text: &str) {
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || "-_.~!*()".contains(c) {
            out.push(c);
        } else {
            percent_into(out, c);
        }
    }
}

fn percent_into(out: &mut String, c: char) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        // Writing to a String cannot fail.
        let _ = write!(out, "%{byte:02X}");
    }
}
