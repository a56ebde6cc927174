//! What nodes keep together for a while, to spare the database.

use std::time::Duration;

use async_trait::async_trait;

use crate::{Core, model::Timestamp};

/// The name of a thing: its kind, and its key, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedKey<'k> {
    /// What keeps things of different caches apart; the same on every node.
    pub kind: &'static str,
    /// Within the kind. It may be a token, so an implementation does not write it down as it is.
    pub key: &'k str,
}

/// The right to put a value, taken before the value is read from the store. Whoever removes the key
/// meanwhile takes it away, so an old value cannot come back.
#[derive(Debug)]
pub struct Claim(pub Vec<u8>);

/// What was found of a key.
#[derive(Debug)]
pub enum Shelf {
    /// A value, and when it was read from the store. Who cannot use it may put another one.
    Found {
        /// As the source wrote it.
        value: Vec<u8>,
        /// When it was read from the store, by the clock of the node that did.
        read_at: Timestamp,
        /// The right to put another one.
        claim: Claim,
    },
    /// Nothing, and the right to put something.
    Empty(Claim),
    /// Nobody can tell: the store has to be asked, and nothing put.
    Away,
}

/// A store that all nodes share, and that may lose anything at any time. It never fails: where it is away
/// nothing is found. Implemented by `auth-redis`.
///
/// A cache in levels uses it by itself ([`Layered`](crate::cache::Layered)). By hand the claim comes before the read:
///
/// ```
/// use std::time::Duration;
///
/// use auth_core::{
///     Core, Failure,
///     ports::{SharedKey, Shelf},
/// };
///
/// async fn name_of(core: &Core, user_id: &str) -> Result<Option<String>, Failure> {
///     let key = SharedKey { kind: "names", key: user_id };
///     let claim = match core.nodes().shared() {
///         Some(shared) => match shared.get(core, key).await {
///             Shelf::Found { value, .. } => return Ok(String::from_utf8(value).ok()),
///             Shelf::Empty(claim) => Some((shared, claim)),
///             Shelf::Away => None,
///         },
///         None => None,
///     };
///     let name = core.users().find(core.db(), user_id).await?.map(|user| user.name);
///     if let Some((name, (shared, claim))) = name.as_ref().zip(claim) {
///         shared.put(core, key, name.as_bytes(), Duration::from_secs(60), claim).await;
///     }
///     Ok(name)
/// }
/// ```
#[async_trait]
pub trait Shared: Send + Sync + 'static {
    /// What is known of a key: one round trip.
    async fn get(&self, core: &Core, key: SharedKey<'_>) -> Shelf;

    /// Keeps a value, if nobody has removed the key since the claim was taken.
    async fn put(&self, core: &Core, key: SharedKey<'_>, value: &[u8], ttl: Duration, claim: Claim);

    /// Removes keys, after the change is committed. What cannot be removed is answered by no node for
    /// longer than the bound that the implementation documents.
    async fn remove(&self, core: &Core, keys: &[SharedKey<'_>]);

    /// Nothing that was put before is found any more.
    async fn remove_all(&self, core: &Core);
}
