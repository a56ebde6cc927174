//! What is answered without the database, and for how long.

use std::time::Duration;

use auth_testkit::{
    auth_core::{model::UserPatch, sea_orm::ConnectionTrait, session::SessionAuthority},
    json, portable,
};

use crate::bare;

#[tokio::test]
async fn one_query_on_a_miss_and_none_on_a_hit() {
    let app = bare().start().await;
    let mut ada = app.user("ada").await;
    let (_, miss) = app.statements(ada.get("/get-session")).await;
    let (answer, hit) = app.statements(ada.get("/get-session")).await;
    assert_eq!((miss, hit), (1, 0));
    assert_eq!(answer.body["user"]["email"], "ada@example.com");
}

#[tokio::test]
async fn tokens_of_nobody_are_remembered_for_a_moment() {
    let app = bare().start().await;
    let mut ada = app.user("ada").await;
    let mut ghost = ada.clone();
    ada.post("/sign-out", json!({})).await.expect(200);
    let (name, _) = ghost.cookie_pair("session_token").unwrap();
    let signed = app.core().signer().sign("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    ghost.set_cookie(&name, &signed);
    let (_, first) = app.statements(ghost.get("/get-session")).await;
    ghost.set_cookie(&name, &signed);
    let (_, second) = app.statements(ghost.get("/get-session")).await;
    assert_eq!((first, second), (1, 0));
    app.clock().advance(Duration::from_secs(6));
}

#[tokio::test]
async fn changes_and_revocations_are_seen_at_once() {
    let app = bare().start().await;
    let mut laptop = app.user("ada").await;
    let mut phone = app.signed_in(laptop.user()).await;
    phone.get("/get-session").await.expect(200);
    laptop.get("/get-session").await.expect(200);
    app.change_user(
        &laptop.user().id.clone(),
        UserPatch { name: Some("Ada L.".into()), ..UserPatch::default() },
    )
    .await;
    assert_eq!(laptop.get("/get-session").await.body["user"]["name"], "Ada L.");
    laptop.post("/revoke-other-sessions", json!({})).await.expect(200);
    assert_eq!(phone.get("/get-session").await.text, "null");
    assert_ne!(laptop.get("/get-session").await.text, "null");
}

#[tokio::test]
async fn a_session_dies_at_its_expiry_and_not_later() {
    // Case 11.
    let app = bare().set("plugins.session.disable_refresh", true).start().await;
    let mut ada = app.user("ada").await;
    ada.get("/get-session").await.expect(200);
    app.clock().advance(Duration::from_secs(30 * 86_400) - Duration::from_millis(1));
    assert_ne!(ada.get("/get-session").await.text, "null");
    app.clock().advance(Duration::from_millis(1));
    let answer = ada.get("/get-session").await.expect(200);
    assert_eq!(answer.text, "null");
    assert!(answer.set_cookie("session_token").unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn deleting_a_user_empties_memory() {
    let app = bare().start().await;
    let mut ada = app.user("ada").await;
    ada.get("/get-session").await.expect(200);
    let tx = app.core().begin().await.unwrap();
    assert!(app.core().users().delete(&tx, ada.user()).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(ada.get("/get-session").await.text, "null");
}

#[tokio::test]
async fn expired_rows_are_swept() {
    let app = bare().start().await;
    app.user("ada").await;
    app.clock().advance(Duration::from_secs(31 * 86_400));
    app.run_tasks().await;
    let gone = app.core().sessions().sweep(app.core().db(), 10).await.unwrap();
    assert_eq!(gone, 0, "the task left something");
}

#[tokio::test]
async fn a_session_that_went_behind_the_memory_is_not_renewed() {
    let app = bare().set("plugins.session.memory.session_ttl", 86_400).start().await;
    let mut ada = app.user("ada").await;
    ada.get("/get-session").await.expect(200);
    app.core().db().execute_unprepared("DELETE FROM session").await.unwrap();
    // Still in memory, and due to be renewed.
    app.clock().advance(Duration::from_secs(9));
    assert_eq!(ada.get("/get-session").await.expect(200).body["user"]["name"], "Ada");
    app.clock().advance(Duration::from_secs(2 * 86_400));
    let answer = ada.get("/get-session").await.expect(200);
    assert_eq!(answer.text, "null");
    assert!(answer.set_cookie("better-auth.session_token").is_some_and(|line| line.contains("Max-Age=0")));
}

#[tokio::test]
async fn whoever_changed_a_user_behind_its_back_can_say_so() {
    let app = bare().start().await;
    let (mut ada, mut eve) = (app.user("ada").await, app.user("eve").await);
    for actor in [&mut ada, &mut eve] {
        actor.get("/get-session").await.expect(200);
    }
    let db = app.core().db();
    let sql = portable(db.get_database_backend(), "UPDATE \"user\" SET name = 'Countess'");
    db.execute_unprepared(&sql).await.unwrap();
    assert_eq!(ada.get("/get-session").await.expect(200).body["user"]["name"], "Ada");
    let authority = app.core().services().get::<dyn SessionAuthority>().unwrap();
    authority.forget_user(app.core(), &ada.user().id.clone()).await;
    assert_eq!(ada.get("/get-session").await.expect(200).body["user"]["name"], "Countess");
    assert_eq!(eve.get("/get-session").await.expect(200).body["user"]["name"], "Eve");

    // Which sessions they have cannot be read: all are forgotten, to be safe.
    app.cable().cut_after(0);
    authority.forget_user(app.core(), &ada.user().id.clone()).await;
    app.cable().mend();
    assert_eq!(eve.get("/get-session").await.expect(200).body["user"]["name"], "Countess");
}

#[tokio::test]
async fn others_are_told_whether_uses_are_known() {
    for known in [false, true] {
        let app = bare().set("plugins.session.activity", known).start().await;
        assert_eq!(app.core().services().get::<dyn SessionAuthority>().unwrap().knows_use(), known);
    }
}
