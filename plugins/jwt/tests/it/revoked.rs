//! Tokens that are taken back before their time.

use std::time::Duration;

use auth_core::{
    ports::NodeMemory, ports::TokenVerifier, sea_orm::ConnectionTrait, sea_orm::Statement, store::Revoke,
};
use auth_testkit::{Actor, TestApp, Value, json, race};

use crate::{
    app,
    support::{good_claims, part, sign, verify},
};

async fn token(device: &mut Actor) -> String {
    device.get("/token").await.expect(200).body["token"].as_str().unwrap().to_owned()
}

async fn count(app: &TestApp) -> i64 {
    let backend = app.core().db().get_database_backend();
    let sql = r#"SELECT COUNT(*) AS "n" FROM "revokedToken""#;
    let row = app.core().db().query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

#[tokio::test]
async fn a_token_names_itself_and_its_session() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let (first, second) = (token(&mut ada).await, token(&mut ada).await);
    let (first, second) = (part(&first, 1), part(&second, 1));
    assert_eq!(first["jti"].as_str().unwrap().len(), 22);
    assert_ne!(first["jti"], second["jti"]);
    let session = ada.get("/get-session").await.expect(200).body;
    assert_eq!(first["sid"], session["session"]["id"]);

    let upstream = crate::app().preset(auth_core::Preset::BetterAuth).start().await;
    let claims = part(&token(&mut upstream.user("ada").await).await, 1);
    assert!(claims.get("jti").is_none() && claims.get("sid").is_none(), "{claims}");
    upstream.anon().post("/token/revoke", json!({ "token": "x" })).await.expect(404);
}

#[tokio::test]
async fn signing_out_takes_the_sessions_tokens_back() {
    let app = app().start().await;
    let mut phone = app.user("ada").await;
    let mut laptop = app.signed_in(phone.user()).await;
    let (on_phone, on_laptop) = (token(&mut phone).await, token(&mut laptop).await);
    phone.post("/sign-out", json!({})).await.expect(200);
    assert_eq!(verify(&app, &on_phone).await, Value::Null);
    assert!(verify(&app, &on_laptop).await.is_object());
    laptop.post("/revoke-sessions", json!({})).await.expect(200);
    assert_eq!(verify(&app, &on_laptop).await, Value::Null);
}

#[tokio::test]
async fn a_user_who_is_gone_has_no_tokens() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let of_session = token(&mut ada).await;
    // The program's own token names no session.
    let mut claims = good_claims(&app);
    claims["sub"] = json!(ada.user().id);
    let of_program = sign(&app, json!({ "payload": claims })).await.unwrap();
    assert!(verify(&app, &of_program).await.is_object());
    let tx = app.core().begin().await.unwrap();
    assert!(app.core().users().delete(&tx, ada.user()).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(verify(&app, &of_session).await, Value::Null);
    assert_eq!(verify(&app, &of_program).await, Value::Null);
}

#[tokio::test]
async fn one_token_is_taken_back_by_its_holder() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let (lost, kept) = (token(&mut ada).await, token(&mut ada).await);
    let answer = app.anon().post("/token/revoke", json!({ "token": lost })).await.expect(200);
    assert_eq!(answer.body, json!({ "success": true }));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(verify(&app, &lost).await, Value::Null);
    assert!(verify(&app, &kept).await.is_object());
    // Again, and what is no token at all: the same answer, and nothing is written.
    let before = count(&app).await;
    let (head, _) = kept.rsplit_once('.').unwrap();
    for other in [lost.clone(), "x".to_owned(), String::new(), format!("{head}.AAAA"), "x".repeat(100_000)] {
        let answer = app.anon().post("/token/revoke", json!({ "token": other })).await.expect(200);
        assert_eq!(answer.body, json!({ "success": true }));
    }
    assert_eq!(count(&app).await, before);
    assert!(verify(&app, &kept).await.is_object());
    for body in [json!({}), json!({ "token": 1 }), json!({ "token": null }), json!([])] {
        app.anon().post("/token/revoke", body).await.refused(400, "VALIDATION_ERROR");
    }
    let nameless = sign(&app, json!({ "payload": good_claims(&app) })).await.unwrap();
    app.anon().post("/token/revoke", json!({ "token": nameless })).await.refused(400, "TOKEN_NOT_REVOCABLE");
    assert!(verify(&app, &nameless).await.is_object());
    // A token without an end that matters stays taken back.
    let mut claims = good_claims(&app);
    (claims["jti"], claims["exp"]) = (json!("endless"), json!(1e18));
    let endless = sign(&app, json!({ "payload": claims })).await.unwrap();
    app.anon().post("/token/revoke", json!({ "token": endless })).await.expect(200);
    app.clock().advance(Duration::from_secs(20));
    assert_eq!(verify(&app, &endless).await, Value::Null);
}

