//! Keys: read from the table, made where there is none, kept ready in memory.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use auth_core::{
    Core, Failure, Timestamp,
    crypto::{
        Zeroizing,
        jws::{SigningKey, VerifyingKey},
        sealed,
    },
    sea_orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
    },
};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::{
    Algorithm, Config,
    schema::jwks::{ActiveModel, Column, Entity, Model},
};

/// How long keys are answered from memory: another node's new key is known after it.
const TTL: Duration = Duration::from_secs(60);
/// Not even tokens with unknown keys make the table be read more often.
const FLOOR: Duration = Duration::from_secs(5);
/// How long a key is published before it signs, so that every cache has it by then.
pub(crate) const LEAD: Duration = Duration::from_secs(300);
/// A row that exists only inside of a transaction: who has it may make a key.
const LOCK: &str = "lock";
/// What a public key has no business with.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A key.
pub(crate) struct Key {
    pub(crate) kid: String,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    /// As it is published.
    pub(crate) jwk: Map<String, Value>,
    /// None for a kind of key that this server does not know: it is published all the same.
    verifier: Option<VerifyingKey>,
    /// As it is stored.
    private: Zeroizing<String>,
    signer: OnceLock<SigningKey>,
}

impl Key {
    fn read(row: Model, default: Algorithm) -> Self {
        let public: Map<String, Value> = serde_json::from_str(&row.public_key).unwrap_or_default();
        let name = row.alg.unwrap_or_else(|| default.name().to_owned());
        let algorithm = Algorithm::named(&name);
        let verifier = algorithm.and_then(|algorithm| {
            let verifier = algorithm.verifying_key(&row.id, &public);
            verifier.inspect_err(|error| tracing::warn!(kid = row.id, %error, "a key cannot be used")).ok()
        });
        let mut jwk = Map::new();
        jwk.insert("alg".to_owned(), name.into());
        jwk.extend(row.crv.map(|crv| ("crv".to_owned(), crv.into())));
        jwk.extend(public.into_iter().filter(|(name, _)| !PRIVATE.contains(&name.as_str())));
        jwk.insert("kid".to_owned(), row.id.clone().into());
        Self {
            kid: row.id,
            algorithm,
            created_at: row.created_at,
            expires_at: row.expires_at,
            jwk,
            verifier,
            private: Zeroizing::new(row.private_key),
            signer: OnceLock::new(),
        }
    }

    pub(crate) fn verifier(&self) -> Option<&VerifyingKey> {
        self.verifier.as_ref()
    }

    /// Whether it may still sign.
    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| at > now)
    }

    /// Opened at its first use and kept.
    pub(crate) fn signer(&self, core: &Core) -> Result<&SigningKey, Failure> {
        if let Some(signer) = self.signer.get() {
            return Ok(signer);
        }
        let broken = || Failure::internal(format!("the private key {} is none", self.kid));
        let jwk = match serde_json::from_str(&self.private).map_err(|_| broken())? {
            Value::String(text) => {
                let plain = sealed::open(&core.settings().secrets, &text).map_err(Failure::internal)?;
                serde_json::from_slice(&plain).map_err(|_| broken())?
            }
            Value::Object(jwk) => jwk,
            _ => return Err(broken()),
        };
        let algorithm = self.algorithm.ok_or_else(broken)?;
        let signer = algorithm.signing_key(&self.kid, &jwk).map_err(Failure::internal)?;
        Ok(self.signer.get_or_init(|| signer))
    }
}

/// All keys at a point in time, the newest first.
pub(crate) struct Ring {
    keys: Vec<Key>,
    by_kid: HashMap<String, usize>,
    grace: Duration,
}

impl Ring {
    fn new(rows: Vec<Model>, keys: &Keys) -> Self {
        let ready: Vec<Key> = rows.into_iter().map(|row| Key::read(row, keys.algorithm)).collect();
        let by_kid = ready.iter().enumerate().map(|(at, key)| (key.kid.clone(), at)).collect();
        Self { keys: ready, by_kid, grace: keys.grace }
    }

    fn is_listed(&self, key: &Key, now: Timestamp) -> bool {
        key.expires_at.is_none_or(|at| at.plus(self.grace) > now)
    }

    /// The keys that others may see.
    pub(crate) fn listed(&self, now: Timestamp) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| self.is_listed(key, now))
    }

    /// A key that still checks tokens.
    pub(crate) fn find(&self, kid: &str, now: Timestamp) -> Option<&Key> {
        self.by_kid.get(kid).and_then(|at| self.keys.get(*at)).filter(|key| self.is_listed(key, now))
    }

    /// The key that signs: the newest one that everybody has heard of by now, of the wanted kind
    /// if there is one.
    pub(crate) fn signing(&self, wanted: Algorithm, now: Timestamp) -> Option<&Key> {
        let live = || self.keys.iter().filter(|key| key.is_live(now) && key.verifier.is_some());
        let of_kind = || live().filter(|key| key.algorithm == Some(wanted));
        let settled = |key: &&Key| key.created_at.plus(LEAD) <= now;
        // Before a new key is settled an older one signs; where there is none, the oldest of the new.
        of_kind()
            .find(settled)
            .or_else(|| of_kind().last())
            .or_else(|| live().find(settled))
            .or_else(|| live().last())
    }

    /// The newest live key of a kind.
    pub(crate) fn newest(&self, wanted: Algorithm, now: Timestamp) -> Option<&Key> {
        self.keys.iter().find(|key| key.is_live(now) && key.algorithm == Some(wanted))
    }
}

