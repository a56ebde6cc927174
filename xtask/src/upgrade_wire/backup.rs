//! Files as they were, until somebody says that the new ones stay.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    services::Keeper,
    shell::{copy_folder, write},
};

/// Waits for the end of whoever started it, and puts back what is still kept then.
const KEEPER: &str = r#"
trap '' INT TERM HUP
echo ready; exec >/dev/null; cat >/dev/null
[ ! -d "$1" ] || { cp -R "$1/." "$2/" && rm -rf "$1"; }
"#;

/// Puts the files back when it is dropped, and also when this process is killed.
pub(super) struct Backup {
    kept: PathBuf,
    /// Dropped after everything else: it finds what is left to do.
    _keeper: Keeper,
}

impl Backup {
    /// Copies files of `root`; the copies are at `kept`, which exists as a whole or not at all.
    pub(super) fn take(root: &Path, kept: &Path, paths: &[&str]) -> Result<Self> {
        let partly = kept.with_extension("partly");
        if partly.exists() {
            fs::remove_dir_all(&partly)?;
        }
        for path in paths {
            let goal = partly.join(path);
            write(&goal, "")?;
            fs::copy(root.join(path), &goal).with_context(|| format!("cannot keep {path}"))?;
        }
        fs::rename(&partly, kept).with_context(|| format!("cannot make {}", kept.display()))?;
        let keeper = Keeper::new(KEEPER, kept, &[root.display().to_string()])?;
        Ok(Self { kept: kept.to_owned(), _keeper: keeper })
    }

    /// The new files stay.
    pub(super) fn forget(self) -> Result<()> {
        fs::remove_dir_all(&self.kept).context("cannot remove the backup")
    }
}

/// Puts back what is kept, if anything.
pub(super) fn put_back(kept: &Path, root: &Path) -> Result<bool> {
    if !kept.exists() {
        return Ok(false);
    }
    copy_folder(kept, root)?;
    fs::remove_dir_all(kept).context("cannot remove the backup")?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::{Scratch, read};

    /// A folder with a changed file, and what keeps the file as it was.
    fn changed(name: &str) -> Result<(Scratch, Backup)> {
        let scratch = Scratch::new(name)?;
        let root = scratch.0.join("root");
        write(&root.join("a/pins"), "old\n")?;
        write(&root.join("other"), "other")?;
        let backup = Backup::take(&root, &scratch.0.join("kept"), &["a/pins"])?;
        write(&root.join("a/pins"), "new")?;
        write(&root.join("other"), "changed by somebody else")?;
        Ok((scratch, backup))
    }

    fn pins(scratch: &Scratch) -> Result<(String, bool)> {
        assert_eq!(read(&scratch.0.join("root/other"))?, "changed by somebody else");
        Ok((read(&scratch.0.join("root/a/pins"))?, scratch.0.join("kept").exists()))
    }

    #[test]
    fn a_backup_that_is_dropped_puts_back_what_it_kept_and_nothing_else() -> Result<()> {
        let (scratch, backup) = changed("backup-drop")?;
        drop(backup);
        assert_eq!(pins(&scratch)?, ("old\n".to_owned(), false));
        Ok(())
    }

    #[test]
    fn a_backup_that_is_forgotten_leaves_the_new_files() -> Result<()> {
        let (scratch, backup) = changed("backup-forget")?;
        backup.forget()?;
        assert_eq!(pins(&scratch)?, ("new".to_owned(), false));
        Ok(())
    }

    #[test]
    fn what_a_killed_run_left_is_put_back_by_the_next() -> Result<()> {
        let (scratch, backup) = changed("backup-next")?;
        let kept = scratch.0.join("kept");
        assert!(put_back(&kept, &scratch.0.join("root"))?);
        assert_eq!(pins(&scratch)?, ("old\n".to_owned(), false));
        assert!(!put_back(&kept, &scratch.0.join("root"))?);
        drop(backup);
        Ok(())
    }
}
