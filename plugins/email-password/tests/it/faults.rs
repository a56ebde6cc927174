//! The database goes away, the disk fills up, the client hangs up.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_testkit::{
    TestApp,
    auth_core::sea_orm::{ConnectionTrait, DbBackend},
    json, race,
};

use crate::{OTHER, PASSWORD, app, sign_in, sign_up_body, signed_up};

async fn users(app: &TestApp) -> usize {
    app.core().users().page(app.core().db(), None, 1000).await.unwrap().len()
}

#[tokio::test]
async fn a_cut_at_any_statement_of_a_sign_up_leaves_nothing() {
    // Cases 289, 290, 292 and 266.
    let app = app().set("plugins.email-password.send_on_sign_up", true).start().await;
    let mut whole = false;
    for statements in 0..20 {
        app.cable().cut_after(statements);
        let answer = app.anon().post("/sign-up/email", sign_up_body("ada")).await;
        app.cable().mend();
        if answer.status == 200 {
            whole = true;
            break;
        }
        assert_eq!(answer.status, 503, "after {statements}: {}", answer.text);
        assert_eq!(answer.code(), Some("SERVICE_UNAVAILABLE"));
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert!(answer.set_cookies().is_empty(), "a cookie after {statements} statements");
        assert!(!answer.text.contains("refused"), "an inner error was shown: {}", answer.text);
        assert_eq!(users(&app).await, 0, "half a user after {statements} statements");
        assert_eq!(app.mailbox().count(), 0);
    }
    assert!(whole, "no number of statements was enough");
    assert_eq!(users(&app).await, 1);
    sign_in(&app, "ada", PASSWORD).await.1.expect(200);
}

#[tokio::test]
async fn a_cut_during_a_reset_leaves_the_token_redeemable() {
    let app = app().start().await;
    signed_up(&app, "ada").await;
    app.anon().post("/request-password-reset", json!({ "email": "ada@example.com" })).await.expect(200);
    let letter = app.mailbox().last("reset-password", "ada@example.com").unwrap();
    let body = json!({ "token": letter.data["token"], "newPassword": OTHER });
    for statements in 0..30 {
        app.cable().cut_after(statements);
        let answer = app.anon().post("/reset-password", body.clone()).await;
        app.cable().mend();
        if answer.status == 200 {
            sign_in(&app, "ada", OTHER).await.1.expect(200);
            return;
        }
        assert_eq!(answer.status, 503, "after {statements}: {}", answer.text);
        sign_in(&app, "ada", PASSWORD).await.1.expect(200);
    }
    panic!("no number of statements was enough");
}

#[tokio::test]
async fn sessions_in_memory_outlive_the_database() {
    let app = app().set("plugins.session.cookie_cache.enabled", false).start().await;
    let (mut ada, _) = signed_up(&app, "ada").await;
    ada.get("/get-session").await.expect(200);
    app.cable().cut_after(0);
    assert_eq!(ada.get("/get-session").await.expect(200).body["user"]["name"], "ada");
    let strict = ada.get("/get-session?disableCookieCache=1").await.expect(503);
    assert!(strict.set_cookies().is_empty(), "an outage signed somebody out");
    app.cable().mend();
    ada.get("/get-session?disableCookieCache=1").await.expect(200);
}

