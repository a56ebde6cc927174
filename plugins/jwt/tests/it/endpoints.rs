//! Tokens for users, the header, the key set, signing and checking in process.

use std::{sync::Arc, time::Duration};

use auth_core::{
    Core, Failure, Manifest, Means, Plugin, Preset, Problem, Registrar, async_trait, config::NoConfig,
    ports::TokenClaims, session::Identity,
};
use auth_testkit::{Value, json};

use crate::{
    app,
    support::{good_claims, is_genuine, part, sign, verify, verify_with},
};

#[tokio::test]
async fn a_token_says_who_is_signed_in() {
    let app = app().start().await;
    app.anon().get("/token").await.refused(401, "UNAUTHORIZED");
    let mut ada = app.user("ada").await;
    for answer in [ada.get("/token").await.expect(200), ada.post("/token", json!({})).await.expect(200)] {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let token = answer.body["token"].as_str().unwrap();
        let keys = app.anon().get("/jwks").await.expect(200).body;
        assert!(is_genuine(&keys, token));
        let header = part(token, 0);
        assert_eq!(header, json!({ "alg": "EdDSA", "kid": keys["keys"][0]["kid"] }));
        let claims = part(token, 1);
        let now = app.core().now().unix_seconds();
        let wanted = [
            ("sub", json!(ada.user().id)),
            ("id", json!(ada.user().id)),
            ("email", json!("ada@example.com")),
            ("name", json!("Ada")),
            ("iss", json!("https://auth.example.com")),
            ("aud", json!("https://auth.example.com")),
            ("iat", json!(now)),
            ("exp", json!(now + 900)),
        ];
        for (name, value) in wanted {
            assert_eq!(claims[name], value, "{name}");
        }
        assert_eq!(verify(&app, token).await, claims);
    }
}

#[tokio::test]
async fn get_session_carries_one() {
    let on = app().start().await;
    let mut ada = on.user("ada").await;
    let answer = ada.get("/get-session").await.expect(200);
    let keys = on.anon().get("/jwks").await.body;
    assert!(is_genuine(&keys, answer.header("set-auth-jwt").unwrap()));
    assert_eq!(answer.header("access-control-expose-headers"), Some("set-auth-jwt"));
    assert_eq!(on.anon().get("/get-session").await.header("set-auth-jwt"), None);
    assert_eq!(ada.get("/list-sessions").await.header("set-auth-jwt"), None);

    let off = app().set("plugins.jwt.set_header", false).start().await;
    let answer = off.user("ada").await.get("/get-session").await.expect(200);
    assert_eq!(answer.header("set-auth-jwt"), None);
    assert_eq!(answer.header("access-control-expose-headers"), None);
}

#[tokio::test]
async fn what_says_the_same_in_the_same_second_is_the_same_token() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let header = async |device: &mut auth_testkit::Actor| {
        let answer = device.get("/get-session?disableCookieCache=true").await.expect(200);
        answer.header("set-auth-jwt").unwrap().to_owned()
    };
    let first = header(&mut ada).await;
    assert_eq!(header(&mut ada).await, first);
    // Who asks for a token gets one of their own, and so does another device.
    assert_ne!(ada.get("/token").await.expect(200).body["token"], *first);
    let mut phone = app.signed_in(ada.user()).await;
    assert_ne!(header(&mut phone).await, first);
    // A changed user is another token at once.
    let patch = auth_core::model::UserPatch { name: Some("Countess".to_owned()), ..Default::default() };
    app.change_user(&ada.user().id.clone(), patch).await;
    let renamed = header(&mut ada).await;
    assert_eq!(part(&renamed, 1)["name"], "Countess");
    app.clock().advance(std::time::Duration::from_secs(1));
    let later = header(&mut ada).await;
    assert_ne!(later, renamed);
    for token in [&first, &renamed, &later] {
        assert!(verify(&app, token).await.is_object());
    }
}

#[tokio::test]
async fn too_long_for_a_header() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let image = Some(Some("x".repeat(20_000)));
    let patch = auth_core::model::UserPatch { image, ..Default::default() };
    app.change_user(&ada.user().id.clone(), patch).await;
    let answer = ada.get("/get-session?disableCookieCache=true").await.expect(200);
    assert_eq!(answer.header("set-auth-jwt"), None);
    let token = ada.get("/token").await.expect(200).body["token"].clone();
    assert!(verify(&app, token.as_str().unwrap()).await.is_object());
}

