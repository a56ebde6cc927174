//! Tokens: made from claims, checked to claims.

use std::{sync::Arc, time::Duration};

use auth_core::{
    Core, Failure, async_trait,
    crypto::{
        Alphabet,
        jws::{self, Refusal},
    },
    model::Session,
    ports::{CacheKind, TokenClaims, TokenSigner, TokenVerifier, VerifiedToken},
    session::Identity,
};
use serde_json::{Map, Number, Value};

use crate::{
    Config, Jwt,
    once::Once,
    revoked::Subject,
    ring::{Key, Ring},
};

/// Longer texts are not even looked at.
const LONGEST: usize = 64 * 1024;

/// Seconds that another node's clock may be ahead, whatever the leeway: what it has signed just now
/// counts here too.
const SKEW: f64 = 60.0;

/// Claims that the server sets, whatever a user's fields or a plugin say.
const RESERVED: [&str; 8] = ["iat", "exp", "nbf", "iss", "aud", "sub", "jti", "sid"];
/// Letters and digits of a `jti`: 131 bits.
const JTI_LENGTH: usize = 22;

pub(crate) fn is_reserved(claim: &str) -> bool {
    RESERVED.contains(&claim)
}

pub(crate) type Claims = Map<String, Value>;

/// Tokens of a moment ago, by their session.
const RECENT: CacheKind = CacheKind { name: "token", capacity: 10_000, ttl: Duration::from_secs(1) };

/// A token that was made a moment ago.
pub(crate) struct Recent {
    /// What it says, all but its own name.
    claims: Claims,
    kid: String,
    pub(crate) token: String,
}

impl Config {
    pub(crate) fn issuer<'c>(&'c self, core: &'c Core) -> &'c str {
        self.issuer.as_deref().unwrap_or_else(|| core.settings().origins.base_origin())
    }

    /// One as a text, many as a list.
    pub(crate) fn audience(&self, core: &Core) -> Value {
        match self.audience.as_slice() {
            [] => core.settings().origins.base_origin().into(),
            [one] => one.as_str().into(),
            many => many.into(),
        }
    }
}

impl Jwt {
    /// A token for who is signed in.
    pub(crate) async fn token_of(&self, core: &Arc<Core>, identity: &Identity) -> Result<String, Failure> {
        let claims = self.claims_of(core, identity).await?;
        self.sign(core, &self.named(core, claims)).await
    }

    /// As [`Jwt::token_of`]; what says the same in the same second is the same token.
    ///
    /// A page asks who is signed in from many places at once, and a signature costs more than all the
    /// rest of the answer.
    pub(crate) async fn recent_token_of(
        &self,
        core: &Arc<Core>,
        identity: &Identity,
    ) -> Result<Arc<Recent>, Failure> {
        let claims = self.claims_of(core, identity).await?;
        let ring = self.keys.for_signing(core).await?;
        let kid = &self.keys.signing(&ring, core.now())?.kid;
        let cache = self.recent.get_or_init(|| core.cache(RECENT));
        let known = cache.get(&identity.session.id).and_then(|known| known.downcast::<Recent>().ok());
        if let Some(known) = known.filter(|known| known.kid == *kid && known.claims == claims) {
            return Ok(known);
        }
        let token = self.sign(core, &self.named(core, claims.clone())).await?;
        let recent = Arc::new(Recent { claims, kid: kid.clone(), token });
        cache.insert(&identity.session.id, recent.clone(), None);
        Ok(recent)
    }

    /// What a token says, all but its own name.
    async fn claims_of(&self, core: &Arc<Core>, identity: &Identity) -> Result<Claims, Failure> {
        let config = &self.config;
        let now = core.now().unix_seconds();
        let mut claims = Claims::new();
        claims.insert("iat".to_owned(), now.into());
        let user = serde_json::to_value(&*identity.user).map_err(Failure::internal)?;
        let wanted = |name: &String| config.user_fields.as_ref().is_none_or(|fields| fields.contains(name));
        if let Value::Object(user) = user {
            claims.extend(user.into_iter().filter(|(name, _)| wanted(name)));
        }
        claims.extend(config.claims.clone());
        for part in core.services().slot::<dyn TokenClaims>() {
            part.add(core, identity, &mut claims).await?;
        }
        claims.shift_remove("nbf");
        claims.insert("iat".to_owned(), now.into());
        claims.insert("sub".to_owned(), identity.user.id.as_str().into());
        // A token of a session that is about to end does not outlive it.
        let end = now.saturating_add_unsigned(config.expires_in);
        claims.insert("exp".to_owned(), end.min(identity.session.expires_at.unix_seconds()).into());
        claims.insert("iss".to_owned(), config.issuer(core).into());
        claims.insert("aud".to_owned(), config.audience(core));
        if config.authentication {
            tell_proofs(&identity.session, &mut claims);
        }
        if config.revocable {
            claims.shift_remove("jti");
            claims.insert("sid".to_owned(), identity.session.id.as_str().into());
        }
        Ok(claims)
    }

