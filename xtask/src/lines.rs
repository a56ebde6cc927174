//! Text as lines, for commands that change files which people write too.

/// The text with further lines before line `at`.
pub(crate) fn put(lines: &[&str], at: usize, new: &[&str]) -> String {
    let (before, after) = lines.split_at(at);
    [before, new, after].concat().join("\n") + "\n"
}

/// The text without `count` lines from line `at` on.
pub(crate) fn cut(lines: &[&str], at: usize, count: usize) -> String {
    let (before, rest) = lines.split_at(at.min(lines.len()));
    let after = rest.get(count..).unwrap_or_default();
    [before, after].concat().join("\n") + "\n"
}
