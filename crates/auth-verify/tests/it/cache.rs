//! Keys are fetched rarely, by one at a time, and outlive a server that is away.

use std::time::{Duration, Instant};

use auth_verify::{ConfigError, Verifier, VerifyError};
use serde_json::json;

use crate::support::{Answer, ISSUER, KeyServer, Signing, World};

/// As long-lived as a test with a moving clock needs.
fn lasting(key: &Signing) -> String {
    let mut claims = crate::support::claims();
    claims["exp"] = json!(u32::MAX);
    key.token(&claims)
}

#[tokio::test]
async fn a_hundred_verifications_are_one_fetch() {
    let world = World::new().await;
    for _ in 0..100 {
        let claims = world.verifier.verify_untyped(&world.key.good()).await.unwrap();
        assert_eq!(claims.sub, "u1");
    }
    assert_eq!(world.server.fetches(), 1);
    let token = lasting(&world.key);
    world.clock.advance(60 * 60 - 1);
    world.verifier.verify_untyped(&token).await.unwrap();
    assert_eq!(world.server.fetches(), 1);
    world.clock.advance(1);
    world.verifier.verify_untyped(&token).await.unwrap();
    assert_eq!(world.server.fetches(), 2);
    // A clock that is set back far asks again.
    world.clock.back(2 * 60 * 60);
    let _ = world.verifier.verify_untyped(&token).await;
    assert_eq!(world.server.fetches(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_first_uses_are_one_fetch() {
    let world = World::new().await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (verifier, token) = (world.verifier.clone(), world.key.good());
            tokio::spawn(async move { verifier.verify_untyped(&token).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(world.server.fetches(), 1);
}

#[tokio::test]
async fn unknown_keys_are_asked_for_once_in_a_while() {
    // Case 157.
    let world = World::new().await;
    world.verifier.verify_untyped(&world.key.good()).await.unwrap();
    let refused = async |count: usize| {
        for at in 0..count {
            let header = json!({ "alg": "EdDSA", "kid": format!("unknown-{at}") }).to_string();
            let token = world.key.sign(&header, &crate::support::claims().to_string());
            assert_eq!(world.verifier.verify_untyped(&token).await, Err(VerifyError::UnknownKey));
        }
    };
    refused(500).await;
    assert_eq!(world.server.fetches(), 1);
    world.clock.advance(30);
    refused(500).await;
    assert_eq!(world.server.fetches(), 2);
    world.verifier.verify_untyped(&world.key.good()).await.unwrap();
}

#[tokio::test]
async fn who_hangs_up_does_not_take_the_question_along() {
    let world = World::new().await;
    let token = world.key.good();
    for _ in 0..5 {
        let verify = world.verifier.verify_untyped(&token);
        assert!(tokio::time::timeout(Duration::from_millis(1), verify).await.is_err());
    }
    world.verifier.verify_untyped(&token).await.unwrap();
    assert_eq!(world.server.fetches(), 1);
}

#[tokio::test]
async fn keys_rotate() {
    // Case 164.
    let world = World::new().await;
    let (old, new) = (&world.key, Signing::new("k2", 2));
    world.verifier.verify_untyped(&lasting(old)).await.unwrap();
    world.server.answers(Answer::Keys(json!([new.jwk(), old.jwk()])));
    world.clock.advance(31);
    world.verifier.verify_untyped(&lasting(&new)).await.unwrap();
    world.verifier.verify_untyped(&lasting(old)).await.unwrap();
    assert_eq!(world.server.fetches(), 2);
    // The old key is retired: it counts no longer than the cache.
    world.server.answers(Answer::Keys(json!([new.jwk()])));
    world.clock.advance(60 * 60);
    assert_eq!(world.verifier.verify_untyped(&lasting(old)).await, Err(VerifyError::UnknownKey));
    world.verifier.verify_untyped(&lasting(&new)).await.unwrap();
    assert_eq!(world.server.fetches(), 3);
}

#[tokio::test]
async fn a_server_that_is_away_is_survived_for_a_while() {
    let world = World::new().await;
    let token = lasting(&world.key);
    world.verifier.verify_untyped(&token).await.unwrap();
    world.server.answers(Answer::Down);
    world.clock.advance(60 * 60);
    world.verifier.verify_untyped(&token).await.unwrap();
    world.clock.advance(60 * 60 - 1);
    world.verifier.verify_untyped(&token).await.unwrap();
    world.clock.advance(1);
    assert_eq!(world.verifier.verify_untyped(&token).await, Err(VerifyError::KeysUnavailable));
    // It comes back, and is noticed.
    world.server.answers(Answer::Keys(json!([world.key.jwk()])));
    world.clock.advance(30);
    world.verifier.verify_untyped(&token).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_known_to_be_silent_delays_nobody() {
    let world = World::with(|b| b.timeout(Duration::from_millis(300))).await;
    let token = lasting(&world.key);
    world.verifier.verify_untyped(&token).await.unwrap();
    world.server.answers(Answer::Silence);
    world.clock.advance(60 * 60);
    world.verifier.verify_untyped(&token).await.unwrap();
    world.clock.advance(30);
    let start = Instant::now();
    world.verifier.verify_untyped(&token).await.unwrap();
    assert!(start.elapsed() < Duration::from_millis(200), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_service_may_start_before_the_server() {
    let world = World::new().await;
    world.server.answers(Answer::Down);
    let token = world.key.good();
    for _ in 0..10 {
        assert_eq!(world.verifier.verify_untyped(&token).await, Err(VerifyError::KeysUnavailable));
    }
    assert_eq!(world.server.fetches(), 1);
    world.server.answers(Answer::Keys(json!([world.key.jwk()])));
    world.clock.advance(1);
    world.verifier.verify_untyped(&token).await.unwrap();
}

#[tokio::test]
async fn odd_answers_are_no_keys() {
    // Case 158: a redirect leads nowhere.
    let elsewhere = KeyServer::start(Answer::Keys(json!([Signing::new("k1", 1).jwk()]))).await;
    for answer in [
        Answer::Redirect(elsewhere.url()),
        Answer::Status(500),
        Answer::Status(204),
        Answer::Huge { size: 256 * 1024 + 1, chunked: false },
        Answer::Huge { size: 256 * 1024 + 1, chunked: true },
        Answer::Garbage,
        Answer::Silence,
        Answer::Down,
    ] {
        let world = World::with(|b| b.timeout(Duration::from_millis(300))).await;
        world.server.answers(answer);
        let start = Instant::now();
        let result = world.verifier.verify_untyped(&world.key.good()).await;
        assert_eq!(result, Err(VerifyError::KeysUnavailable));
        assert!(start.elapsed() < Duration::from_secs(3));
        assert_eq!(world.server.fetches(), 1);
    }
    assert_eq!(elsewhere.fetches(), 0);
}

#[test]
fn settings_are_checked() {
    let build = |issuer: &str, url: &str| Verifier::builder(issuer, ISSUER, url).build().map(|_| ());
    assert_eq!(build(ISSUER, "https://auth.example.com/api/auth/jwks"), Ok(()));
    assert_eq!(build(ISSUER, "http://[::1]:3000/api/auth/jwks"), Ok(()));
    assert_eq!(build("", "https://auth.example.com/"), Err(ConfigError::Empty("issuer")));
    assert_eq!(build(ISSUER, "http://auth.example.com/"), Err(ConfigError::PlainHttp));
    assert_eq!(build(ISSUER, "http://localhost.example.com/"), Err(ConfigError::PlainHttp));
    assert!(matches!(build(ISSUER, "file:///etc/passwd"), Err(ConfigError::Url(_))));
    assert!(matches!(build(ISSUER, "jwks"), Err(ConfigError::Url(_))));
    let builder = Verifier::builder(ISSUER, ISSUER, "http://auth.internal/jwks").allow_plain_http();
    assert!(builder.build().is_ok());
    let builder = Verifier::builder(ISSUER, ISSUER, "https://auth.example.com/");
    assert_eq!(builder.leeway(Duration::from_secs(61)).build().err(), Some(ConfigError::Leeway));
}
