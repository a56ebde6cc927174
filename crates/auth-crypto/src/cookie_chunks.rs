//! Cookies too large for one cookie.
//!
//! Browsers drop cookies above 4096 bytes, so a long value is spread over
//! `name.0`, `name.1`, …

use std::collections::BTreeMap;

use crate::cookie_value::decode_component;
use crate::cookies::pairs;

/// Longest serialised cookie.
const LIMIT: usize = 4050;
/// More cookies than this and the request header would be refused.
const MAX_CHUNKS: usize = 100;

/// How a value is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunks<'a> {
    /// In one cookie under its own name.
    Whole(&'a str),
    /// In these `(name, value)` cookies; the plain name is not set.
    Split(Vec<(String, &'a str)>),
    /// Not at all.
    TooLarge,
}

/// Cuts `value`. `attribute_len` counts everything a serialised cookie has
/// after its value (`; Max-Age=300; Path=/; …`).
pub fn chunk<'a>(value: &'a str, name: &str, attribute_len: usize) -> Chunks<'a> {
    let overhead = (name.len() + ".99=".len()).saturating_add(attribute_len);
    let size = LIMIT.saturating_sub(overhead);
    if value.len() <= size {
        return Chunks::Whole(value);
    }
    // Encoded values are ASCII; anything else could not be cut by bytes.
    if size == 0 || !value.is_ascii() || value.len().div_ceil(size) > MAX_CHUNKS {
        return Chunks::TooLarge;
    }
    let mut split = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at_checked(size).unwrap_or((rest, ""));
        split.push((format!("{name}.{}", split.len()), piece));
        rest = tail;
    }
    Chunks::Split(split)
}

/// The value from a `Cookie` header, percent-decoded: the plain name if it has
/// content, else its chunks in numeric order.
pub fn join_chunks(header: &str, name: &str) -> Option<String> {
    let mut whole = None;
    let mut chunks = BTreeMap::new();
    for (found, value) in pairs(header) {
        if found == name {
            whole.get_or_insert(value);
        } else if let Some(index) = chunk_index(found, name) {
            chunks.entry(index).or_insert(value);
        }
    }
    if let Some(value) = whole.filter(|value| !value.is_empty()) {
        return Some(decode_component(value).into_owned());
    }
    let joined: String = chunks.into_values().map(decode_component).collect();
    (!joined.is_empty()).then_some(joined)
}

/// Names of the chunk cookies in the request, to be expired when stale.
pub fn present_chunks<'h>(header: &'h str, name: &str) -> Vec<&'h str> {
    let found: BTreeMap<u32, &'h str> =
        pairs(header).filter_map(|(found, _)| Some((chunk_index(found, name)?, found))).collect();
    found.into_values().collect()
}

/// Only the spelling `chunk` writes counts, so that one chunk has one name.
fn chunk_index(found: &str, name: &str) -> Option<u32> {
    let digits = found.strip_prefix(name)?.strip_prefix('.')?;
    let canonical =
        digits == "0" || (!digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()));
    canonical.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )]
    use proptest::prelude::*;

    use super::*;

    const NAME: &str = "better-auth.session_data";
    const ATTRIBUTES: &str = "; Max-Age=300; Path=/; HttpOnly; SameSite=Lax";

    #[test]
    fn limits() {
        let size = 4050 - NAME.len() - 4 - ATTRIBUTES.len();
        let cut = |len: usize| {
            let value = "x".repeat(len);
            match chunk(&value, NAME, ATTRIBUTES.len()) {
                Chunks::Whole(value) => vec![value.len()],
                Chunks::Split(parts) => parts.iter().map(|(_, value)| value.len()).collect(),
                Chunks::TooLarge => vec![],
            }
        };
        assert_eq!(cut(0), [0]);
        assert_eq!(cut(size), [size]);
        assert_eq!(cut(size + 1), [size, 1]);
        assert_eq!(cut(3 * size), [size, size, size]);
        assert_eq!(cut(100 * size).len(), 100);
        assert_eq!(cut(100 * size + 1), [0; 0]);
        assert_eq!(chunk("x", NAME, 5000), Chunks::TooLarge);
        assert_eq!(chunk("x", NAME, usize::MAX - 100), Chunks::TooLarge);
    }

    #[test]
    fn the_longest_chunk_fits() {
        let value = "x".repeat(300_000);
        let Chunks::Split(parts) = chunk(&value, NAME, ATTRIBUTES.len()) else {
            panic!("not split");
        };
        let longest = parts.iter().map(|(name, value)| format!("{name}={value}{ATTRIBUTES}").len()).max();
        assert_eq!(longest, Some(4050));
    }

    #[test]
    fn reading() {
        for (header, expected) in [
            ("n=whole; n.0=a", Some("whole")),
            ("n=; n.1=b; n.0=a", Some("ab")),
            ("n.10=k; n.9=j; n.2=c", Some("cjk")),
            ("n.0=a; n.00=x; n.01=y; n.+1=z; n.1 =b; n.=q; n.x=w", Some("ab")),
            ("n.0=a; n.0=evil", Some("a")),
            ("n=a; n=evil", Some("a")),
            ("n.0=%2B; n.1=\"b\"", Some("+b")),
            ("n.99999999999=a", None),
            ("nn.0=a; m=b", None),
            ("n=", None),
            ("", None),
        ] {
            assert_eq!(join_chunks(header, "n").as_deref(), expected, "{header}");
        }
        let present = present_chunks("n.1=b; n=x; n.0=a; n.00=z; n.0=c", "n");
        assert_eq!(present, ["n.0", "n.1"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn splitting_and_joining_agree(len in 0_usize..60_000, seed in "[a-zA-Z0-9._-]{1,40}") {
            let value: String = seed.chars().cycle().take(len).collect();
            let header = match chunk(&value, NAME, ATTRIBUTES.len()) {
                Chunks::Whole(value) => format!("{NAME}={value}"),
                Chunks::Split(parts) => parts
                    .iter()
                    .rev()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect::<Vec<_>>()
                    .join("; "),
                Chunks::TooLarge => panic!("{len} bytes fit"),
            };
            let expected = (!value.is_empty()).then_some(value);
            prop_assert_eq!(join_chunks(&header, NAME), expected);
        }

        #[test]
        fn any_header_is_read(header in ".*") {
            join_chunks(&header, "n");
            present_chunks(&header, "n");
        }
    }
}