/// The keys of this node.
pub(crate) struct Keys {
    algorithm: Algorithm,
    rotation: u64,
    grace: Duration,
    /// With the time at which they were read.
    ring: RwLock<Option<(Arc<Ring>, Timestamp)>>,
    /// Held while the table is read or a key is made: many first requests make one key.
    work: Mutex<()>,
}

impl Keys {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            algorithm: config.algorithm,
            rotation: config.rotation_interval,
            grace: Duration::from_secs(config.grace_period),
            ring: RwLock::default(),
            work: Mutex::default(),
        }
    }

    fn kept(&self, core: &Core, max_age: Duration) -> Option<Arc<Ring>> {
        let (ring, read_at) = self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let now = core.now();
        (read_at <= now && now.since(read_at) < max_age).then_some(ring)
    }

    fn keep(&self, ring: Arc<Ring>, read_at: Timestamp) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Some((ring, read_at));
    }

    /// The keys, from memory where it is young enough.
    pub(crate) async fn ring(&self, core: &Core) -> Result<Arc<Ring>, Failure> {
        self.younger(core, TTL).await
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
        self.keep(ring.clone(), core.now().minus(TTL).plus(FLOOR));
        Ok(ring)
    }

    async fn read(&self, core: &Core) -> Result<Arc<Ring>, Failure> {
        let ring = Arc::new(self.load(core.db()).await?);
        self.keep(ring.clone(), core.now());
        Ok(ring)
    }

    async fn load(&self, conn: &impl ConnectionTrait) -> Result<Ring, Failure> {
        let query = Entity::find().filter(Column::Id.ne(LOCK));
        let rows = query.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).all(conn).await?;
        Ok(Ring::new(rows, self))
    }

    /// The keys with one that can sign now.
    pub(crate) async fn for_signing(&self, core: &Arc<Core>) -> Result<Arc<Ring>, Failure> {
        let ring = self.ring(core).await?;
        if ring.signing(self.algorithm, core.now()).is_some() {
            return Ok(ring);
        }
        self.make_if(core, |ring, now| ring.signing(self.algorithm, now).is_none()).await
    }

    pub(crate) fn signing<'r>(&self, ring: &'r Ring, now: Timestamp) -> Result<&'r Key, Failure> {
        ring.signing(self.algorithm, now).ok_or_else(|| Failure::internal("there is no key that can sign"))
    }

    /// The keys; one is made where there is none at all.
    pub(crate) async fn for_listing(&self, core: &Arc<Core>) -> Result<Arc<Ring>, Failure> {
        let ring = self.ring(core).await?;
        if ring.keys.is_empty() { self.make_if(core, |ring, _| ring.keys.is_empty()).await } else { Ok(ring) }
    }

    /// Makes a key if one is needed still, once nobody else can make one: on this node or another.
    pub(crate) async fn make_if(
        &self,
        core: &Arc<Core>,
        needed: impl Fn(&Ring, Timestamp) -> bool,
    ) -> Result<Arc<Ring>, Failure> {
        let _one = self.work.lock().await;
        let ring = self.read(core).await?;
        if !needed(&ring, core.now()) {
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
        if needed(&self.load(&tx).await?, now) {
            tracing::info!(kid = row.id, alg = self.algorithm.name(), "a new key");
            self.retire_endless(&tx, now).await?;
            ActiveModel::from(row).insert(&tx).await?;
        }
        Entity::delete_by_id(LOCK).exec(&tx).await?;
        tx.commit().await?;
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

    /// Where keys are replaced, one without an end gets one when another takes its place.
    async fn retire_endless(&self, conn: &impl ConnectionTrait, now: Timestamp) -> Result<(), Failure> {
        if self.rotation > 0 {
            let endless =
                Entity::update_many().filter(Column::ExpiresAt.is_null()).filter(Column::Id.ne(LOCK));
            endless.col_expr(Column::ExpiresAt, Expr::value(now.plus(LEAD * 2))).exec(conn).await?;
        }
        Ok(())
    }

    /// Removes keys that no token needs any more.
    pub(crate) async fn sweep(&self, core: &Core) -> Result<(), Failure> {
        let before = core.now().minus(self.grace);
        Entity::delete_many().filter(Column::ExpiresAt.lte(before)).exec(core.db()).await?;
        Ok(())
    }
}