#[tokio::test]
async fn a_full_disk_is_a_passing_fault() {
    // Case 299. SQLite itself says when its file may not grow.
    let app = app().start().await;
    let db = app.core().db();
    if db.get_database_backend() != DbBackend::Sqlite {
        return;
    }
    let (mut ada, _) = signed_up(&app, "ada").await;
    db.execute_unprepared("PRAGMA max_page_count = 1").await.unwrap();
    let mut refused = 0;
    for at in 0..60 {
        let answer = app.anon().post("/sign-up/email", sign_up_body(&format!("u{at}"))).await;
        assert!(matches!(answer.status, 200 | 503), "{}", answer.text);
        if answer.status == 503 {
            refused += 1;
            assert!(answer.set_cookies().is_empty());
        }
    }
    assert!(refused > 0, "the disk never filled");
    let acknowledged = 1 + 60 - refused;
    assert_eq!(users(&app).await, acknowledged);
    ada.get("/get-session?disableCookieCache=1").await.expect(200);
    db.execute_unprepared("PRAGMA max_page_count = 1000000").await.unwrap();
    app.anon().post("/sign-up/email", sign_up_body("later")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_hang_up_leave_whole_users() {
    // Case 289: the request is dropped at some await.
    let app = app().start().await;
    let tasks = race(60, |at| {
        let mut actor = app.anon();
        async move {
            let body = sign_up_body(&format!("u{at}"));
            let patience = Duration::from_micros(200 * at as u64);
            tokio::time::timeout(patience, actor.post("/sign-up/email", body)).await.is_ok()
        }
    })
    .await;
    let core = app.core();
    for user in core.users().page(core.db(), None, 1000).await.unwrap() {
        let account = core.accounts().find_credential(core.db(), &user.id).await.unwrap();
        assert!(account.is_some(), "{} has no password", user.email);
        assert_eq!(core.sessions().list_live(core.db(), &user.id).await.unwrap().len(), 1);
    }
    assert!(tasks.iter().any(|done| !done), "nobody hung up");
    app.anon().post("/sign-up/email", sign_up_body("later")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_sign_ins_is_shed_and_others_are_served() {
    // Case 80.
    let app = app()
        .set("passwords.memory_kib", 19_456)
        .set("passwords.queue", 4)
        .set("plugins.email-password.lockout.enabled", false)
        .set("passwords.max_wait_ms", 200)
        .set("plugins.session.cookie_cache.enabled", false)
        .start()
        .await;
    let (mut ada, _) = signed_up(&app, "ada").await;
    ada.get("/get-session").await.expect(200);
    let flood = race(100, |_| {
        let mut actor = app.anon();
        async move {
            actor.post("/sign-in/email", json!({ "email": "ada@example.com", "password": PASSWORD })).await
        }
    });
    let (answers, session) = tokio::join!(flood, ada.get("/get-session"));
    session.expect(200);
    let shed = answers.iter().filter(|a| a.status == 503).count();
    assert!(shed > 0 && answers.iter().all(|a| matches!(a.status, 200 | 503)), "{shed} shed");
    assert!(answers.iter().filter(|a| a.status == 503).all(|a| a.header("retry-after").is_some()));
    sign_in(&app, "ada", PASSWORD).await.1.expect(200);
}

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_is_logged() {
    // Case 265, at the noisiest level.
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let app = app().set("plugins.email-password.send_on_sign_up", true).start().await;
    let (mut ada, up) = signed_up(&app, "ada").await;
    sign_in(&app, "ada", "Wrong-Secret-77").await.1.refused(401, "INVALID_EMAIL_OR_PASSWORD");
    app.anon().post("/request-password-reset", json!({ "email": "ada@example.com" })).await.expect(200);
    app.cable().cut_after(3);
    let _ = app.anon().post("/sign-up/email", sign_up_body("bob")).await;
    app.cable().mend();
    let change = json!({ "currentPassword": PASSWORD, "newPassword": OTHER, "revokeOtherSessions": true });
    let changed = ada.post("/change-password", change).await.expect(200);
    let letters = app.mailbox().all();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("request failed"), "the log was not captured");
    let mut secrets = vec![PASSWORD.to_owned(), OTHER.to_owned(), "Wrong-Secret-77".to_owned()];
    secrets.extend([&up, &changed].iter().map(|a| a.body["token"].as_str().unwrap().to_owned()));
    secrets
        .extend(letters.iter().filter_map(|l| l.data.get("token")).map(|t| t.as_str().unwrap().to_owned()));
    secrets.extend(ada.cookie("session_token").map(str::to_owned));
    for secret in secrets {
        assert!(!text.contains(&secret), "`{secret}` is in the log");
    }
}
