//! Other providers, of which there are none without a plugin that speaks to them.

use auth_testkit::json;

use crate::{app, signed_up};

#[tokio::test]
async fn a_provider_that_nobody_speaks_to_is_not_found() {
    let app = app().start().await;
    let body = json!({ "provider": "github", "callbackURL": "/there" });
    app.anon().post("/sign-in/social", body.clone()).await.refused(404, "PROVIDER_NOT_FOUND");
    app.anon().post("/sign-in/social", json!({ "provider": 1 })).await.refused(400, "VALIDATION_ERROR");
    let elsewhere = json!({ "provider": "github", "callbackURL": "https://evil.example" });
    app.anon().post("/sign-in/social", elsewhere).await.refused(403, "INVALID_CALLBACK_URL");

    app.anon().post("/link-social", body.clone()).await.refused(401, "UNAUTHORIZED");
    let mut ada = signed_up(&app, "ada").await;
    ada.post("/link-social", body).await.refused(404, "PROVIDER_NOT_FOUND");
}

#[tokio::test]
async fn a_callback_that_nobody_waits_for_ends_on_the_page_of_errors() {
    let app = app().start().await;
    for (query, code) in [
        ("", "state_not_found"),
        ("?code=1&state=", "state_not_found"),
        ("?code=1&state=forged", "state_mismatch"),
        ("?error=access_denied&error_description=%3Cscript%3E", "state_not_found"),
    ] {
        let answer = app.anon().get(&format!("/callback/github{query}")).await.expect(302);
        let target = format!("https://auth.example.com/api/auth/error?error={code}");
        assert_eq!(answer.header("location"), Some(target.as_str()));
        assert!(answer.set_cookies().is_empty(), "a callback that failed signed somebody in");
    }
}

#[tokio::test]
async fn a_password_has_no_profile_and_no_tokens_elsewhere() {
    let app = app().start().await;
    let (mut ada, mut bob) = (signed_up(&app, "ada").await, signed_up(&app, "bob").await);
    let hers = ada.get("/list-accounts").await.expect(200).body[0]["id"].as_str().unwrap().to_owned();
    let info = format!("/account-info?accountId={hers}");
    ada.get(&info).await.refused(400, "PROVIDER_NOT_CONFIGURED");
    ada.post("/refresh-token", json!({ "accountId": hers })).await.refused(400, "PROVIDER_NOT_SUPPORTED");
    bob.get(&info).await.refused(400, "ACCOUNT_NOT_FOUND");
    bob.post("/refresh-token", json!({ "accountId": hers })).await.refused(400, "ACCOUNT_NOT_FOUND");
    assert_eq!(app.anon().get(&info).await.expect(401).text, "");
    assert_eq!(app.anon().post("/refresh-token", json!({ "accountId": hers })).await.expect(401).text, "");
}
