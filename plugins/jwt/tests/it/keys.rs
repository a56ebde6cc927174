//! Keys: made once, sealed, replaced, retired.

use std::{collections::BTreeSet, time::Duration};

use auth_core::{
    Preset,
    sea_orm::{ConnectionTrait, Statement},
};
use auth_testkit::{TestApp, Value, json, race};

use crate::{
    app,
    support::{encode, is_genuine, part, rows, sign, verify},
};

const DAY: Duration = Duration::from_secs(86_400);

async fn kids(app: &TestApp) -> Vec<Value> {
    let keys = app.anon().get("/jwks").await.expect(200).body;
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect()
}

async fn token(app: &TestApp) -> String {
    sign(app, json!({ "payload": { "sub": "x" } })).await.unwrap()
}

#[tokio::test]
async fn parallel_first_uses_make_one_key() {
    // Case 166.
    let app = app().start().await;
    let ada = app.user("ada").await;
    let answers = race(50, |at| {
        let mut device = ada.clone();
        async move {
            match at % 3 {
                0 => device.get("/token").await.expect(200).body["token"].clone(),
                1 => device.get("/get-session").await.expect(200).header("set-auth-jwt").unwrap().into(),
                _ => {
                    device.get("/jwks").await.expect(200);
                    Value::Null
                }
            }
        }
    })
    .await;
    assert_eq!(rows(app.core()).await.len(), 1);
    let keys = app.anon().get("/jwks").await.body;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    for token in answers.iter().filter_map(Value::as_str) {
        assert!(is_genuine(&keys, token));
    }
}

#[tokio::test]
async fn private_keys_are_sealed() {
    let app = app().preset(Preset::BetterAuth).start().await;
    app.anon().get("/jwks").await.expect(200);
    let (id, private, end) = rows(app.core()).await.pop().unwrap();
    assert_eq!((id.len(), end), (32, None));
    let text: String = serde_json::from_str(&private).expect("a JSON string");
    assert!(text.bytes().all(|b| b.is_ascii_hexdigit()));
    assert!(!app.anon().get("/jwks").await.text.contains("\"d\""));
}

#[tokio::test]
async fn bare_keys_of_another_server_sign_too() {
    let app = app().start().await;
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let x = encode(aws_lc_rs::signature::KeyPair::public_key(&pair));
    let public = json!({ "crv": "Ed25519", "x": x, "kty": "OKP" });
    let private =
        json!({ "crv": "Ed25519", "d": encode([9; 32]), "x": x, "kty": "OKP", "key_ops": ["sign"] });
    let backend = app.core().db().get_database_backend();
    let created = app.core().now().minus(DAY);
    let sql = r#"INSERT INTO "jwks" ("id", "publicKey", "privateKey", "createdAt") VALUES ($1, $2, $3, $4)"#;
    let values = ["old".into(), public.to_string().into(), private.to_string().into(), created.into()];
    app.core().db().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.unwrap();
    let token = token(&app).await;
    assert_eq!(part(&token, 0), json!({ "alg": "EdDSA", "kid": "old" }));
    let keys = app.anon().get("/jwks").await.body;
    assert_eq!(
        keys,
        json!({ "keys": [{ "alg": "EdDSA", "crv": "Ed25519", "x": x, "kty": "OKP", "kid": "old" }] })
    );
    assert!(is_genuine(&keys, &token));
}

#[tokio::test]
async fn a_rotation_breaks_no_token() {
    // Case 164.
    let app = app().start().await;
    let first = token(&app).await;
    let old = part(&first, 0)["kid"].clone();
    app.run_tasks().await;
    assert_eq!(kids(&app).await.len(), 1);

    app.clock().advance(89 * DAY + Duration::from_secs(86_400 - 900));
    let late = token(&app).await;
    app.run_tasks().await;
    app.run_tasks().await;
    let both = kids(&app).await;
    assert_eq!(both.len(), 2);
    // The new key is published before it signs.
    assert_eq!(part(&token(&app).await, 0)["kid"], old);
    app.clock().advance(Duration::from_secs(300));
    let next = token(&app).await;
    let new = part(&next, 0)["kid"].clone();
    assert_ne!(new, old);
    assert!(verify(&app, &late).await.is_object());
    assert!(verify(&app, &next).await.is_object());

    // In the grace period the old key still checks; then it is gone.
    let far = app.core().now().unix_seconds() + 40 * 86_400;
    let kept = crate::support::Insider::of(&app).await;
    app.clock().advance(Duration::from_secs(600) + 29 * DAY);
    app.run_tasks().await;
    assert_eq!(kids(&app).await.len(), 2);
    app.clock().advance(2 * DAY);
    assert_eq!(kids(&app).await, std::slice::from_ref(&new));
    app.run_tasks().await;
    assert_eq!(rows(app.core()).await.len(), 1);
    assert_eq!(kept.kid, new.as_str().unwrap());
    let origin = "https://auth.example.com";
    let claims = json!({ "sub": "x", "iss": origin, "aud": origin, "exp": far }).to_string();
    assert!(verify(&app, &kept.sign(&claims)).await.is_object());
    let header = json!({ "alg": "EdDSA", "kid": old }).to_string();
    assert_eq!(verify(&app, &kept.sign_text(&header, &claims)).await, Value::Null);
}

