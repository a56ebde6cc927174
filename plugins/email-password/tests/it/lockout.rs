//! Attempts that have to wait, and who does not.

use std::time::Duration;

use auth_testkit::{Actor, Answer, TestApp, auth_core::Event, json, race};

use crate::{OTHER, PASSWORD, app, signed_up, upstream};

const WRONG: &str = "Wrong-Horse-42";

async fn attempt(actor: &mut Actor, email: &str, password: &str) -> Answer {
    actor.post("/sign-in/email", json!({ "email": email, "password": password })).await
}

async fn stranger(app: &TestApp, email: &str, password: &str) -> Answer {
    attempt(&mut app.anon(), email, password).await
}

/// Fails until the next attempt has to wait.
async fn lock(app: &TestApp, email: &str) {
    for _ in 0..5 {
        stranger(app, email, WRONG).await.refused(401, "INVALID_EMAIL_OR_PASSWORD");
    }
}

#[tokio::test]
async fn pauses_grow_and_do_not_tell_whether_there_is_an_account() {
    let app = app().start().await;
    signed_up(&app, "ada").await;
    let mut told = Vec::new();
    for email in ["ada@example.com", "nobody@example.com"] {
        lock(&app, email).await;
        let mut answers = Vec::new();
        for pause in [60, 120, 240] {
            // Not even the right password is looked at, in any spelling of the address.
            let locked = stranger(&app, &email.to_uppercase(), PASSWORD).await;
            assert_eq!(locked.header("retry-after"), Some(pause.to_string().as_str()));
            answers.push(locked.text.clone());
            locked.refused(429, "TOO_MANY_ATTEMPTS");
            app.clock().advance(Duration::from_secs(pause - 1));
            stranger(&app, email, WRONG).await.refused(429, "TOO_MANY_ATTEMPTS");
            app.clock().advance(Duration::from_secs(1));
            let looked_at = stranger(&app, email, WRONG).await;
            answers.push(looked_at.text.clone());
            looked_at.refused(401, "INVALID_EMAIL_OR_PASSWORD");
        }
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
    // After the pause the right password ends it.
    app.clock().advance(Duration::from_secs(480));
    stranger(&app, "ada@example.com", PASSWORD).await.expect(200);
    stranger(&app, "ada@example.com", WRONG).await.expect(401);
    stranger(&app, "ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn strangers_cannot_lock_the_owner_out() {
    let app = app().start().await;
    let (mut ada, _) = signed_up(&app, "ada").await;
    let (mut bob, _) = signed_up(&app, "bob").await;
    ada.post("/sign-out", json!({})).await.expect(200);
    lock(&app, "ada@example.com").await;
    stranger(&app, "ada@example.com", PASSWORD).await.refused(429, "TOO_MANY_ATTEMPTS");
    // A browser that another account knows is a stranger to this one.
    attempt(&mut bob, "ada@example.com", PASSWORD).await.refused(429, "TOO_MANY_ATTEMPTS");
    attempt(&mut ada, "ada@example.com", PASSWORD).await.expect(200);
    // That does not help the strangers.
    stranger(&app, "ada@example.com", PASSWORD).await.refused(429, "TOO_MANY_ATTEMPTS");
    // A known browser that was stolen guesses no faster.
    for _ in 0..5 {
        attempt(&mut ada, "ada@example.com", WRONG).await.refused(401, "INVALID_EMAIL_OR_PASSWORD");
    }
    attempt(&mut ada, "ada@example.com", PASSWORD).await.refused(429, "TOO_MANY_ATTEMPTS");
}

#[tokio::test]
async fn a_browser_cannot_say_itself_that_it_is_known_and_is_not_known_for_ever() {
    let app = app().set("plugins.email-password.lockout.known_device_for", 3600).start().await;
    let (ada, answer) = signed_up(&app, "ada").await;
    let line = answer.set_cookie("known_device").unwrap();
    assert!(line.contains("HttpOnly") && line.contains("Secure") && line.contains("Max-Age=3600"), "{line}");
    let (name, value) = ada.cookie_pair("known_device").unwrap();
    lock(&app, "ada@example.com").await;
    let with = async |value: &str| {
        let mut actor = app.anon().header("cookie", &format!("{name}={value}"));
        attempt(&mut actor, "ada@example.com", PASSWORD).await.status
    };
    let forged = value.replacen(value.get(..1).unwrap(), "~", 1);
    assert_eq!(with(&forged).await, 429);
    assert_eq!(with(&value).await, 200);
    app.clock().advance(Duration::from_secs(3601));
    stranger(&app, "ada@example.com", WRONG).await.expect(401);
    assert_eq!(with(&value).await, 429);
}

#[tokio::test]
async fn a_reset_ends_the_wait() {
    let app = app().start().await;
    signed_up(&app, "ada").await;
    lock(&app, "ada@example.com").await;
    app.anon().post("/request-password-reset", json!({ "email": "ada@example.com" })).await.expect(200);
    let letter = app.mailbox().last("reset-password", "ada@example.com").unwrap();
    let token = letter.data["token"].as_str().unwrap();
    stranger(&app, "ada@example.com", PASSWORD).await.refused(429, "TOO_MANY_ATTEMPTS");
    let body = json!({ "token": "guessed", "newPassword": OTHER });
    app.anon().post("/reset-password", body).await.expect(400);
    stranger(&app, "ada@example.com", PASSWORD).await.refused(429, "TOO_MANY_ATTEMPTS");
    app.anon().post("/reset-password", json!({ "token": token, "newPassword": OTHER })).await.expect(200);
    stranger(&app, "ada@example.com", OTHER).await.expect(200);
}

#[tokio::test]
async fn of_two_hundred_attempts_from_as_many_addresses_five_are_looked_at() {
    // Case 104.
    let app = app().set("ip.trusted_proxies", ["127.0.0.1"]).set("rate_limit.enabled", true).start().await;
    signed_up(&app, "ada").await;
    let mut events = app.core().events().subscribe();
    let answers = race(200, |at| {
        let mut actor = app.anon().header("x-forwarded-for", &format!("203.0.113.{at}"));
        async move { attempt(&mut actor, "ada@example.com", WRONG).await.status }
    })
    .await;
    let count = |status: u16| answers.iter().filter(|found| **found == status).count();
    assert_eq!((count(401), count(429)), (5, 195));
    let told: Vec<_> = std::iter::from_fn(|| events.try_next()).collect();
    // Each one that is looked at is told of; nothing was hashed for the others.
    assert_eq!(told.iter().filter(|event| matches!(event, Event::SignInFailed { .. })).count(), 5);
    let locked: Vec<_> = told.iter().filter(|event| event.name() == "account.locked").collect();
    assert_eq!(locked.len(), 1, "{locked:?}");
    assert_eq!(app.host().risk(locked[0]), Some(60));
}

#[tokio::test]
async fn the_preset_of_better_auth_waits_for_nobody() {
    let app = upstream().start().await;
    let (_, answer) = signed_up(&app, "ada").await;
    assert!(answer.set_cookie("known_device").is_none());
    for _ in 0..20 {
        stranger(&app, "ada@example.com", WRONG).await.refused(401, "INVALID_EMAIL_OR_PASSWORD");
    }
}
