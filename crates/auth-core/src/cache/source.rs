use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::{Core, Failure, model::Timestamp};

/// A kind of things, with figures of its own.
#[derive(Clone, Debug)]
pub struct Kind {
    /// The name in metrics, and of what nodes share.
    pub name: &'static str,
    /// The name in metrics of what is known not to be there.
    pub missing: &'static str,
    /// Things that are kept in memory; 0 for none.
    pub capacity: u64,
    /// How long a thing is answered from memory, and how long nodes share it.
    pub ttl: Duration,
    /// How long it is known not to be there.
    pub missing_ttl: Duration,
}

/// What a source has of a key.
pub enum Loaded<V> {
    /// The thing. It is remembered for as long as [`Source::until`] and the kind allow.
    Found(V),
    /// There is none, and for a moment nobody needs to ask again.
    Missing,
    /// There is none now.
    Passing,
}

/// Where things come from.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{
///     Core, Failure, Timestamp, User, async_trait,
///     cache::{Loaded, Source},
/// };
///
/// /// Users by id, in the memory of this node alone.
/// struct FromTable;
///
/// #[async_trait]
/// impl Source<User> for FromTable {
///     async fn load(&self, core: &Arc<Core>, key: &str) -> Result<Loaded<User>, Failure> {
///         let user = core.users().find(core.db(), key).await?;
///         Ok(user.map_or(Loaded::Missing, Loaded::Found))
///     }
///
///     fn until(&self, _: &User) -> Timestamp {
///         Timestamp::from_unix_millis(i64::MAX)
///     }
///
///     fn write(&self, _: &User) -> Option<Vec<u8>> {
///         None
///     }
///
///     async fn read(&self, _: &Arc<Core>, _: &str, _: &[u8]) -> Result<Option<User>, Failure> {
///         Ok(None)
///     }
/// }
/// ```
#[async_trait]
pub trait Source<V>: Sync {
    /// Asks the store.
    async fn load(&self, core: &Arc<Core>, key: &str) -> Result<Loaded<V>, Failure>;

    /// The time from which the thing must not be answered.
    fn until(&self, value: &V) -> Timestamp;

    /// The thing as nodes share it; `None` where they do not.
    fn write(&self, value: &V) -> Option<Vec<u8>>;

    /// What another node has written; `None` where this one cannot use it.
    async fn read(&self, core: &Arc<Core>, key: &str, bytes: &[u8]) -> Result<Option<V>, Failure>;
}
