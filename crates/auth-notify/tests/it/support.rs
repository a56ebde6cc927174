//! Notifiers with a frozen clock and seeded randomness, and folders that go away.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use auth_core::{
    PluginConfig, Preset, Timestamp,
    ports::{FrozenClock, Message},
};
use auth_crypto::SeededRng;
use auth_notify::{Notifier, NotifyConfig, Stats};

pub(crate) const NOW: i64 = 1_700_000_000_000;

pub(crate) fn clock() -> Arc<FrozenClock> {
    Arc::new(FrozenClock::new(Timestamp::from_unix_millis(NOW)))
}

pub(crate) fn quiet() -> NotifyConfig {
    NotifyConfig::preset(Preset::BetterAuth)
}

pub(crate) fn notifier(config: NotifyConfig) -> Arc<Notifier> {
    Notifier::new(config, "Acme", clock(), Arc::new(SeededRng::new(1))).unwrap()
}

pub(crate) fn letter(kind: &'static str, to: &str) -> Message {
    Message::new(kind, to, "Ada Lovelace")
        .with("url", "https://auth.example.com/api/auth/go?token=t0k3n&callbackURL=%2F")
        .with("token", "t0k3n")
}

/// Waits until the figures are as wished.
pub(crate) async fn until(notifier: &Notifier, done: impl Fn(Stats) -> bool) -> Stats {
    for _ in 0..1_000 {
        if done(notifier.stats()) {
            return notifier.stats();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("still {:?}", notifier.stats());
}

pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("notify-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> &Self {
        fs::write(self.0.join(name), text).unwrap();
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}
