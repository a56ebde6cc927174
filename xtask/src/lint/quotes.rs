//! What the pages quote from a file is in it. A block says where it is from behind its language:
//! `rust apps/example-axum/src/boards.rs`.

use std::path::PathBuf;

use anyhow::Result;

use super::Report;
use crate::{
    docs::{Block, blocks},
    shell::{read, root},
};

pub(super) fn check(report: &mut Report, files: &[PathBuf]) -> Result<()> {
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "md")) {
        for block in blocks(&read(&root().join(file))?) {
            let Some(source) = source(&block) else { continue };
            let place = format!("{}:{}", file.display(), block.line);
            match read(&root().join(source)) {
                Ok(text) if text.contains(&block.text) => {}
                Ok(_) => report.error(format!("{place}: `{source}` does not have these lines")),
                Err(_) => report.error(format!("{place}: quotes `{source}`, which is not there")),
            }
        }
    }
    Ok(())
}

fn source(block: &Block) -> Option<&str> {
    block
        .kind
        .split_once(' ')
        .map(|(_, source)| source)
        .filter(|source| source.contains('/') && block.file().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_may_say_where_it_is_from() {
        let found = blocks(
            "```rust apps/a.rs\nfn a() {}\n```\n```rust\n```\n```rust no_run\n```\n```rust file=a/b.rs\n```\n",
        );
        let sources: Vec<_> = found.iter().map(source).collect();
        assert_eq!(sources, [Some("apps/a.rs"), None, None, None]);
    }
}