#[tokio::test]
async fn a_token_is_no_session() {
    let app = app().start().await;
    let token = app.user("ada").await.get("/token").await.body["token"].clone();
    let token = token.as_str().unwrap();
    let mut bearer = app.anon().header("authorization", &format!("Bearer {token}"));
    assert_eq!(bearer.get("/get-session").await.expect(200).body, Value::Null);
    bearer.get("/token").await.refused(401, "UNAUTHORIZED");
    let mut cookie = app.anon();
    cookie.set_cookie("__Secure-better-auth.session_token", token);
    assert_eq!(cookie.get("/get-session").await.expect(200).body, Value::Null);
}

#[tokio::test]
async fn the_key_set() {
    let app = app().start().await;
    let answer = app.anon().get("/jwks").await.expect(200);
    let key = answer.body["keys"][0].as_object().unwrap();
    assert_eq!(key.keys().collect::<Vec<_>>(), ["alg", "crv", "x", "kty", "kid"]);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let twin = app.anon().get("/.well-known/jwks.json").await.expect(200);
    assert_eq!(twin.text, answer.text);
    let tag = answer.header("etag").unwrap();
    for known in [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let again = app.anon().header("if-none-match", &known).get("/jwks").await.expect(304);
        assert_eq!((again.text.as_str(), again.header("etag")), ("", Some(tag)));
    }
    app.anon().header("if-none-match", "\"other\"").get("/jwks").await.expect(200);
    assert_eq!(app.host().at_root("/.well-known/jwks.json"), Some("/jwks"));
}

#[tokio::test]
async fn upstream_says_nothing_of_caches() {
    let app = app().preset(Preset::BetterAuth).start().await;
    assert_eq!(app.anon().get("/jwks").await.expect(200).header("cache-control"), None);
    assert_eq!(app.user("ada").await.get("/token").await.expect(200).header("cache-control"), None);
}

#[tokio::test]
async fn memory_answers_for_the_table() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let token = ada.get("/token").await.body["token"].clone();
    assert!(verify(&app, token.as_str().unwrap()).await.is_object());
    let work = async {
        ada.get("/token").await.expect(200);
        app.anon().get("/jwks").await.expect(200);
        assert!(verify(&app, token.as_str().unwrap()).await.is_object());
    };
    assert_eq!(app.statements(work).await.1, 0);
}

#[tokio::test]
async fn signing_in_process() {
    let app = app().start().await;
    let payload = json!({ "sub": "someone", "role": "tester", "nested": { "a": 1 } });
    let token = sign(&app, json!({ "payload": payload })).await.unwrap();
    let claims = verify(&app, &token).await;
    assert_eq!(claims["role"], "tester");
    assert_eq!(claims["iss"], "https://auth.example.com");
    assert_eq!(claims.get("iat"), None);
    let now = app.core().now().unix_seconds();
    assert_eq!(claims["exp"], now + 900);

    // What the claims say stays; overrides fill in the rest.
    let jwt = json!({ "issuer": "https://other", "audience": ["a", "b"], "expirationTime": "1h" });
    let body = json!({ "payload": { "sub": "x", "iss": "https://mine" }, "overrideOptions": { "jwt": jwt } });
    let claims = part(&sign(&app, body).await.unwrap(), 1);
    assert_eq!(claims, json!({ "sub": "x", "iss": "https://mine", "exp": now + 3600, "aud": ["a", "b"] }));

    for (payload, jwt) in [
        (json!({ "exp": "soon" }), json!({})),
        (json!({ "exp": [1] }), json!({})),
        (json!({}), json!({ "expirationTime": "soon" })),
        (json!({}), json!({ "expirationTime": {} })),
        (json!({ "iat": i64::MAX }), json!({})),
    ] {
        let body = json!({ "payload": payload, "overrideOptions": { "jwt": jwt } });
        let refused = sign(&app, body.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Some("INVALID_EXPIRATION_TIME"), "{body}");
    }
    assert_eq!(sign(&app, json!({ "payload": 5 })).await.unwrap_err().status(), 400);
    for path in ["/signJWT", "/sign-jwt", "/verifyJWT"] {
        app.anon().post(path, json!({ "payload": {} })).await.expect(404);
    }
}

