//! The session in a cookie.

use auth_testkit::{Value, json};

use crate::app;

const STRATEGIES: [&str; 3] = ["compact", "jwt", "jwe"];

#[tokio::test]
async fn answers_without_the_database() {
    for strategy in STRATEGIES {
        let app = app()
            .set("plugins.session.cookie_cache.strategy", strategy)
            .set("plugins.session.memory.capacity", 0)
            .start()
            .await;
        let mut ada = app.user("ada").await;
        let (answer, statements) = app.statements(ada.get("/get-session")).await;
        assert_eq!(answer.body["user"]["email"], "ada@example.com", "{strategy}");
        assert_eq!(statements, 0, "{strategy}");
        let (_, strict) = app.statements(ada.get("/get-session?disableCookieCache=true")).await;
        assert_eq!(strict, 1, "{strategy}");
    }
}

#[tokio::test]
async fn tampering_falls_back_to_the_store() {
    for strategy in STRATEGIES {
        let app = app().set("plugins.session.cookie_cache.strategy", strategy).start().await;
        let ada = app.user("ada").await;
        let eve = app.user("eve").await;
        let (name, good) = ada.cookie_pair("session_data").unwrap();
        let (_, hers) = eve.cookie_pair("session_data").unwrap();
        let mut cut = good.clone();
        cut.truncate(good.len() - 3);
        for bad in [hers.as_str(), cut.as_str(), "AAAA", "e30", "garbage", "%00", "a.b.c", "a.b.c.d.e"] {
            let mut actor = ada.clone();
            actor.set_cookie(&name, bad);
            let answer = actor.get("/get-session").await.expect(200);
            assert_eq!(answer.body["user"]["name"], "Ada", "{strategy} {bad}");
        }
    }
}

#[tokio::test]
async fn cookies_of_another_configuration_are_cleaned_up() {
    // Case 7.
    let app = app().set("plugins.session.cookie_cache.enabled", false).start().await;
    let mut ada = app.user("ada").await;
    let (name, _) = ada.cookie_pair("session_token").unwrap();
    let data = name.replace("session_token", "session_data");
    for suffix in ["", ".0", ".1", ".00"] {
        ada.set_cookie(&format!("{data}{suffix}"), "eyJhbGciOiJkaXIifQ..x.y.z");
    }
    let answer = ada.get("/get-session").await.expect(200);
    assert_eq!(answer.body["user"]["name"], "Ada");
    let expired: Vec<_> =
        answer.set_cookies().iter().map(|line| line.split('=').next().unwrap().to_owned()).collect();
    for suffix in ["", ".0", ".1"] {
        assert!(expired.contains(&format!("{data}{suffix}")), "{expired:?}");
    }
    assert!(!expired.contains(&format!("{data}.00")), "a look-alike is not ours");
}

#[tokio::test]
async fn a_cookie_of_another_version_does_not_count() {
    let old = app().start().await;
    let new = app().set("plugins.session.cookie_cache.version", "2").start_beside(&old).await;
    let ada = old.user("ada").await;
    for (app, asked) in [(&old, 0), (&new, 1)] {
        let mut actor = app.anon();
        for short in ["session_token", "session_data"] {
            let (name, value) = ada.cookie_pair(short).unwrap();
            actor.set_cookie(&name, &value);
        }
        let (answer, statements) = app.statements(actor.get("/get-session")).await;
        assert_eq!((answer.body["user"]["name"].as_str(), statements), (Some("Ada"), asked));
    }
}

#[tokio::test]
async fn what_no_cookie_can_hold_is_not_in_one() {
    // The attributes alone are as long as a cookie may be.
    let domain = format!("{}example.com", "a.".repeat(2_000));
    let app = app().set("cookies.domain", domain).start().await;
    let mut ada = app.user("ada").await;
    assert!(ada.cookie_pair("session_data").is_none());
    assert_eq!(ada.get("/get-session").await.expect(200).body["user"]["name"], "Ada");
}

