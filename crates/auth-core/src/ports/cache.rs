//! Caches of one node: what was read lately, by key.

use std::{any::Any, sync::Arc, time::Duration};

use crate::model::Timestamp;

/// A kind of cached thing, with figures of its own.
#[derive(Clone, Debug)]
pub struct CacheKind {
    /// The name in metrics.
    pub name: &'static str,
    /// Entries that are kept.
    pub capacity: u64,
    /// How long an entry is answered from memory.
    pub ttl: Duration,
}

/// A cache of one kind. Values are shared, so a hit copies nothing.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use auth_core::{Core, ports::CacheKind};
///
/// fn remember(core: &Core, word: &str) {
///     let kind = CacheKind { name: "words", capacity: 100, ttl: Duration::from_secs(60) };
///     let words = core.cache(kind);
///     words.insert(word, Arc::new(word.len()), None);
///     let known: Option<Arc<usize>> = words.get(word).and_then(|kept| kept.downcast().ok());
///     # drop(known);
/// }
/// ```
pub trait Cache: Send + Sync {
    /// The value, while its time is not over.
    fn get(&self, key: &str) -> Option<Arc<dyn Any + Send + Sync>>;
    /// Keeps a value until the kind's time is over, or `until` where that is earlier.
    fn insert(&self, key: &str, value: Arc<dyn Any + Send + Sync>, until: Option<Timestamp>);
    /// Forgets one key on this node.
    fn remove(&self, key: &str);
    /// Forgets all of this kind on this node.
    fn clear(&self);
}

/// Makes caches. Implemented by `auth-cache`.
///
/// ```
/// use std::{any::Any, sync::Arc};
///
/// use auth_core::{
///     Timestamp,
///     ports::{Cache, CacheKind, CacheProvider},
/// };
///
/// /// Remembers nothing: for finding out what a cache is worth.
/// struct Forgetful;
///
/// impl Cache for Forgetful {
///     fn get(&self, _: &str) -> Option<Arc<dyn Any + Send + Sync>> {
///         None
///     }
///
///     fn insert(&self, _: &str, _: Arc<dyn Any + Send + Sync>, _: Option<Timestamp>) {}
///
///     fn remove(&self, _: &str) {}
///
///     fn clear(&self) {}
/// }
///
/// impl CacheProvider for Forgetful {
///     fn cache(&self, _: CacheKind) -> Arc<dyn Cache> {
///         Arc::new(Self)
///     }
/// }
/// ```
pub trait CacheProvider: Send + Sync {
    /// The cache of a kind. Who asks again with the same name gets the same cache, as it was first made.
    fn cache(&self, kind: CacheKind) -> Arc<dyn Cache>;
}
