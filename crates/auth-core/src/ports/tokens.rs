//! Signed tokens, for plugins that meet them without making them.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::{
    Core, Failure,
    session::{Identity, SessionAuthority},
};

/// A slot: claims of a token for who is signed in, such as roles or the active organization.
///
/// Parts are asked in plugin order and may alter what earlier ones said. What the protocol itself
/// sets (`iss`, `aud`, `sub`, `iat`, `exp`) is written over in the end.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{
///     Core, Failure, async_trait,
///     ports::TokenClaims,
///     serde_json::{Map, Value},
///     session::Identity,
/// };
///
/// struct Locale;
///
/// #[async_trait]
/// impl TokenClaims for Locale {
///     async fn add(
///         &self,
///         _: &Arc<Core>,
///         _: &Identity,
///         claims: &mut Map<String, Value>,
///     ) -> Result<(), Failure> {
///         claims.insert("locale".to_owned(), "en".into());
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait TokenClaims: Send + Sync + 'static {
    /// Adds claims for `identity`. A failure fails the request that asked for a token.
    async fn add(
        &self,
        core: &Arc<Core>,
        identity: &Identity,
        claims: &mut Map<String, Value>,
    ) -> Result<(), Failure>;
}

/// A service that signs tokens outside of this server, such as a key management service. Where a
/// plugin provides one, the server makes no keys of its own; those that it has still check tokens.
///
/// ```
/// use auth_core::{
///     Core, Failure, async_trait,
///     ports::TokenSigner,
///     serde_json::{Map, Value, json},
/// };
///
/// /// A key that another machine keeps.
/// struct Vault;
///
/// #[async_trait]
/// impl TokenSigner for Vault {
///     async fn keys(&self, _: &Core) -> Result<Vec<Map<String, Value>>, Failure> {
///         let key = json!({ "kid": "v1", "alg": "EdDSA", "kty": "OKP", "crv": "Ed25519", "x": "…" });
///         Ok(key.as_object().cloned().into_iter().collect())
///     }
///
///     async fn sign(&self, _: &Core, kid: &str, input: &[u8]) -> Result<Vec<u8>, Failure> {
///         // Asks the other machine, behind a time-out and a circuit breaker.
///         Err(Failure::unavailable(format!("no way to {kid} for {} bytes", input.len()), 5))
///     }
/// }
/// ```
#[async_trait]
pub trait TokenSigner: Send + Sync + 'static {
    /// The public keys, as JWKs with `kid` and `alg`; the first one signs. Asked about every ten
    /// seconds.
    async fn keys(&self, core: &Core) -> Result<Vec<Map<String, Value>>, Failure>;

    /// The signature of these bytes, as JOSE has it (for ECDSA `r` and `s`, not DER), made with this
    /// key.
    async fn sign(&self, core: &Core, kid: &str, input: &[u8]) -> Result<Vec<u8>, Failure>;
}

/// The service that knows whether a signed token of this server counts.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{Core, Failure, ports::TokenVerifier};
///
/// /// Who a token is about, if it counts.
/// async fn subject(core: &Arc<Core>, token: &str) -> Result<Option<String>, Failure> {
///     let Some(verifier) = core.services().get::<dyn TokenVerifier>() else { return Ok(None) };
///     Ok(verifier.verify(core, token).await?.map(|token| token.subject))
/// }
/// ```
#[async_trait]
pub trait TokenVerifier: Send + Sync + 'static {
    /// What a token says; `None` for one that does not count, whatever is wrong with it.
    async fn verify(&self, core: &Arc<Core>, token: &str) -> Result<Option<VerifiedToken>, Failure>;
}

/// A token that counts.
#[derive(Clone, Debug)]
pub struct VerifiedToken {
    /// What such a token is called as a proof: [`Identity::method`].
    pub method: &'static str,
    /// Who it is about: `sub`.
    pub subject: String,
    /// The session that it was made for: `sid`.
    pub session_id: Option<String>,
    /// What it is good for, of `scope`; `None` for everything.
    pub scopes: Option<Arc<[String]>>,
    /// Who acts for the subject, of `act`.
    pub actor: Option<Arc<str>>,
    /// All that it says, for what has no field here.
    pub claims: Map<String, Value>,
}

impl VerifiedToken {
    /// Reads the claims of a token that was found to be good.
    ///
    /// A `scope` is a text with spaces or a list of texts. A claim of another shape says nothing that
    /// could be understood, so it allows nothing.
    #[must_use]
    pub fn new(claims: Map<String, Value>, method: &'static str) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let subject = text("sub").filter(|sub| !sub.is_empty())?.to_owned();
        let scopes = claims.get("scope").map(|scope| match scope {
            Value::String(text) => text.split_ascii_whitespace().map(str::to_owned).collect(),
            Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Arc::default(),
        });
        let actor = claims.get("act").and_then(|act| act.get("sub")).and_then(Value::as_str).map(Arc::from);
        let session_id = text("sid").map(str::to_owned);
        Some(Self { method, subject, session_id, scopes, actor, claims })
    }

    /// Who the token is about, as the primary store has them now: the session that it was made for,
    /// while it counts, and is used by this. `None` where the token names no session.
    pub async fn identity(&self, core: &Core) -> Result<Option<Identity>, Failure> {
        let identity = self.glance(core).await?;
        if let Some(identity) = &identity
            && let Some(authority) = core.services().get::<dyn SessionAuthority>()
        {
            authority.used(core, &identity.session).await?;
        }
        Ok(identity)
    }

    /// As [`identity`](Self::identity), without a use of the session.
    pub async fn glance(&self, core: &Core) -> Result<Option<Identity>, Failure> {
        let Some(id) = &self.session_id else { return Ok(None) };
        let found = core.sessions().find_with_user(core.db(), id).await?;
        let Some((session, user)) = found.filter(|(_, user)| user.id == self.subject) else {
            return Ok(None);
        };
        if !core.session_admits(&session).await? {
            return Ok(None);
        }
        Ok(Some(Identity {
            scopes: self.scopes.clone(),
            actor: self.actor.clone(),
            ..Identity::new(Arc::new(session), Arc::new(user), self.method)
        }))
    }
}
