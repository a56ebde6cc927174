//! Changing one's address.

use auth_testkit::{TestApp, json};

use crate::{PASSWORD, app, signed_up};

fn link(app: &TestApp, kind: &str, to: &str) -> String {
    let letter = app.mailbox().last(kind, to).unwrap_or_else(|| panic!("no {kind} to {to}"));
    format!("/verify-email?token={}", letter.data["token"].as_str().unwrap())
}

#[tokio::test]
async fn an_unverified_account_proves_the_new_address() {
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    ada.post("/change-email", json!({ "newEmail": "Two@example.com" })).await.expect(200);
    let link = link(&app, "verify-email", "two@example.com");
    ada.get(&link).await.expect(200);
    assert_eq!(ada.get("/get-session").await.body["user"]["email"], "two@example.com");
    let old = json!({ "email": "ada@example.com", "password": PASSWORD });
    app.anon().post("/sign-in/email", old).await.refused(401, "INVALID_EMAIL_OR_PASSWORD");
    // Case 91: the link is for the address that the account had.
    app.anon().get(&link).await.refused(401, "USER_NOT_FOUND");
}

#[tokio::test]
async fn a_verified_account_agrees_first() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    ada.post("/change-email", json!({ "newEmail": "two@example.com" })).await.expect(200);
    assert!(app.mailbox().last("verify-email", "two@example.com").is_none());
    app.anon().get(&link(&app, "change-email-confirmation", "ada@example.com")).await.expect(200);
    app.anon().get(&link(&app, "verify-email", "two@example.com")).await.expect(200);
    assert_eq!(ada.get("/get-session?disableCookieCache=1").await.body["user"]["email"], "two@example.com");
}

#[tokio::test]
async fn a_taken_address_gets_no_letter() {
    // Case 64.
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    signed_up(&app, "bob").await;
    let free = ada.post("/change-email", json!({ "newEmail": "two@example.com" })).await.expect(200);
    let taken = ada.post("/change-email", json!({ "newEmail": "bob@example.com" })).await.expect(200);
    assert_eq!(free.body, taken.body);
    assert!(app.mailbox().last("verify-email", "bob@example.com").is_none());
    let same = ada.post("/change-email", json!({ "newEmail": "ada@example.com" })).await.expect(400);
    assert_eq!(same.body, json!({ "message": "Email is the same" }));
}

#[tokio::test]
async fn somebody_elses_link() {
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    let mut bob = signed_up(&app, "bob").await;
    ada.post("/change-email", json!({ "newEmail": "two@example.com" })).await.expect(200);
    let link = link(&app, "verify-email", "two@example.com");
    bob.get(&link).await.refused(401, "INVALID_USER");
    // Somebody takes the address before the link is used.
    signed_up(&app, "two").await;
    ada.get(&link).await.refused(401, "INVALID_TOKEN");
    assert_eq!(ada.get("/get-session?disableCookieCache=1").await.body["user"]["email"], "ada@example.com");
}
