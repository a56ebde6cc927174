//! Changing oneself.

use auth_testkit::json;

use crate::{app, signed_up};

#[tokio::test]
async fn name_image_and_declared_fields() {
    let app = app()
        .config("[plugins.account.user_fields]\nnickname = { type = \"string\" }\nnote = { type = \"string\", returned = false }")
        .start()
        .await;
    let mut ada = signed_up(&app, "ada").await;
    let body =
        json!({ "name": "Ada L.", "image": "https://img.example/a.png", "nickname": "Al", "note": "hush" });
    assert_eq!(ada.post("/update-user", body).await.expect(200).body, json!({ "status": true }));
    let user = ada.get("/get-session").await.body["user"].clone();
    assert_eq!((&user["name"], &user["nickname"]), (&json!("Ada L."), &json!("Al")));
    assert!(user.get("note").is_none());
    ada.post("/update-user", json!({ "image": null, "nickname": null })).await.expect(200);
    let user = ada.get("/get-session").await.body["user"].clone();
    assert!(user["image"].is_null() && user["nickname"].is_null());
}

#[tokio::test]
async fn what_is_not_theirs_stays() {
    // Case 247.
    let app = app()
        .config(
            "[plugins.account.user_fields]\nplan = { type = \"string\", input = false, default = \"free\" }",
        )
        .start()
        .await;
    let mut ada = signed_up(&app, "ada").await;
    let before = ada.get("/get-session?disableCookieCache=1").await.body["user"].clone();
    ada.post("/update-user", json!({ "email": "x@example.com" }))
        .await
        .refused(400, "EMAIL_CAN_NOT_BE_UPDATED");
    ada.post("/update-user", json!({ "plan": "gold" })).await.refused(400, "FIELD_NOT_ALLOWED");
    for body in [
        json!({}),
        json!({ "emailVerified": true }),
        json!({ "id": "mine", "role": "admin" }),
        json!({ "x": 1 }),
    ] {
        let answer = ada.post("/update-user", body).await.expect(400);
        assert_eq!(answer.body, json!({ "message": "No fields to update" }));
    }
    for body in [json!([1, 2]), json!(null), json!("x"), json!({ "name": 5 }), json!({ "name": null })] {
        ada.post("/update-user", body).await.refused(400, "VALIDATION_ERROR");
    }
    let long = "n".repeat(5000);
    ada.post("/update-user", json!({ "name": long })).await.refused(400, "VALIDATION_ERROR");
    app.anon().post("/update-user", json!({ "name": "x" })).await.refused(401, "UNAUTHORIZED");
    assert_eq!(ada.get("/get-session?disableCookieCache=1").await.body["user"], before);
}

#[tokio::test]
async fn injection_is_data() {
    // Case 262.
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    signed_up(&app, "bob").await;
    for text in ["' OR 1=1--", "\"); DROP TABLE \"user\";--", "%_\\", "$1", "a'b\"c"] {
        ada.post("/update-user", json!({ "name": text })).await.expect(200);
        assert_eq!(ada.get("/get-session?disableCookieCache=1").await.body["user"]["name"], text);
    }
    assert_eq!(app.core().users().page(app.core().db(), None, 10).await.unwrap().len(), 2);
}