#[tokio::test]
async fn many_revocations_at_once() {
    let app = app().start().await;
    let lost = token(&mut app.user("ada").await).await;
    let statuses = race(20, |_| {
        let (mut anon, lost) = (app.anon(), lost.clone());
        async move { anon.post("/token/revoke", json!({ "token": lost })).await.status }
    })
    .await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!(verify(&app, &lost).await, Value::Null);
}

#[tokio::test]
async fn another_node_hears_of_it_in_time() {
    let here = app().start().await;
    let there = app().start_beside(&here).await;
    let mut ada = here.user("ada").await;
    let (lost, signed_out) = (token(&mut ada).await, token(&mut ada).await);
    assert!(verify(&there, &lost).await.is_object());
    here.anon().post("/token/revoke", json!({ "token": lost })).await.expect(200);
    assert_eq!(verify(&here, &lost).await, Value::Null);
    // The documented bound: ten seconds.
    here.clock().advance(Duration::from_secs(10));
    assert_eq!(verify(&there, &lost).await, Value::Null);
    ada.post("/sign-out", json!({})).await.expect(200);
    here.clock().advance(Duration::from_secs(10));
    assert_eq!(verify(&there, &signed_out).await, Value::Null);
    // One that starts now knows too.
    let late = app().start_beside(&here).await;
    assert_eq!(verify(&late, &lost).await, Value::Null);
}

#[tokio::test]
async fn entries_live_as_long_as_their_tokens() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let mut other = app.signed_in(ada.user()).await;
    let lost = token(&mut ada).await;
    app.anon().post("/token/revoke", json!({ "token": lost })).await.expect(200);
    other.post("/sign-out", json!({})).await.expect(200);
    assert_eq!(count(&app).await, 2);
    app.clock().advance(Duration::from_secs(925));
    app.run_tasks().await;
    assert_eq!(count(&app).await, 2);
    assert_eq!(verify(&app, &lost).await, Value::Null);
    app.clock().advance(Duration::from_secs(10));
    app.run_tasks().await;
    assert_eq!(count(&app).await, 0);
    assert_eq!(verify(&app, &lost).await, Value::Null);
}

#[tokio::test]
async fn a_sign_out_that_fails_takes_nothing_back() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let kept = token(&mut ada).await;
    let mut refused = 0;
    for statements in 0.. {
        app.cable().cut_after(statements);
        let status = ada.clone().post("/sign-out", json!({})).await.status;
        app.cable().mend();
        if status == 200 {
            break;
        }
        refused += 1;
        assert_eq!(status, 503, "after {statements}");
        assert_eq!(count(&app).await, 0, "after {statements}");
        assert!(verify(&app, &kept).await.is_object(), "after {statements}");
    }
    // Begin, find the session, list, the entry, delete, commit: each was cut once at least.
    assert!(refused >= 4, "{refused}");
    assert_eq!(verify(&app, &kept).await, Value::Null);
    assert_eq!(count(&app).await, 1);
}

#[tokio::test]
async fn what_is_known_counts_while_the_database_is_away() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let (lost, kept) = (token(&mut ada).await, token(&mut ada).await);
    app.anon().post("/token/revoke", json!({ "token": lost })).await.expect(200);
    app.clock().advance(Duration::from_secs(60));
    app.cable().cut_after(0);
    assert_eq!(verify(&app, &lost).await, Value::Null);
    assert!(verify(&app, &kept).await.is_object());
    app.cable().mend();
    // A node that has never read the list lets nothing through unread.
    let cold = crate::app().start_beside(&app).await;
    cold.anon().get("/jwks").await.expect(200);
    cold.cable().cut_after(0);
    let verifier = cold.core().services().get::<dyn TokenVerifier>().unwrap();
    let failure = verifier.verify(cold.core(), &kept).await.expect_err("503");
    assert_eq!(failure.status(), 503);
}

