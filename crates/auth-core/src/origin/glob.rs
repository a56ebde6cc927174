//! Wildcards of trusted origins: `?` is one character and `*` any run of them, neither crossing a
//! separator; `**` is any run of path segments.
//!
//! The matcher remembers only the last star, so its cost is at most the product of both lengths
//! and, for a given pattern, linear in what a request can send.

/// Whether `text` has a wildcard at all.
pub(super) fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Matches a text without path structure (an origin, a host, one segment).
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let within = |c: &char| !matches!(c, '/' | '\\');
    wild(&pattern, &text, |p| *p == '*', within, |p, c| p == c || (*p == '?' && within(c)))
}

/// Matches whole paths, segment by segment.
pub(super) fn matches_path(pattern: &[String], path: &[String]) -> bool {
    wild(pattern, path, |p| p == "**", |_| true, |p, s| matches(p, s))
}

/// Leftmost matching with one remembered star. Giving up on earlier stars loses nothing: what
/// follows a star was placed as far left as possible, and a later place only leaves less room.
fn wild<P, T>(
    pattern: &[P],
    text: &[T],
    is_star: impl Fn(&P) -> bool,
    star_takes: impl Fn(&T) -> bool,
    fits: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut last_star = None;
    while let Some(item) = text.get(t) {
        match pattern.get(p) {
            Some(wanted) if is_star(wanted) => {
                last_star = Some((p + 1, t));
                p += 1;
            }
            Some(wanted) if fits(wanted, item) => {
                p += 1;
                t += 1;
            }
            _ => match last_star {
                Some((after, from)) if text.get(from).is_some_and(&star_takes) => {
                    last_star = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
    pattern.iter().skip(p).all(is_star)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segments(path: &str) -> Vec<String> {
        path.split('/').map(str::to_owned).collect()
    }

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("*", "a.b:1", true),
            ("*", "a/b", false),
            ("*", "a\\b", false),
            ("?", "", false),
            ("?", "/", false),
            ("a?c", "abc", true),
            ("*.b", "x.b.b", true),
            ("*.b", ".b", true),
            ("*.b", "b", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b", false),
            ("*://x", "https://x", true),
            ("*a/b*c", "xa/xa/bzc", false),
            ("**.b", "x.y.b", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn double_stars_span_segments() {
        for (pattern, path, expected) in [
            ("**", "a/b/c", true),
            ("a/**", "a", true),
            ("a/**/c", "a/x/y/c", true),
            ("a/**/c", "a/c", true),
            ("a/**/c", "a/x/y", false),
            ("*/c", "a/b/c", false),
        ] {
            let found = matches_path(&segments(pattern), &segments(path));
            assert_eq!(found, expected, "{pattern} {path}");
        }
    }

    #[test]
    fn many_stars_do_not_explode() {
        let pattern = format!("{}b", "a*".repeat(200));
        assert!(!matches(&pattern, &"a".repeat(20_000)));
    }

    /// Obviously right, exponential.
    fn slow(pattern: &[char], text: &[char]) -> bool {
        let within = |c: &char| !matches!(c, '/' | '\\');
        match (pattern.split_first(), text.split_first()) {
            (None, rest) => rest.is_none(),
            (Some(('*', tail)), head) => {
                slow(tail, text) || head.is_some_and(|(c, rest)| within(c) && slow(pattern, rest))
            }
            (Some((p, tail)), Some((c, rest))) => (p == c || (*p == '?' && within(c))) && slow(tail, rest),
            (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab/*?]{0,8}", text in "[ab/]{0,10}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(&pattern, &text), slow(&p, &t));
        }
    }
}
