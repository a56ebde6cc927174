//! What users may do, in the memory of this process.
//!
//! An entry is of a user in an organization, and remembers the versions of everything that it was made
//! of: the organization's, and those of the organizations above it. A change moves the version on once
//! it is committed, so that what was made before counts no more, whoever it is about. A reader that
//! began before a change and stores after it has noted the older version.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_core::{
    Core, Tx,
    access::Grants,
    limits::Limits,
    ports::{Cache, CacheKind, Concern, NodeMemory},
};

use crate::OrganizationPlugin;

/// Organizations share versions when there are more of them than versions: a change then makes some
/// entries of others be read again, and nothing worse.
const VERSIONS: usize = 4096;
const CAPACITY: u64 = 50_000;
/// For what is changed by nobody who tells. Otherwise a change counts at once.
const TTL: Duration = Duration::from_mins(5);

/// A version as it was when something was read.
#[derive(Clone, Copy)]
struct Seen {
    place: usize,
    version: u64,
}

struct Kept {
    grants: Option<Arc<Grants>>,
    seen: Vec<Seen>,
}

/// What a user's organizations limit their sessions to.
struct KeptLimits {
    limits: Limits,
    seen: Vec<Seen>,
}

/// What a reader has looked at.
#[derive(Default)]
pub(crate) struct Reading(Vec<Seen>);

pub(crate) struct Memory {
    versions: Vec<AtomicU64>,
    places: RandomState,
    cache: OnceLock<Arc<dyn Cache>>,
    limits: OnceLock<Arc<dyn Cache>>,
}

impl Default for Memory {
    fn default() -> Self {
        let versions = std::iter::repeat_with(AtomicU64::default).take(VERSIONS).collect();
        Self { versions, places: RandomState::new(), cache: OnceLock::new(), limits: OnceLock::new() }
    }
}

fn key(user_id: &str, organization_id: &str) -> String {
    // No id has a space.
    format!("{user_id} {organization_id}")
}

impl Memory {
    fn cache(&self, core: &Core) -> &Arc<dyn Cache> {
        self.cache.get_or_init(|| {
            core.cache(CacheKind { name: "organization-grants", capacity: CAPACITY, ttl: TTL })
        })
    }

    fn version(&self, place: usize) -> u64 {
        self.versions.get(place).map_or(0, |version| version.load(Ordering::Acquire))
    }

    fn place(&self, id: &str) -> usize {
        usize::try_from(self.places.hash_one(id) % VERSIONS as u64).unwrap_or(0)
    }

    /// Before the rows of an organization, or of a user, are read.
    pub(crate) fn note(&self, reading: &mut Reading, id: &str) {
        let place = self.place(id);
        reading.0.push(Seen { place, version: self.version(place) });
    }

    /// What is known of a user: their grants, or that they are no member.
    pub(crate) fn get(
        &self,
        core: &Core,
        user_id: &str,
        organization_id: &str,
    ) -> Option<Option<Arc<Grants>>> {
        let kept = self.cache(core).get(&key(user_id, organization_id))?;
        let kept = kept.downcast::<Kept>().ok()?;
        self.is_current(&kept.seen).then(|| kept.grants.clone())
    }

    pub(crate) fn keep(
        &self,
        core: &Core,
        user_id: &str,
        organization_id: &str,
        grants: Option<&Arc<Grants>>,
        reading: Reading,
    ) {
        let kept = Kept { grants: grants.cloned(), seen: reading.0 };
        let until = core.remember_until(TTL);
        self.cache(core).insert(&key(user_id, organization_id), Arc::new(kept), Some(until));
    }

    fn is_current(&self, seen: &[Seen]) -> bool {
        seen.iter().all(|seen| self.version(seen.place) == seen.version)
    }

    fn limits_cache(&self, core: &Core) -> &Arc<dyn Cache> {
        self.limits.get_or_init(|| {
            core.cache(CacheKind { name: "organization-limits", capacity: CAPACITY, ttl: TTL })
        })
    }

    /// What a user's sessions are limited to.
    pub(crate) fn limits(&self, core: &Core, user_id: &str) -> Option<Limits> {
        let kept = self.limits_cache(core).get(user_id)?.downcast::<KeptLimits>().ok()?;
        self.is_current(&kept.seen).then_some(kept.limits)
    }

    pub(crate) fn keep_limits(&self, core: &Core, user_id: &str, limits: Limits, reading: Reading) {
        let kept = KeptLimits { limits, seen: reading.0 };
        self.limits_cache(core).insert(user_id, Arc::new(kept), Some(core.remember_until(TTL)));
    }

    fn move_on(&self, id: &str) {
        if let Some(version) = self.versions.get(self.place(id)) {
            version.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// How messages between nodes name an organization, or a user, that has changed.
const TOPIC: &str = "organization";

/// Who is in an organization, or what its roles grant, or what is above it, changes with this transaction.
pub(crate) fn changes(tx: &Tx, organization_id: &str) {
    moves_on(tx, organization_id, Concern::Organization(organization_id.to_owned()));
}

/// In which organizations a user is changes with this transaction.
pub(crate) fn changes_for(tx: &Tx, user_id: &str) {
    moves_on(tx, user_id, Concern::User(user_id.to_owned()));
}

fn moves_on(tx: &Tx, id: &str, concern: Concern) {
    let (core, id) = (tx.core().clone(), id.to_owned());
    tx.then(move || {
        if let Some(plugin) = core.plugin::<OrganizationPlugin>() {
            plugin.memory.move_on(&id);
        }
        core.changed(TOPIC, &id, &concern);
    });
}

/// What other nodes have changed.
pub(crate) struct FromNodes(pub(crate) Arc<OrganizationPlugin>);

impl NodeMemory for FromNodes {
    fn topic(&self) -> &'static str {
        TOPIC
    }

    fn stale(&self, _: &Arc<Core>, key: &str) {
        self.0.memory.move_on(key);
    }

    fn distrust(&self, _: &Arc<Core>) {
        for version in &self.0.memory.versions {
            version.fetch_add(1, Ordering::AcqRel);
        }
    }
}
