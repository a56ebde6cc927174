//! The blocks of a page.

/// A block of a page: its kind, its first line's number, its text.
pub(crate) struct Block {
    pub(crate) kind: String,
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Block {
    /// The server is what `cargo run` starts; behind `--` there is a command that ends by itself.
    pub(super) fn starts_server(&self) -> bool {
        self.kind == "sh" && self.text.contains("cargo run") && !self.text.contains(" -- ")
    }

    /// The file that the reader writes it to.
    pub(crate) fn file(&self) -> Option<&str> {
        self.kind.split_once(" file=").map(|(_, file)| file)
    }
}

pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(kind), None) => {
                open = Some(Block { kind: kind.trim().to_owned(), line: number + 1, text: String::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_know_their_kind_and_line() {
        let found = blocks("a\n```sh\nls\n```\nb\n```json\n{\"a\": {\"b\": 1}}\n```\n");
        let kinds: Vec<_> = found.iter().map(|b| (b.kind.as_str(), b.line, b.text.as_str())).collect();
        assert_eq!(kinds, [("sh", 2, "ls\n"), ("json", 6, "{\"a\": {\"b\": 1}}\n")]);
    }

    #[test]
    fn a_block_may_be_a_file_or_the_start_of_the_server() {
        let found = blocks(
            "```rust file=a/src/lib.rs\n```\n```sh\ncargo run\n```\n```sh\ncargo run -q -- openapi\n```\n",
        );
        assert_eq!(found.iter().map(Block::file).collect::<Vec<_>>(), [Some("a/src/lib.rs"), None, None]);
        assert_eq!(found.iter().map(Block::starts_server).collect::<Vec<_>>(), [false, true, false]);
    }
}
