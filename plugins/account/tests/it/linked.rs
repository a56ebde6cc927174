//! Linked accounts.

use auth_testkit::{auth_core::model::Account, json, race};

use crate::{app, signed_up};

#[tokio::test]
async fn secrets_are_not_listed() {
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    let list = ada.get("/list-accounts").await.expect(200);
    let account = list.body[0].as_object().unwrap();
    let keys: std::collections::BTreeSet<_> = account.keys().map(String::as_str).collect();
    let expected = ["accountId", "createdAt", "id", "providerId", "scopes", "updatedAt", "userId"];
    assert_eq!(keys, expected.into_iter().collect());
    assert_eq!(account["providerId"], "credential");
}

#[tokio::test]
async fn one_way_in_always_remains() {
    // Case 196.
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    let own = ada.get("/list-accounts").await.body[0].clone();
    let body = json!({ "accountId": own["id"] });
    ada.post("/unlink-account", body).await.refused(400, "FAILED_TO_UNLINK_LAST_ACCOUNT");
    let user_id = own["userId"].as_str().unwrap();
    let core = app.core();
    let tx = core.begin().await.unwrap();
    let second: Account = core.accounts().draft(user_id, "elsewhere", "subject");
    let second = core.accounts().create(&tx, second).await.unwrap();
    tx.commit().await.unwrap();
    let ids = [own["id"].as_str().unwrap().to_owned(), second.id];
    let answers = race(2, |at| {
        let (mut device, id) = (ada.clone(), ids[at].clone());
        async move { device.post("/unlink-account", json!({ "accountId": id })).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{answers:?}");
    assert_eq!(core.accounts().list(core.db(), user_id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn accounts_of_others_do_not_exist() {
    let app = app().start().await;
    let (mut ada, mut bob) = (signed_up(&app, "ada").await, signed_up(&app, "bob").await);
    let hers = ada.get("/list-accounts").await.body[0]["id"].clone();
    let body = json!({ "accountId": hers });
    bob.post("/get-access-token", body.clone()).await.refused(400, "ACCOUNT_NOT_FOUND");
    ada.post("/get-access-token", body.clone()).await.refused(400, "PROVIDER_NOT_SUPPORTED");
    assert_eq!(app.anon().post("/get-access-token", body).await.expect(401).text, "");
    let both = json!({ "accountId": hers, "useAccountCookie": true });
    ada.post("/get-access-token", both).await.refused(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn ids_that_are_none_are_nobodys() {
    // Case 260.
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    let long = "9".repeat(10_000);
    for id in ["", "'", "' OR '1'='1", "-1", "99999999999999999999", "../../x", long.as_str()] {
        let body = json!({ "accountId": id });
        ada.post("/get-access-token", body.clone()).await.refused(400, "ACCOUNT_NOT_FOUND");
        let path = format!("/delete-user/callback?token={}", id.replace(['\'', ' '], "%27"));
        ada.get(&path).await.refused(404, "INVALID_TOKEN");
    }
    // No database is asked for what it cannot hold.
    ada.get("/delete-user/callback?token=a%00b").await.refused(400, "VALIDATION_ERROR");
    ada.post("/update-user", json!({ "name": "a\u{0}b" })).await.refused(400, "VALIDATION_ERROR");
    app.anon().get("/reset-password/a%00b?callbackURL=%2F").await.refused(400, "VALIDATION_ERROR");
    let reset = json!({ "token": "a\u{0}b", "newPassword": "Correct-Horse-42" });
    app.anon().post("/reset-password", reset).await.refused(400, "VALIDATION_ERROR");
}
