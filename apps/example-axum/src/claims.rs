//! What the application wants signed tokens to say: those of users are for reading.

use std::sync::Arc;

use auth_axum::{
    Scope,
    auth_core::{
        Core, Failure, Manifest, Plugin, Problem, Registrar, async_trait,
        config::NoConfig,
        ports::TokenClaims,
        serde_json::{Map, Value},
        session::Identity,
    },
};

use crate::service::Read;

/// A plugin of the application's own.
pub struct UsersRead;

impl Plugin for UsersRead {
    const MANIFEST: Manifest =
        Manifest::new("users-read", env!("CARGO_PKG_VERSION"), "Tokens of users are for reading");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn TokenClaims>(self);
    }
}

#[async_trait]
impl TokenClaims for UsersRead {
    async fn add(&self, _: &Arc<Core>, _: &Identity, claims: &mut Map<String, Value>) -> Result<(), Failure> {
        claims.insert("scope".to_owned(), Read::NAME.into());
        Ok(())
    }
}
