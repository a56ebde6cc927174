//! What a service that checks tokens does, and what a forger does.

use auth_core::{
    Core, Timestamp,
    call::Request,
    crypto::sealed,
    sea_orm::{ConnectionTrait, Statement},
};
use auth_testkit::{TestApp, Value, json};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// A part of a token: 0 for the header, 1 for the claims.
pub(crate) fn part(token: &str, at: usize) -> Value {
    serde_json::from_slice(&decode(token.split('.').nth(at).unwrap())).unwrap()
}

/// Whether a token was signed with an Ed25519 key of the key set.
pub(crate) fn is_genuine(keys: &Value, token: &str) -> bool {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let kid = part(token, 0)["kid"].clone();
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid);
    key.is_some_and(|key| {
        let public = UnparsedPublicKey::new(&ED25519, decode(key["x"].as_str().unwrap()));
        public.verify(signed.as_bytes(), &decode(signature)).is_ok()
    })
}

/// The rows of the table: id, private key, end.
pub(crate) async fn rows(core: &Core) -> Vec<(String, String, Option<Timestamp>)> {
    let backend = core.db().get_database_backend();
    let sql = r#"SELECT "id", "privateKey", "expiresAt" FROM "jwks" ORDER BY "createdAt", "id""#;
    let rows = core.db().query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    let get = |row: &auth_core::sea_orm::QueryResult| {
        (row.try_get_by(0).unwrap(), row.try_get_by(1).unwrap(), row.try_get_by(2).unwrap())
    };
    rows.iter().map(get).collect()
}

/// Somebody who has the server's own key and signs what they like: what remains to be refused is
/// refused for its content.
pub(crate) struct Insider {
    pub(crate) kid: String,
    pub(crate) pair: Ed25519KeyPair,
}

impl Insider {
    pub(crate) async fn of(app: &TestApp) -> Self {
        app.anon().get("/jwks").await.expect(200);
        let (kid, private, _) = rows(app.core()).await.pop().unwrap();
        let text: String = serde_json::from_str(&private).unwrap();
        let plain = sealed::open(&app.core().settings().secrets, &text).unwrap();
        let jwk: Value = serde_json::from_slice(&plain).unwrap();
        let pair = Ed25519KeyPair::from_seed_unchecked(&decode(jwk["d"].as_str().unwrap())).unwrap();
        Self { kid, pair }
    }

    pub(crate) fn sign_text(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = self.pair.sign(signed.as_bytes());
        format!("{signed}.{}", encode(signature))
    }

    pub(crate) fn header(&self) -> String {
        json!({ "alg": "EdDSA", "kid": self.kid }).to_string()
    }

    pub(crate) fn sign(&self, claims: &str) -> String {
        self.sign_text(&self.header(), claims)
    }
}

/// Claims that count now.
pub(crate) fn good_claims(app: &TestApp) -> Value {
    let now = app.core().now().unix_seconds();
    let origin = app.core().settings().origins.base_origin();
    json!({ "sub": "someone", "iss": origin, "aud": origin, "iat": now, "exp": now + 900 })
}

pub(crate) async fn verify_with(app: &TestApp, body: Value) -> Value {
    let reply = app.core().call_raw("verifyJWT", Request { body: Some(body), ..Request::default() }).await;
    reply.expect("an answer").body_value().unwrap()["payload"].clone()
}

pub(crate) async fn verify(app: &TestApp, token: &str) -> Value {
    verify_with(app, json!({ "token": token })).await
}

pub(crate) async fn sign(app: &TestApp, body: Value) -> Result<String, auth_core::Failure> {
    let reply = app.core().call_raw("signJWT", Request { body: Some(body), ..Request::default() }).await?;
    Ok(reply.body_value().unwrap()["token"].as_str().unwrap().to_owned())
}
