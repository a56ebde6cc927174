//! Reading the `Cookie` request header.
//!
//! Lenient like the browsers' servers are: a piece without `=` is skipped, the
//! rest still counts.

/// Every `name=value` of the header, in order, values raw (not percent-decoded)
/// and freed of one pair of double quotes.
pub fn pairs(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split(';').filter_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let value = value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(value);
        (!name.is_empty()).then_some((name, value))
    })
}

/// The raw values of one cookie. The first one counts when a name is repeated.
pub fn find_all<'h>(header: &'h str, name: &str) -> impl Iterator<Item = &'h str> {
    pairs(header).filter(move |(found, _)| *found == name).map(|(_, value)| value)
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
    use super::*;

    #[test]
    fn splits_trims_and_unquotes() {
        let header = r#"a=1;b = "two" ;flag; c=x=y; =nameless; d="; e=""; a=2; f=""q"""#;
        let found: Vec<_> = pairs(header).collect();
        assert_eq!(
            found,
            [("a", "1"), ("b", "two"), ("c", "x=y"), ("d", "\""), ("e", ""), ("a", "2"), ("f", "\"q\"")]
        );
        assert_eq!(find_all(header, "a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(find_all(header, "A").next(), None);
    }

    #[test]
    fn empty_and_hostile_headers() {
        assert_eq!(pairs("").count(), 0);
        assert_eq!(pairs(";;; ; =;").count(), 0);
        assert_eq!(pairs(&"a=\"".repeat(50_000)).count(), 1);
        assert_eq!(find_all(&";".repeat(100_000), "a").count(), 0);
    }
}
