//! Keys: read from the table, made where there is none, kept ready in memory.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_core::{
    Core, Event, Failure, Timestamp, Tx,
    crypto::{Zeroizing, sealed},
    ports::{Concern, NodeMemory, TokenSigner},
    sea_orm::{
        ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
        sea_query::Expr,
    },
};
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use crate::{
    Algorithm, Config, Jwt,
    outside::Outside,
    ring::{Key, LEAD, Ring},
    schema::jwks::{ActiveModel, Column, Entity, Model},
};

/// How long keys are answered from memory where nobody tells what another node or the command line did.
pub(crate) const TTL: Duration = Duration::from_secs(10);
/// How long they are where nodes tell.
const TOLD_TTL: Duration = Duration::from_hours(1);
/// How messages between nodes call keys that are new, or have another end, or are gone.
const TOPIC: &str = "signing-key";
/// Not even tokens with unknown keys make the table be read more often.
const FLOOR: Duration = Duration::from_secs(5);
/// A row that exists only inside of a transaction: who has it may make a key.
const LOCK: &str = "lock";

/// The keys of this node.
pub(crate) struct Keys {
    algorithm: Algorithm,
    rotation: u64,
    grace: Duration,
    /// With the time at which they were read.
    ring: RwLock<Option<(Arc<Ring>, Timestamp)>>,
    /// Moves on with every word that the table has changed: what was read before is old already.
    changes: AtomicU64,
    /// Held while the table is read or a key is made: many first requests make one key.
    work: Mutex<()>,
    /// Where a plugin keeps the keys elsewhere.
    pub(crate) outside: Arc<Outside>,
}