    /// Gives a token its name, where it can be taken back by it.
    fn named(&self, core: &Core, mut claims: Claims) -> Claims {
        if self.config.revocable {
            claims.insert("jti".to_owned(), core.random(JTI_LENGTH, Alphabet::AlphaNumeric).into());
        }
        claims
    }

    /// Signs claims as they are.
    pub(crate) async fn sign(&self, core: &Arc<Core>, claims: &Claims) -> Result<String, Failure> {
        let ring = self.keys.for_signing(core).await?;
        let key = self.keys.signing(&ring, core.now())?;
        let payload = serde_json::to_vec(claims).map_err(Failure::internal)?;
        if key.is_remote() {
            return self.sign_elsewhere(core, key, &payload).await;
        }
        jws::sign(&payload, key.signer(core)?).map_err(Failure::internal)
    }

    /// A signature that does not check is never handed out.
    async fn sign_elsewhere(&self, core: &Core, key: &Key, payload: &[u8]) -> Result<String, Failure> {
        let missing = || Failure::internal("the remote signer has gone");
        let signer = core.services().get::<dyn TokenSigner>().ok_or_else(missing)?;
        let (algorithm, verifier) = key.algorithm.zip(key.verifier()).ok_or_else(missing)?;
        let unsigned = jws::unsigned(payload, algorithm, &key.kid);
        let work = signer.sign(core, &key.kid, unsigned.as_bytes());
        let signature = self.keys.outside.ask(core, work).await?;
        jws::signed(unsigned, &signature, verifier).map_err(Failure::internal)
    }

    /// The claims of a token that is genuine, ours, and counts now.
    pub(crate) async fn verify(
        &self,
        core: &Arc<Core>,
        token: &str,
        issuer: Option<&str>,
    ) -> Result<Option<Claims>, Failure> {
        if token.len() > LONGEST {
            return Ok(None);
        }
        let mut opened = open(self.keys.ring(core).await?.as_ref(), core, token);
        if matches!(opened, Err(Refusal::UnknownKey)) {
            opened = open(self.keys.again(core).await?.as_ref(), core, token);
        }
        let Ok(claims) = opened else { return Ok(None) };
        let issuer = issuer.unwrap_or_else(|| self.config.issuer(core));
        if !self.is_for_us(core, &claims, issuer) || !self.is_timely(core, &claims) {
            return Ok(None);
        }
        if self.config.revocable && self.revoked.has_any(core, || Subject::of(&claims)).await? {
            return Ok(None);
        }
        Ok(Some(claims))
    }

    fn is_for_us(&self, core: &Core, claims: &Claims, issuer: &str) -> bool {
        let ours = self.config.audience(core);
        let is_ours = |audience: &Value| match &ours {
            Value::Array(many) => many.contains(audience),
            one => one == audience,
        };
        let audience = match claims.get("aud") {
            Some(Value::Array(many)) => many.iter().any(is_ours),
            Some(one) => is_ours(one),
            None => false,
        };
        let subject = claims.get("sub").and_then(Value::as_str).is_some_and(|sub| !sub.is_empty());
        audience && subject && claims.get("iss").and_then(Value::as_str) == Some(issuer)
    }

    /// `exp` is needed; clocks may differ by the leeway.
    fn is_timely(&self, core: &Core, claims: &Claims) -> bool {
        #[allow(clippy::cast_precision_loss, reason = "exact for the next 285 million years")]
        let now = core.now().unix_seconds() as f64;
        let leeway = f64::from(self.config.leeway);
        let time = |name: &str| claims.get(name).map(|value| value.as_number().and_then(Number::as_f64));
        let begun = |name: &str, leeway: f64| match time(name) {
            Some(Some(at)) => at <= now + leeway,
            Some(None) => false,
            None => true,
        };
        let ends = time("exp").flatten();
        ends.is_some_and(|at| at > now - leeway) && begun("nbf", leeway) && begun("iat", SKEW)
    }
}

#[async_trait]
impl TokenVerifier for Jwt {
    async fn verify(&self, core: &Arc<Core>, token: &str) -> Result<Option<VerifiedToken>, Failure> {
        Ok(self.verify(core, token, None).await?.and_then(|claims| VerifiedToken::new(claims, "jwt")))
    }
}

/// How and when the user proved who they are. Where nobody knows how, only when the session began is told.
fn tell_proofs(session: &Session, claims: &mut Claims) {
    let proofs = session.proofs();
    claims.shift_remove("amr");
    claims.shift_remove("acr");
    if !proofs.is_empty() {
        claims.insert("amr".to_owned(), proofs.amr().collect::<Vec<_>>().into());
        claims.insert("acr".to_owned(), proofs.acr().into());
    }
    claims.insert("auth_time".to_owned(), session.authenticated_at().unix_seconds().into());
}

fn open(ring: &Ring, core: &Core, token: &str) -> Result<Claims, Refusal> {
    let now = core.now();
    let payload = match ring.find_signer(token, now).and_then(Key::verifier) {
        Some(key) => jws::open_known(token, key)?,
        None => jws::open(token, |kid| ring.find(kid, now).map(Key::verifier))?,
    };
    let Once(claims) = serde_json::from_slice(&payload).map_err(|_| Refusal::Forged)?;
    Ok(claims)
}