#[tokio::test]
async fn the_issuer_that_is_wanted() {
    let app = app().start().await;
    let token = sign(&app, json!({ "payload": good_claims(&app) })).await.unwrap();
    for (issuer, counts) in [("", true), ("https://auth.example.com", true), ("https://someone.else", false)]
    {
        let claims = verify_with(&app, json!({ "token": token, "issuer": issuer })).await;
        assert_eq!(claims.is_object(), counts, "{issuer}");
    }
}

/// Another plugin that has something to say.
struct Roles;

impl Plugin for Roles {
    const MANIFEST: Manifest = Manifest::new("test-roles", "0.1.0", "Roles of users");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn TokenClaims>(self);
    }
}

#[async_trait]
impl TokenClaims for Roles {
    async fn add(
        &self,
        _: &Arc<Core>,
        identity: &Identity,
        claims: &mut serde_json::Map<String, Value>,
    ) -> Result<(), Failure> {
        claims.insert("roles".to_owned(), json!([format!("friend of {}", identity.user.name)]));
        for reserved in ["iss", "aud", "sub", "exp", "iat", "nbf", "jti", "sid"] {
            claims.insert(reserved.to_owned(), json!("mine"));
        }
        Ok(())
    }
}

#[tokio::test]
async fn claims_come_from_plugins_and_the_configuration() {
    let app = app()
        .plugin::<Roles>()
        .set("plugins.jwt.user_fields", ["email"])
        .set("plugins.jwt.claims", json!({ "tenant": "acme" }))
        .set("plugins.jwt.issuer", "https://issuer.example")
        .set("plugins.jwt.audience", ["one", "two"])
        .set("plugins.jwt.expires_in", 60)
        .start()
        .await;
    let mut ada = app.user("ada").await;
    let token = ada.get("/token").await.expect(200).body["token"].as_str().unwrap().to_owned();
    let now = app.core().now().unix_seconds();
    let (jti, sid) = (part(&token, 1)["jti"].clone(), part(&token, 1)["sid"].clone());
    assert!(jti != "mine" && sid != "mine");
    let wanted = json!({
        "jti": jti, "sid": sid, "iat": now, "email": "ada@example.com", "tenant": "acme", "roles": ["friend of Ada"],
        "iss": "https://issuer.example", "aud": ["one", "two"], "sub": ada.user().id, "exp": now + 60,
        "amr": ["pwd"], "acr": "aal1", "auth_time": now,
    });
    assert_eq!(part(&token, 1), wanted);
    assert_eq!(verify(&app, &token).await, wanted);
}

#[tokio::test]
async fn a_token_says_how_and_when_its_user_proved_who_they_are() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let signed_in = app.core().now().unix_seconds();
    let mut ada = app.signed_in_by(ada.user(), &[Means::PASSWORD, Means::OTP]).await;
    app.clock().advance(Duration::from_secs(100));
    let token = ada.get("/token").await.expect(200).body["token"].as_str().unwrap().to_owned();
    let claims = part(&token, 1);
    assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!((&claims["acr"], &claims["auth_time"]), (&json!("aal2"), &json!(signed_in)));
    let user = ada.user().clone();
    let mut unknown = app.signed_in_by(&user, &[]).await;
    let token = unknown.get("/token").await.expect(200).body["token"].as_str().unwrap().to_owned();
    let claims = part(&token, 1);
    assert_eq!((&claims["amr"], &claims["acr"]), (&Value::Null, &Value::Null));
}

#[test]
fn figures_that_cannot_be_are_refused_before_the_start() {
    for (key, value) in [
        ("expires_in", json!(0)),
        ("rotation_interval", json!(60)),
        ("grace_period", json!(1)),
        ("leeway", json!(61)),
        ("algorithm", json!("none")),
        ("algorithm", json!("HS256")),
        ("claims", json!({ "sub": "x" })),
    ] {
        let problems = app().set(&format!("plugins.jwt.{key}"), value).plan().err().unwrap_or_default();
        assert!(!problems.is_empty(), "{key}");
    }
}
