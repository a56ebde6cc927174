//! Keys in memory: one, and all of them at a point in time.

use std::{collections::HashMap, sync::OnceLock, time::Duration};

use auth_core::{
    Core, Failure, Timestamp,
    crypto::{
        Zeroizing,
        jws::{self, SigningKey, VerifyingKey},
        sealed,
    },
};
use serde_json::{Map, Value};

use crate::{Algorithm, schema::jwks::Model};

/// How long a key is published before it signs, so that every cache has it by then.
pub(crate) const LEAD: Duration = Duration::from_secs(300);
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
    /// As it is stored; none of a remote key.
    private: Option<Zeroizing<String>>,
    signer: OnceLock<SigningKey>,
}

impl Key {
    /// A row of the table.
    pub(crate) fn stored(row: Model, default: Algorithm) -> Self {
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
            private: Some(Zeroizing::new(row.private_key)),
            signer: OnceLock::new(),
        }
    }

    /// A key that something outside of this server signs with.
    pub(crate) fn remote(jwk: &Map<String, Value>, now: Timestamp) -> Result<Self, Failure> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let (Some(kid), Some(alg)) = (text("kid"), text("alg")) else {
            return Err(Failure::internal("a remote key names no `kid` or no `alg`"));
        };
        let algorithm = Algorithm::named(alg);
        let algorithm = algorithm.ok_or_else(|| {
            Failure::internal(format!("the remote key {kid} signs with {alg}, which is not known here"))
        })?;
        let jwk: Map<_, _> = jwk
            .iter()
            .filter(|(name, _)| !PRIVATE.contains(&name.as_str()))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        let verifier = algorithm.verifying_key(kid, &jwk).map_err(Failure::internal)?;
        Ok(Self {
            kid: kid.to_owned(),
            algorithm: Some(algorithm),
            // Who keeps it decides when it signs.
            created_at: now.minus(LEAD),
            expires_at: None,
            verifier: Some(verifier),
            jwk,
            private: None,
            signer: OnceLock::new(),
        })
    }

    pub(crate) fn is_remote(&self) -> bool {
        self.private.is_none()
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
        let private = self.private.as_ref().ok_or_else(broken)?;
        let jwk = match serde_json::from_str(private).map_err(|_| broken())? {
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
    /// By the first part of the tokens that they sign.
    by_header: HashMap<String, usize>,
    grace: Duration,
}

impl Ring {
    pub(crate) fn new(keys: Vec<Key>, grace: Duration) -> Self {
        let by_kid = keys.iter().enumerate().map(|(at, key)| (key.kid.clone(), at)).collect();
        let header = |key: &Key| Some(jws::header(key.algorithm?, &key.kid));
        let by_header = keys.iter().enumerate().filter_map(|(at, key)| Some((header(key)?, at))).collect();
        Self { keys, by_kid, by_header, grace }
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub(crate) fn is_listed(&self, key: &Key, now: Timestamp) -> bool {
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

    /// A key that still checks tokens, for one that it may have signed itself: no header has to be read.
    pub(crate) fn find_signer(&self, token: &str, now: Timestamp) -> Option<&Key> {
        let at = self.by_header.get(token.split('.').next()?)?;
        self.keys.get(*at).filter(|key| self.is_listed(key, now))
    }

    /// The key that signs: the newest one that everybody has heard of by now, of the wanted kind
    /// if there is one.
    pub(crate) fn signing(&self, wanted: Algorithm, now: Timestamp) -> Option<&Key> {
        // A remote signer is there to be used; its first key is the one it signs with.
        if let Some(key) = self.keys.iter().find(|key| key.is_remote()) {
            return Some(key);
        }
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