#[tokio::test]
async fn a_check_asks_the_database_for_nothing() {
    let app = app().start().await;
    let kept = token(&mut app.user("ada").await).await;
    assert!(verify(&app, &kept).await.is_object());
    let ((), statements) = app
        .statements(async {
            for _ in 0..100 {
                assert!(verify(&app, &kept).await.is_object());
            }
        })
        .await;
    assert_eq!(statements, 0);
}

#[tokio::test]
async fn a_verified_token_leads_to_the_session_that_lives() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let kept = token(&mut ada).await;
    let verifier = app.core().services().get::<dyn TokenVerifier>().unwrap();
    let verified = verifier.verify(app.core(), &kept).await.unwrap().expect("a good token");
    assert_eq!((verified.subject.as_str(), verified.scopes.is_none()), (ada.user().id.as_str(), true));
    let identity = verified.identity(app.core()).await.unwrap().expect("somebody");
    assert_eq!((identity.user.email.as_str(), identity.method), ("ada@example.com", "jwt"));
    let tx = app.core().begin().await.unwrap();
    app.core().sessions().revoke(&tx, &ada.user().id, Revoke::All).await.unwrap();
    tx.commit().await.unwrap();
    assert!(verified.identity(app.core()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_token_does_not_outlive_its_session() {
    let app =
        app().set("plugins.session.expires_in", 1000).set("plugins.session.update_age", 999).start().await;
    let mut ada = app.user("ada").await;
    let begun = app.core().now().unix_seconds();
    app.clock().advance(Duration::from_secs(600));
    let claims = part(&token(&mut ada).await, 1);
    assert_eq!(claims["exp"], json!(begun + 1000));
}

#[tokio::test]
async fn a_node_in_touch_hears_of_it_at_once() {
    let here = app().in_touch().start().await;
    let there = app().start_beside(&here).await;
    let mut ada = here.user("ada").await;
    let (lost, signed_out) = (token(&mut ada).await, token(&mut ada).await);
    assert!(verify(&there, &lost).await.is_object());
    here.anon().post("/token/revoke", json!({ "token": lost })).await.expect(200);
    assert_eq!(verify(&there, &lost).await, Value::Null);
    assert!(verify(&there, &signed_out).await.is_object());
    ada.post("/sign-out", json!({})).await.expect(200);
    assert_eq!(verify(&there, &signed_out).await, Value::Null);
}

#[tokio::test]
async fn a_node_that_missed_something_asks_the_table() {
    let here = app().start().await;
    let there = app().start_beside(&here).await;
    let mut ada = here.user("ada").await;
    let lost = token(&mut ada).await;
    assert!(verify(&there, &lost).await.is_object());
    here.anon().post("/token/revoke", json!({ "token": lost })).await.expect(200);
    assert!(verify(&there, &lost).await.is_object(), "nobody has told it, and it was not long ago");
    for memory in there.core().services().slot::<dyn NodeMemory>() {
        memory.distrust(there.core());
    }
    assert_eq!(verify(&there, &lost).await, Value::Null);
}

#[tokio::test]
async fn a_token_of_an_idle_session_is_nobodys_and_using_one_keeps_the_session() {
    let app =
        app().set("plugins.session.idle_timeout", 600).set("plugins.jwt.expires_in", 3600).start().await;
    let mut ada = app.user("ada").await;
    let token = token(&mut ada).await;
    let verifier = app.core().services().get::<dyn TokenVerifier>().unwrap().clone();
    let identity = async || {
        let verified = verifier.verify(app.core(), &token).await.unwrap()?;
        verified.identity(app.core()).await.unwrap()
    };
    for _ in 0..3 {
        app.clock().advance(Duration::from_secs(599));
        assert!(identity().await.is_some());
    }
    app.clock().advance(Duration::from_secs(600));
    assert!(identity().await.is_none());
}
