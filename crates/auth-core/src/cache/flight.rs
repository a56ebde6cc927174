//! Loads that are under way: of many who want the same thing at once, one fetches it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

type End<V> = Option<Outcome<V>>;

/// How a load ended.
pub(super) enum Outcome<V> {
    Landed(Option<Arc<V>>),
    /// The source failed.
    Failed,
    /// Whoever loaded has gone: somebody else has to.
    Lost,
}

impl<V> Clone for Outcome<V> {
    fn clone(&self) -> Self {
        match self {
            Self::Landed(value) => Self::Landed(value.clone()),
            Self::Failed => Self::Failed,
            Self::Lost => Self::Lost,
        }
    }
}

struct Flight<V> {
    /// What it does not know of has happened since.
    began: u64,
    end: watch::Receiver<End<V>>,
}

pub(super) struct Flights<V>(Arc<Mutex<HashMap<Box<str>, Flight<V>>>>);

impl<V> Default for Flights<V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

pub(super) enum Role<V> {
    Leader(Leader<V>),
    Follower(Follower<V>),
}

impl<V> Flights<V> {
    fn all(&self) -> MutexGuard<'_, HashMap<Box<str>, Flight<V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a load that began after the last removal, or is to load.
    pub(super) fn join(&self, key: &str, last_removal: u64) -> Role<V> {
        let mut all = self.all();
        if let Some(flight) = all.get(key)
            && flight.began >= last_removal
        {
            return Role::Follower(Follower(flight.end.clone()));
        }
        let (landing, end) = watch::channel(None);
        all.insert(key.into(), Flight { began: last_removal, end });
        Role::Leader(Leader { flights: Self(self.0.clone()), key: key.into(), landing })
    }
}

/// Who loads. Dropped before the end, the others are left to themselves.
pub(super) struct Leader<V> {
    flights: Flights<V>,
    key: Box<str>,
    landing: watch::Sender<End<V>>,
}

impl<V> Leader<V> {
    /// Tells the others what was found; `None` where the source failed.
    pub(super) fn land(self, found: Option<Option<Arc<V>>>) {
        self.landing.send_replace(Some(found.map_or(Outcome::Failed, Outcome::Landed)));
    }
}

impl<V> Drop for Leader<V> {
    fn drop(&mut self) {
        let mut all = self.flights.all();
        // A later one may have taken its place.
        if all.get(&self.key).is_some_and(|flight| self.landing.subscribe().same_channel(&flight.end)) {
            all.remove(&self.key);
        }
    }
}

/// Who waits.
pub(super) struct Follower<V>(watch::Receiver<End<V>>);

impl<V> Follower<V> {
    pub(super) async fn outcome(&mut self) -> Outcome<V> {
        match self.0.wait_for(Option::is_some).await {
            Ok(end) => end.clone().unwrap_or(Outcome::Lost),
            Err(_) => Outcome::Lost,
        }
    }
}