impl Keys {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            algorithm: config.algorithm,
            rotation: config.rotation_interval,
            grace: Duration::from_secs(config.grace_period),
            ring: RwLock::default(),
            changes: AtomicU64::new(0),
            work: Mutex::default(),
            outside: Arc::default(),
        }
    }

    fn kept(&self, core: &Core, max_age: Duration) -> Option<Arc<Ring>> {
        let (ring, read_at) = self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let now = core.now();
        (read_at <= now && now.since(read_at) < max_age).then_some(ring)
    }

    /// A signer outside of this server tells nobody of its keys.
    fn max_age(core: &Core) -> Duration {
        let told = core.nodes().in_touch() && core.services().get::<dyn TokenSigner>().is_none();
        if told { TOLD_TTL } else { TTL }
    }

    /// The table has changed. What is known stays at hand, for the case that it cannot be read.
    pub(crate) fn forget(&self) {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        self.changes.fetch_add(1, Ordering::AcqRel);
        if let Some((_, read_at)) = ring.as_mut() {
            *read_at = Timestamp::from_unix_millis(0);
        }
    }

    fn keep(&self, ring: Arc<Ring>, read_at: Timestamp) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Some((ring, read_at));
    }

    /// The keys, from memory where it is young enough.
    pub(crate) async fn ring(&self, core: &Core) -> Result<Arc<Ring>, Failure> {
        self.younger(core, Self::max_age(core)).await
    }

    /// The keys after one was not found: read again, but not all the time.
    pub(crate) async fn again(&self, core: &Core) -> Result<Arc<Ring>, Failure> {
        self.younger(core, FLOOR).await
    }

    async fn younger(&self, core: &Core, max_age: Duration) -> Result<Arc<Ring>, Failure> {
        if let Some(ring) = self.kept(core, max_age) {
            return Ok(ring);
        }
        let _one = self.work.lock().await;
        if let Some(ring) = self.kept(core, max_age) {
            return Ok(ring);
        }
        let failure = match self.read(core).await {
            Ok(ring) => return Ok(ring),
            Err(failure) => failure,
        };
        // Keys that were known still count while the database is away; it is asked again soon.
        let known = self.ring.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((ring, _)) = known else { return Err(failure) };
        tracing::warn!(?failure, "keys cannot be read; those that are known count on");
        self.keep(ring.clone(), core.now().minus(Self::max_age(core)).plus(FLOOR));
        Ok(ring)
    }

    async fn read(&self, core: &Core) -> Result<Arc<Ring>, Failure> {
        let began = self.changes.load(Ordering::Acquire);
        let mut keys = Vec::new();
        if let Some(signer) = core.services().get::<dyn TokenSigner>() {
            for jwk in self.outside.ask(core, signer.keys(core)).await? {
                keys.push(Key::remote(&jwk, core.now())?);
            }
        }
        keys.extend(self.stored(core.db()).await?);
        let ring = Arc::new(Ring::new(keys, self.grace));
        self.keep(ring.clone(), core.now());
        if self.changes.load(Ordering::Acquire) != began {
            self.forget();
        }
        Ok(ring)
    }

    async fn stored(&self, conn: &impl ConnectionTrait) -> Result<Vec<Key>, Failure> {
        let query = Entity::find().filter(Column::Id.ne(LOCK));
        let rows = query.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).all(conn).await?;
        Ok(rows.into_iter().map(|row| Key::stored(row, self.algorithm)).collect())
    }

    /// The keys with one that can sign now.
    pub(crate) async fn for_signing(&self, core: &Arc<Core>) -> Result<Arc<Ring>, Failure> {
        let ring = self.ring(core).await?;
        if ring.signing(self.algorithm, core.now()).is_some() {
            return Ok(ring);
        }
        self.make_if(core, Successor::InTime, |ring, now| ring.signing(self.algorithm, now).is_none()).await
    }

    pub(crate) fn signing<'r>(&self, ring: &'r Ring, now: Timestamp) -> Result<&'r Key, Failure> {
        ring.signing(self.algorithm, now).ok_or_else(|| Failure::internal("there is no key that can sign"))
    }

    /// The keys; one is made where there is none at all.
    pub(crate) async fn for_listing(&self, core: &Arc<Core>) -> Result<Arc<Ring>, Failure> {
        let ring = self.ring(core).await?;
        if ring.keys().is_empty() {
            return self.make_if(core, Successor::InTime, |ring, _| ring.keys().is_empty()).await;
        }
        Ok(ring)
    }

    /// Makes a key if one is needed still, once nobody else can make one: on this node or another.
    pub(crate) async fn make_if(
        &self,
        core: &Arc<Core>,
        successor: Successor,
        needed: impl Fn(&Ring, Timestamp) -> bool,
    ) -> Result<Arc<Ring>, Failure> {
        let _one = self.work.lock().await;
        let ring = self.read(core).await?;
        if core.services().get::<dyn TokenSigner>().is_some() || !needed(&ring, core.now()) {
            return Ok(ring);
        }
        let row = self.generate(core).await?;
        let tx = core.begin().await?;
        // The row's id is unique, so another transaction with it waits for the end of this one.
        let lock = Model { id: LOCK.to_owned(), ..row.clone() };
        Entity::insert(ActiveModel::from(Model { private_key: String::new(), ..lock }))
            .exec_without_returning(&tx)
            .await?;
        let now = core.now();
        if needed(&Ring::new(self.stored(&tx).await?, self.grace), now) {
            tracing::info!(kid = row.id, alg = self.algorithm.name(), "a new key");
            self.retire(&tx, successor, now).await?;
            tell(&tx, "key.created", &row.id);
            ActiveModel::from(row).insert(&tx).await?;
        }
        Entity::delete_by_id(LOCK).exec(&tx).await?;
        tx.commit().await?;
        self.changed(core).await
    }

    /// Tells the other nodes that they have to read the table again, and does so.
    async fn changed(&self, core: &Core) -> Result<Arc<Ring>, Failure> {
        core.changed(TOPIC, "", &Concern::Nobody);
        self.read(core).await
    }

    async fn generate(&self, core: &Arc<Core>) -> Result<Model, Failure> {
        let (algorithm, rng) = (self.algorithm, core.clone());
        let pair = tokio::task::spawn_blocking(move || algorithm.generate(rng.rng()));
        let pair = pair.await.map_err(Failure::internal)?.map_err(Failure::internal)?;
        let text = |jwk: &Map<String, Value>| serde_json::to_string(jwk).map_err(Failure::internal);
        let private = Zeroizing::new(text(&pair.private)?);
        let sealed = sealed::seal(core.rng(), &core.settings().secrets, private.as_bytes());
        let now = core.now();
        Ok(Model {
            id: core.new_id(),
            public_key: text(&pair.public)?,
            private_key: Value::from(sealed).to_string(),
            created_at: now,
            expires_at: (self.rotation > 0).then(|| now.plus_seconds(self.rotation)),
            alg: Some(algorithm.name().to_owned()),
            crv: algorithm.curve().map(str::to_owned),
        })
    }

    /// Gives the keys that are there an end, now that another takes their place.
    async fn retire(&self, tx: &Tx, successor: Successor, now: Timestamp) -> Result<(), Failure> {
        let end = now.plus(LEAD * 2);
        let endless = Condition::any().add(Column::ExpiresAt.is_null());
        let which = match successor {
            // Those that had an end keep it; where keys are never replaced, none gets one.
            Successor::InTime if self.rotation == 0 => return Ok(()),
            Successor::InTime => endless,
            Successor::Early => endless.add(Column::ExpiresAt.gt(end)),
        };
        let update = Entity::update_many().filter(which).filter(Column::Id.ne(LOCK));
        update.col_expr(Column::ExpiresAt, Expr::value(end)).exec(tx).await?;
        Ok(())
    }

    /// A new key that takes the place of the others, as an operator wants it. Of several operators at
    /// the same moment one makes it: a key that not every node has heard of is new still.
    pub(crate) async fn rotate(&self, core: &Arc<Core>, at_once: bool) -> Result<Arc<Ring>, Failure> {
        let is_old = |key: &Key, now: Timestamp| now.since(key.created_at) >= TTL;
        let needed =
            |ring: &Ring, now| ring.newest(self.algorithm, now).is_none_or(|newest| is_old(newest, now));
        let ring = self.make_if(core, Successor::Early, needed).await?;
        let Some(newest) = ring.newest(self.algorithm, core.now()).filter(|_| at_once) else {
            return Ok(ring);
        };
        let _one = self.work.lock().await;
        let now = core.now();
        let live = Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(now));
        let others = Entity::update_many().filter(live).filter(Column::Id.ne(newest.kid.as_str()));
        others.col_expr(Column::ExpiresAt, Expr::value(now)).exec(core.db()).await?;
        self.changed(core).await
    }

    /// Ends a key: it neither signs nor checks any more. `false` where there is none of this id.
    pub(crate) async fn revoke(&self, core: &Arc<Core>, kid: &str) -> Result<bool, Failure> {
        let _one = self.work.lock().await;
        let tx = core.begin().await?;
        let gone = Entity::delete_by_id(kid).filter(Column::Id.ne(LOCK)).exec(&tx).await?.rows_affected == 1;
        if gone {
            tracing::warn!(kid, "a key was revoked");
            tell(&tx, "key.revoked", kid);
        }
        tx.commit().await?;
        self.changed(core).await?;
        Ok(gone)
    }

    /// Removes keys that no token needs any more.
    pub(crate) async fn sweep(&self, core: &Core) -> Result<(), Failure> {
        let before = core.now().minus(self.grace);
        Entity::delete_many().filter(Column::ExpiresAt.lte(before)).exec(core.db()).await?;
        Ok(())
    }
}

/// What other nodes did with keys.
pub(crate) struct FromNodes(pub(crate) Arc<Jwt>);

impl NodeMemory for FromNodes {
    fn topic(&self) -> &'static str {
        TOPIC
    }

    fn stale(&self, _: &Arc<Core>, _: &str) {
        self.0.keys.forget();
    }

    fn distrust(&self, _: &Arc<Core>) {
        self.0.keys.forget();
    }
}

/// When a new key takes the place of those that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Successor {
    /// When their time is over.
    InTime,
    /// As soon as everybody has heard of the new one.
    Early,
}

fn tell(tx: &Tx, name: &'static str, kid: &str) {
    tx.tell(Event::Plugin { plugin: "jwt", name, data: json!({ "kid": kid }) });
}
