//! Backup codes.

use auth_testkit::{
    TestApp, Value,
    auth_core::{Failure, call::Request},
    json, race,
};

use crate::support::{
    PASSWORD, app, challenged, enrolled, factor, signed_up, tally, upstream, verify_backup, who,
};

async fn view(app: &TestApp, user_id: &Value) -> Result<Value, Failure> {
    let request = Request { body: Some(json!({ "userId": user_id })), ..Request::default() };
    Ok(app.core().call_raw("viewBackupCodes", request).await?.body_value().unwrap())
}

#[tokio::test]
async fn a_code_passes_once() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    assert_eq!(ada.backup.len(), 10);
    let mut browser = challenged(&app, "ada").await;
    for near in [ada.backup[0].replace('-', ""), ada.backup[0].to_lowercase() + " ", String::new()] {
        verify_backup(&mut browser, &near).await.refused(401, "INVALID_BACKUP_CODE");
    }
    verify_backup(&mut browser, &ada.backup[0]).await.expect(200);
    assert_eq!(who(&mut browser).await.as_deref(), Some("ada"));
    let mut browser = challenged(&app, "ada").await;
    verify_backup(&mut browser, &ada.backup[0]).await.refused(401, "INVALID_BACKUP_CODE");
    verify_backup(&mut browser, &ada.backup[9]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_at_once_on_many_sign_ins_passes_once() {
    for builder in [app(), upstream()] {
        let app = builder.set("plugins.two-factor.lockout.enabled", false).start().await;
        let ada = enrolled(&app, "ada").await;
        let mut browsers = Vec::new();
        for _ in 0..10 {
            browsers.push(challenged(&app, "ada").await);
        }
        let answers = race(10, |at| {
            let (mut browser, code) = (browsers[at].clone(), ada.backup[0].clone());
            async move { verify_backup(&mut browser, &code).await }
        })
        .await;
        let counts = tally(&answers);
        assert_eq!(counts["200"], 1, "{counts}");
        let lost = [&counts["409"], &counts["INVALID_BACKUP_CODE"]].map(|count| count.as_i64().unwrap_or(0));
        assert_eq!(lost.iter().sum::<i64>(), 9, "{counts}");
        verify_backup(&mut challenged(&app, "ada").await, &ada.backup[1]).await.expect(200);
    }
}

#[tokio::test]
async fn a_new_set_takes_the_place_of_the_old_one() {
    let app = app().start().await;
    let mut ada = enrolled(&app, "ada").await;
    let path = "/two-factor/generate-backup-codes";
    let answer = ada.actor.post(path, json!({ "password": PASSWORD })).await.expect(200);
    let fresh = answer.body["backupCodes"].as_array().unwrap().clone();
    assert_eq!((fresh.len(), &answer.body["status"]), (10, &json!(true)));
    let mut browser = challenged(&app, "ada").await;
    verify_backup(&mut browser, &ada.backup[0]).await.refused(401, "INVALID_BACKUP_CODE");
    verify_backup(&mut browser, fresh[3].as_str().unwrap()).await.expect(200);
    let mut bob = signed_up(&app, "bob").await;
    bob.post(path, json!({ "password": PASSWORD })).await.refused(400, "TWO_FACTOR_NOT_ENABLED");
}

#[tokio::test]
async fn a_code_may_be_used_up_without_a_session() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browser = challenged(&app, "ada").await;
    let body = json!({ "code": ada.backup[0], "disableSession": true });
    let answer = browser.post("/two-factor/verify-backup-code", body).await.expect(200);
    assert_eq!((answer.body.get("token"), &answer.body["user"]["name"]), (None, &json!("ada")));
    assert!(answer.set_cookie("session_token").is_none());
    assert_eq!(who(&mut browser).await, None);
    verify_backup(&mut browser, &ada.backup[1]).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    let mut browser = challenged(&app, "ada").await;
    verify_backup(&mut browser, &ada.backup[0]).await.refused(401, "INVALID_BACKUP_CODE");
}

#[tokio::test]
async fn codes_of_an_app_that_nobody_confirmed_prove_nothing() {
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    let (_, codes) = crate::support::set_up(&mut ada).await;
    let answer = verify_backup(&mut ada, &codes[0]).await.expect(200);
    assert_eq!(answer.body["user"]["twoFactorEnabled"], false);
    let token = answer.body["token"].as_str().unwrap();
    let (session, user) = app.core().sessions().find_by_token(app.core().db(), token).await.unwrap().unwrap();
    assert!(!session.proofs().is_multi_factor());
    assert_eq!(user.name, "ada");
    assert!(crate::support::sign_in(&mut app.anon(), "ada").await.body["token"].is_string());
}

#[tokio::test]
async fn what_is_stored_is_no_code() {
    // Case 125.
    for (builder, shown) in [(app(), false), (upstream(), true)] {
        let app = builder.start().await;
        let ada = enrolled(&app, "ada").await;
        let rows = factor(&app).await;
        let secret = crate::support::parameter(&ada.uri, "secret");
        for text in ada.backup.iter().chain([&secret]) {
            assert!(!rows[0].0.contains(text.as_str()) && !rows[0].1.contains(text.as_str()));
        }
        let id = ada.actor.clone().get("/get-session").await.body["user"]["id"].clone();
        let seen = view(&app, &id).await;
        if shown {
            assert_eq!(seen.unwrap()["backupCodes"], json!(ada.backup));
        } else {
            assert_eq!(seen.unwrap_err().code(), Some("BACKUP_CODES_ARE_HASHED"));
        }
        assert_eq!(view(&app, &json!("nobody")).await.unwrap_err().code(), Some("BACKUP_CODES_NOT_ENABLED"));
        for path in ["/two-factor/view-backup-codes", "/two-factor/generate-totp"] {
            app.anon().post(path, json!({ "userId": id, "secret": "x" })).await.expect(404);
        }
    }
}
