//! Log files beside standard error: `error.<day>.log` with what went wrong, `combined.<day>.log` with
//! everything, a new one each day.
//!
//! They are written by threads of their own. A disk that hangs holds no request up: lines that wait for
//! it are bounded, and further ones are dropped.

use std::path::Path;

use tracing_appender::{
    non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard},
    rolling::{InitError, RollingFileAppender, Rotation},
};

/// Lines that may wait for the disk.
const WAITING: usize = 10_000;

/// Where lines go.
pub struct LogFiles {
    pub(crate) errors: NonBlocking,
    pub(crate) combined: NonBlocking,
}

/// Lines are written until this is dropped, which waits for those that are on their way.
pub struct Writing {
    _threads: [WorkerGuard; 2],
}

impl LogFiles {
    /// Opens today's files in a folder that is there, and removes all but the `keep` newest of each kind.
    pub fn open(dir: &Path, keep: usize) -> Result<(Self, Writing), InitError> {
        let file = |name: &str| {
            let file = RollingFileAppender::builder().rotation(Rotation::DAILY);
            let file = file.filename_prefix(name).filename_suffix("log").max_log_files(keep).build(dir)?;
            Ok(NonBlockingBuilder::default().buffered_lines_limit(WAITING).thread_name("log").finish(file))
        };
        let (errors, first) = file("error")?;
        let (combined, second) = file("combined")?;
        Ok((Self { errors, combined }, Writing { _threads: [first, second] }))
    }
}