#[tokio::test]
async fn a_retired_key_refuses_what_it_signed() {
    // Case 164: the token's own time is not over, the key's is.
    let app = app().start().await;
    let far = app.core().now().unix_seconds() + 400 * 86_400;
    let long = sign(&app, json!({ "payload": { "sub": "x", "exp": far } })).await.unwrap();
    app.clock().advance(119 * DAY);
    assert!(verify(&app, &long).await.is_object());
    app.clock().advance(DAY);
    assert_eq!(verify(&app, &long).await, Value::Null);
    assert!(verify(&app, &token(&app).await).await.is_object());
}

#[tokio::test]
async fn without_a_task_the_next_use_makes_a_key() {
    let app = app().start().await;
    let first = token(&app).await;
    app.clock().advance(91 * DAY);
    let second = token(&app).await;
    assert_ne!(part(&first, 0)["kid"], part(&second, 0)["kid"]);
    assert!(verify(&app, &second).await.is_object());
    let unique: BTreeSet<_> = kids(&app).await.iter().map(ToString::to_string).collect();
    assert_eq!(unique.len(), 2);
}

#[tokio::test]
async fn another_nodes_key_is_found() {
    // The row comes from elsewhere, after this node has read the table.
    let (app, other) = (app().start().await, crate::app().start().await);
    token(&app).await;
    other.clock().advance(Duration::from_secs(1));
    for _ in 0..3 {
        // Seeded randomness: the other node is a few draws ahead.
        let _ = other.core().new_id();
    }
    let foreign = token(&other).await;
    assert_eq!(verify(&app, &foreign).await, Value::Null);
    let backend = app.core().db().get_database_backend();
    let sql = r#"SELECT "id", "publicKey", "privateKey" FROM "jwks""#;
    let row = other.core().db().query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
    let [id, public, private]: [String; 3] = [0, 1, 2].map(|at| row.try_get_by(at).unwrap());
    let sql = r#"INSERT INTO "jwks" ("id", "publicKey", "privateKey", "createdAt") VALUES ($1, $2, $3, $4)"#;
    let values = [id.into(), public.into(), private.into(), app.core().now().into()];
    app.core().db().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.unwrap();
    app.clock().advance(Duration::from_secs(5));
    assert!(verify(&app, &foreign).await.is_object());
}

#[tokio::test]
async fn other_kinds_of_keys() {
    for (alg, members) in [
        ("ES256", &["alg", "crv", "kid", "kty", "x", "y"][..]),
        ("ES512", &["alg", "crv", "kid", "kty", "x", "y"]),
        ("RS256", &["alg", "e", "kid", "kty", "n"]),
        ("PS256", &["alg", "e", "kid", "kty", "n"]),
    ] {
        let app = app().set("plugins.jwt.algorithm", alg).start().await;
        let token = token(&app).await;
        assert_eq!(part(&token, 0)["alg"], alg);
        assert!(verify(&app, &token).await.is_object(), "{alg}");
        let keys = app.anon().get("/jwks").await.body;
        let mut names: Vec<_> = keys["keys"][0].as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, members, "{alg}");
        let (signed, _) = token.rsplit_once('.').unwrap();
        for signature in [vec![0; 64], vec![0; 132], vec![0; 256], vec![255; 64], Vec::new()] {
            // Case 163: r = s = 0 and the like.
            let forged = format!("{signed}.{}", encode(signature));
            assert_eq!(verify(&app, &forged).await, Value::Null, "{alg}");
        }
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_no_server_error() {
    let app = app().start().await;
    app.cable().cut_after(0);
    assert_eq!(app.anon().get("/jwks").await.status, 503);
    app.cable().mend();
    for statements in 0..12 {
        app.cable().cut_after(statements);
        let status = app.anon().get("/jwks").await.status;
        assert!(status == 200 || status == 503, "{status} after {statements}");
        app.cable().mend();
        assert!(rows(app.core()).await.len() <= 1);
    }
    assert_eq!(kids(&app).await.len(), 1);
}

#[tokio::test]
async fn known_keys_count_while_the_database_is_away() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    ada.get("/get-session").await.expect(200);
    let signed = token(&app).await;
    assert!(verify(&app, &signed).await.is_object());
    app.clock().advance(Duration::from_secs(100));
    app.cable().cut_after(0);
    assert!(verify(&app, &signed).await.is_object());
    assert!(ada.get("/get-session").await.expect(200).header("set-auth-jwt").is_some());
    app.cable().mend();

    // A session that is known is answered even where no token can be made.
    let fresh = crate::app().start().await;
    let mut eve = fresh.user("eve").await;
    fresh.cable().cut_after(0);
    let answer = eve.get("/get-session").await.expect(200);
    assert_eq!(answer.header("set-auth-jwt"), None);
    assert_eq!(eve.get("/token").await.status, 503);
}
