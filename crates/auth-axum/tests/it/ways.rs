//! Plugins with further ways to prove who one is, and an application around each.
//!
//! `Bearer ada` is Ada, `x-key: ada` is Ada who may only read, and `Bearer good.ada.sig` is a signed
//! token of Ada's; `good.ada~read.sig` is good for reading.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use auth_axum::Auth;
use auth_core::{
    Call, Core, Failure, Manifest, Plugin, Problem, Registrar, async_trait,
    config::NoConfig,
    http::header,
    ports::{TokenVerifier, VerifiedToken},
    session::{Claim, Identity, Level, SessionSource},
};
use auth_host::{Builder, Host};
use serde_json::json;

use crate::{
    support::host_of,
    toy::{Toy, somebody},
};

pub(crate) struct Keys;

impl Plugin for Keys {
    const MANIFEST: Manifest = Manifest::new("keys", "0.1.0", "Names in headers");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn SessionSource>(self);
    }
}

#[async_trait]
impl SessionSource for Keys {
    async fn find(&self, call: &Arc<Call>, _: Level) -> Result<Option<Claim>, Failure> {
        if let Some(name) = call.header("x-key") {
            let scopes: Arc<[String]> = Arc::new(["read".to_owned()]);
            let identity = somebody(call, name, "key");
            return Ok(Some(Claim::Identity(Identity { scopes: Some(scopes), ..identity })));
        }
        let text = call.header(header::AUTHORIZATION).and_then(|text| text.strip_prefix("Bearer "));
        let name = text.filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()));
        Ok(name.map(|name| Claim::Token { token: name.to_owned(), method: "bearer" }))
    }
}

/// `x-card: kay` is Kay, who may read the cellar.
pub(crate) struct Cards(Vec<String>);

impl Plugin for Cards {
    const MANIFEST: Manifest = Manifest::new("cards", "0.1.0", "Names on cards");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self(vec!["x-card".to_owned()]))
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn SessionSource>(self);
    }
}

#[async_trait]
impl SessionSource for Cards {
    fn headers(&self) -> &[String] {
        &self.0
    }

    async fn find(&self, call: &Arc<Call>, _: Level) -> Result<Option<Claim>, Failure> {
        let Some(name) = call.header("x-card") else { return Ok(None) };
        if name == "bad" {
            return Err(Failure::forbidden("INVALID_CARD", "Invalid card"));
        }
        let scopes: Arc<[String]> = Arc::new(["cellar:read".to_owned()]);
        let identity = somebody(call, name, "card");
        Ok(Some(Claim::Identity(Identity { scopes: Some(scopes), ..identity })))
    }
}

#[derive(Default)]
pub(crate) struct Signer {
    checks: AtomicUsize,
}

impl Plugin for Signer {
    const MANIFEST: Manifest = Manifest::new("signer", "0.1.0", "Tokens that are signed with a word");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self::default())
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.provide::<dyn TokenVerifier>(self);
    }
}

#[async_trait]
impl TokenVerifier for Signer {
    async fn verify(&self, _: &Arc<Core>, token: &str) -> Result<Option<VerifiedToken>, Failure> {
        self.checks.fetch_add(1, Ordering::Relaxed);
        let parts: Vec<_> = token.split('.').collect();
        if parts[0] == "broken" {
            return Err(Failure::unavailable("the keys are away: secret detail", 5));
        }
        if parts[0] != "good" || parts[2] != "sig" {
            return Ok(None);
        }
        let mut words = parts[1].split('~');
        let mut claims =
            json!({ "sub": words.next(), "sid": "9", "tenant": "acme", "act": { "sub": "robot" } });
        if parts[1].contains('~') {
            claims["scope"] = words.collect::<Vec<_>>().join(" ").into();
        }
        Ok(VerifiedToken::new(claims.as_object().unwrap().clone(), "jwt"))
    }
}

/// A server with every way.
pub(crate) struct World {
    pub(crate) auth: Auth,
    host: Arc<Host>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    pub(crate) fn with(config: &str) -> Self {
        Self::of(Builder::default().plugin::<Toy>().plugin::<Keys>().plugin::<Signer>(), config)
    }

    pub(crate) fn of(builder: Builder, config: &str) -> Self {
        let host = host_of(builder, config).0;
        Self { auth: Auth::new(host.clone()), host }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        self.host.core()
    }

    /// How often a session was looked up, and a signed token checked.
    pub(crate) fn asked(&self) -> (usize, usize) {
        let core = self.host.core();
        let lookups = core.plugin::<Toy>().unwrap().lookups.load(Ordering::Relaxed);
        let checks = core.plugin::<Signer>().map_or(0, |signer| signer.checks.load(Ordering::Relaxed));
        (lookups, checks)
    }
}
