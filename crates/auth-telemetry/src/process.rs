//! What the system knows of this process. Linux only: elsewhere there is nothing to read without
//! unsafe code.

use std::{fs, time::Duration};

/// Linux counts time in hundredths of a second for programs, whatever the kernel's own ticks are.
const TICKS: u64 = 100;

/// One process at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Time on all cores since the start.
    pub cpu: Duration,
    /// Bytes in memory.
    pub resident: u64,
    pub open_fds: u64,
    pub max_fds: u64,
}

impl Process {
    /// This process now.
    #[must_use]
    pub fn read() -> Option<Self> {
        let text = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).ok();
        let open = fs::read_dir("/proc/self/fd").ok()?.count();
        Some(Self {
            cpu: cpu(&text("stat")?)?,
            resident: resident(&text("status")?)?,
            // The folder itself is open while it is read.
            open_fds: u64::try_from(open).ok()?.saturating_sub(1),
            max_fds: max_fds(&text("limits")?)?,
        })
    }
}

/// Fields 14 and 15; the second is a name in brackets that may hold anything.
fn cpu(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let sum = ticks()?.saturating_add(ticks()?);
    Some(Duration::from_millis(sum.saturating_mul(1000 / TICKS)))
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib.saturating_mul(1024))
}

fn max_fds(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found() {
        let stat = "7 (a) b) c) S 1 7 7 0 -1 4194560 1 0 0 0 150 25 0 0 20 0 3 0 88 9 9";
        assert_eq!(cpu(stat), Some(Duration::from_millis(1750)));
        assert_eq!(resident("VmPeak:\t 1 kB\nVmRSS:\t   2048 kB\n"), Some(2048 * 1024));
        let limits = "Limit  Soft  Hard\nMax open files            1024                 4096   files\n";
        assert_eq!(max_fds(limits), Some(1024));
        for odd in ["", "no (such) file", "VmRSS: x kB"] {
            assert_eq!((cpu(odd), resident(odd), max_fds(odd)), (None, None, None));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_there() {
        let process = Process::read().unwrap();
        assert!(process.resident > 1024 * 1024 && process.open_fds >= 3, "{process:?}");
        assert!(process.max_fds >= process.open_fds, "{process:?}");
    }
}