#[tokio::test]
async fn long_sessions_are_cut_into_chunks() {
    let app = app()
        .config("[plugins.session.fields]\nnote = { type = \"string\" }")
        .set("plugins.session.memory.capacity", 0)
        .start()
        .await;
    let mut ada = app.user("ada").await;
    let note = "n".repeat(9_000);
    let answer = ada.post("/update-session", json!({ "note": note })).await.expect(200);
    let whole = answer.set_cookie("session_data").unwrap();
    assert!(whole.contains("Max-Age=0"), "the short one from before would be read first: {whole}");
    assert!(answer.set_cookie("session_data.0").is_some() && answer.set_cookie("session_data.2").is_some());
    assert!(answer.set_cookies().iter().all(|line| line.len() <= 4096));
    assert_eq!(answer.set_cookie("session_data.0").unwrap().len(), 4049, "as long as the wire has it");
    let (answer, statements) = app.statements(ada.get("/get-session")).await;
    assert_eq!(answer.body["session"]["note"], Value::String(note));
    assert_eq!(statements, 0);
}

#[tokio::test]
async fn a_revoked_session_lives_in_the_cookie_until_somebody_looks() {
    // Case 5: only plain GET /get-session may be stale.
    let app = app().start().await;
    let mut laptop = app.user("ada").await;
    let mut phone = app.signed_in(laptop.user()).await;
    laptop.post("/revoke-other-sessions", json!({})).await.expect(200);
    assert_ne!(phone.get("/get-session").await.text, "null");
    phone.clone().post("/update-session", json!({ "x": 1 })).await.refused(401, "UNAUTHORIZED");
    assert_eq!(phone.get("/get-session?disableCookieCache=1").await.text, "null");
    assert_eq!(phone.get("/get-session").await.text, "null");
}

#[tokio::test]
async fn a_recognized_cookie_ends_when_it_says() {
    for strategy in STRATEGIES {
        let app = app().set("plugins.session.cookie_cache.strategy", strategy).start().await;
        let mut laptop = app.user("ada").await;
        let mut phone = app.signed_in(laptop.user()).await;
        // Opened once, recognized from then on.
        for _ in 0..3 {
            assert_eq!(phone.get("/get-session").await.body["user"]["name"], "Ada", "{strategy}");
        }
        laptop.post("/revoke-other-sessions", json!({})).await.expect(200);
        app.clock().advance(std::time::Duration::from_millis(299_999));
        assert_ne!(phone.clone().get("/get-session").await.text, "null", "{strategy}");
        // Encrypted values are opened for fifteen seconds longer, as upstream does for clocks that differ.
        let tolerance = if strategy == "jwe" { 15_001 } else { 1 };
        app.clock().advance(std::time::Duration::from_millis(tolerance));
        assert_eq!(phone.get("/get-session").await.text, "null", "{strategy}");
    }
}

#[tokio::test]
async fn it_is_written_once_where_it_is_missing_and_not_where_nothing_is_to_be_renewed() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let (name, token) = ada.cookie_pair("session_token").unwrap();
    let mut new = app.anon();
    new.set_cookie(&name, &token);
    let answer = new.get("/get-session?disableRefresh=1").await.expect(200);
    assert_eq!((answer.body["user"]["name"].as_str(), answer.set_cookies().len()), (Some("Ada"), 0));
    let answer = new.get("/get-session").await.expect(200);
    assert!(answer.set_cookie("session_data").is_some());
    assert_eq!(answer.set_cookies().len(), 1, "nothing was there that had to go first");
    let (data, _) = new.cookie_pair("session_data").unwrap();
    let answer = new.get("/get-session?disableCookieCache=1").await.expect(200);
    assert_eq!(answer.set_cookies().len(), 1, "it was not looked at");
    new.set_cookie(&data, "garbage");
    let answer = new.get("/get-session").await.expect(200);
    let ends = answer.set_cookies().iter().map(|line| line.contains("Max-Age=0")).collect::<Vec<_>>();
    assert_eq!(ends, [true, false], "what was no good goes, and another one comes");
}
