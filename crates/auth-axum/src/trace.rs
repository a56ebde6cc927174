//! Trace ids: 32 hexadecimal digits that go with a request through logs and answers.

use std::sync::atomic::{AtomicU64, Ordering};

use auth_core::ports::Rng;
use axum::http::{HeaderMap, HeaderName};

pub(crate) const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// Hands out ids: a random half that is this process's, and a counter that starts anywhere.
///
/// They are names, not secrets: two processes must not give the same one, but a client may guess
/// the next.
pub(crate) struct TraceIds {
    process: String,
    next: AtomicU64,
}

impl TraceIds {
    pub(crate) fn new(rng: &dyn Rng) -> Self {
        let (mut process, mut start) = ([0; 8], [0; 8]);
        rng.fill(&mut process);
        rng.fill(&mut start);
        // All zeros would be no valid trace id.
        let process = format!("{:016x}", u64::from_be_bytes(process) | 1);
        Self { process, next: AtomicU64::new(u64::from_be_bytes(start)) }
    }

    /// The id of a request and its parent's: those of a valid W3C `traceparent` where whoever sent it is
    /// believed, or a new one. A stranger must not make two requests look like one.
    pub(crate) fn of(&self, headers: &HeaderMap, believed: bool) -> (String, Option<String>) {
        if believed
            && let Some(parent) = headers.get("traceparent")
            && let Some((trace, parent)) = parent.to_str().ok().and_then(parse)
        {
            return (trace.to_owned(), Some(parent.to_owned()));
        }
        (self.new_id(), None)
    }

    fn new_id(&self) -> String {
        let mut id = String::with_capacity(32);
        id.push_str(&self.process);
        push_hex(&mut id, self.next.fetch_add(1, Ordering::Relaxed));
        id
    }
}

fn push_hex(text: &mut String, number: u64) {
    for byte in number.to_be_bytes() {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
}

/// `version-trace-parent-flags`, as W3C Trace Context has it. Gives trace and parent.
fn parse(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex =
        |part: &str, len| part.len() == len && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let some = |part: &str| part.bytes().any(|b| b != b'0');
    let known_length = version != "00" || parts.next().is_none();
    let valid = hex(version, 2)
        && version != "ff"
        && known_length
        && hex(trace, 32)
        && some(trace)
        && hex(parent, 16)
        && some(parent)
        && hex(flags, 2);
    valid.then_some((trace, parent))
}

#[cfg(test)]
mod tests {
    use auth_core::ports::SeededRng;

    use super::*;

    #[test]
    fn ids_are_32_digits_and_differ() {
        let ids = TraceIds::new(&SeededRng::new(1));
        let (a, b) = (ids.of(&HeaderMap::new(), true).0, ids.new_id());
        assert_ne!(a, b);
        for id in [a, b] {
            assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
        }
    }

    #[test]
    fn only_valid_parents_are_taken_over() {
        const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
        let parent = |text: &str| parse(text).is_some();
        assert_eq!(parse(&format!("00-{TRACE}-b7ad6b7169203331-01")), Some((TRACE, "b7ad6b7169203331")));
        assert!(parent(&format!("01-{TRACE}-b7ad6b7169203331-01-more")));
        assert!(!parent(&format!("00-{TRACE}-b7ad6b7169203331-01-more")));
        assert!(!parent(&format!("ff-{TRACE}-b7ad6b7169203331-01")));
        assert!(!parent(&format!("00-{}-b7ad6b7169203331-01", "0".repeat(32))));
        assert!(!parent(&format!("00-{TRACE}-{}-01", "0".repeat(16))));
        assert!(!parent(&format!("00-{}-b7ad6b7169203331-01", TRACE.to_uppercase())));
        assert!(!parent(&format!("00-{TRACE}-b7ad6b7169203331")));
        assert!(!parent("") && !parent("----"));
    }
}
