//! What an operator does with keys, several nodes at once, and keys that are kept elsewhere.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use auth_core::{
    Core, Failure, Manifest, Plugin, Problem, Registrar, async_trait,
    breaker::Circuit,
    command::{Arguments, Command},
    config::NoConfig,
    http::StatusCode,
    ports::{Dependency, TokenSigner},
};
use auth_testkit::{TestApp, Value, json, race};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

use crate::{
    app,
    support::{encode, is_genuine, part, rows, sign, verify},
};

/// Types `tessera keys …`.
async fn keys(app: &TestApp, words: &[&str]) -> Result<String, Failure> {
    let Ok(plan) = crate::app().plan() else { panic!("no plan") };
    let declared: Vec<_> = plan.commands().map(|(plugin, command)| (plugin, command.name)).collect();
    assert_eq!(declared, [("jwt", "keys")]);
    // The command of the plugin that runs, not of the plan that says it is there.
    let mut registrar = Registrar::default();
    app.core().plugin::<auth_plugin_jwt::Jwt>().expect("the plugin").register(&mut registrar);
    let command: &Command = &registrar.commands[0].value;
    let action = command.actions.iter().find(|action| action.name == words[0]).expect("an action");
    let typed: Arguments = words[1..]
        .iter()
        .map(|word| match word.strip_prefix("--") {
            Some(flag) => (flag.to_owned(), String::new()),
            None => (action.arguments[0].name.to_owned(), (*word).to_owned()),
        })
        .collect();
    action.run(app.core().clone(), typed).await
}

async fn token(app: &TestApp) -> String {
    sign(app, json!({ "payload": { "sub": "x" } })).await.unwrap()
}

fn kid(token: &str) -> String {
    part(token, 0)["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn keys_are_listed_rotated_and_revoked() {
    let app = app().start().await;
    assert!(keys(&app, &["list"]).await.unwrap().starts_with("no keys"));
    let first = token(&app).await;
    // It is new still, so whoever rotates at the same moment is given it.
    assert!(keys(&app, &["rotate"]).await.unwrap().starts_with(&kid(&first)));
    app.clock().advance(Duration::from_secs(10));
    let said = keys(&app, &["rotate"]).await.unwrap();
    assert!(said.contains("It signs in 5 minutes"), "{said}");
    let list = keys(&app, &["list"]).await.unwrap();
    let states: Vec<_> = list.lines().map(|line| line.split_whitespace().nth(2).unwrap()).collect();
    assert_eq!(states, ["next", "signs"], "{list}");
    assert_eq!(kid(&token(&app).await), kid(&first));

    app.clock().advance(Duration::from_secs(300));
    let second = token(&app).await;
    assert!(said.starts_with(&kid(&second)), "{said}");
    assert!(verify(&app, &first).await.is_object());
    app.clock().advance(Duration::from_secs(301));
    let list = keys(&app, &["list"]).await.unwrap();
    let states: Vec<_> = list.lines().map(|line| line.split_whitespace().nth(2).unwrap()).collect();
    assert_eq!(states, ["signs", "checks"], "{list}");

    let said = keys(&app, &["rotate", "--now"]).await.unwrap();
    assert!(said.contains("It signs now"), "{said}");
    let third = token(&app).await;
    assert!(said.starts_with(&kid(&third)), "{said}");
    for good in [&first, &second, &third] {
        assert!(verify(&app, good).await.is_object());
    }

    let said = keys(&app, &["revoke", &kid(&second)]).await.unwrap();
    assert!(said.contains("is revoked"), "{said}");
    assert_eq!(verify(&app, &second).await, Value::Null);
    assert!(verify(&app, &third).await.is_object());
    let published = app.anon().get("/jwks").await.expect(200).text;
    assert!(!published.contains(&kid(&second)) && published.contains(&kid(&first)));
    for unknown in [kid(&second).as_str(), "", "lock", "' OR 1=1--", "\u{1b}[2J"] {
        let failure = keys(&app, &["revoke", unknown]).await.expect_err("refused");
        assert_eq!(failure.code(), Some("NO_SUCH_KEY"));
        assert!(!failure.message().contains('\u{1b}'));
    }
    // The last key may go too: the next use makes another.
    keys(&app, &["revoke", &kid(&third)]).await.unwrap();
    let fourth = token(&app).await;
    assert!(is_genuine(&app.anon().get("/jwks").await.body, &fourth));
}

#[tokio::test]
async fn a_rotation_by_hand_ends_keys_that_have_no_end() {
    let app = app().set("plugins.jwt.rotation_interval", 0).start().await;
    let first = token(&app).await;
    app.clock().advance(Duration::from_secs(10));
    keys(&app, &["rotate"]).await.unwrap();
    app.clock().advance(Duration::from_secs(601));
    let second = token(&app).await;
    assert_ne!(kid(&first), kid(&second));
    assert!(verify(&app, &second).await.is_object());
    let ends: Vec<_> = rows(app.core()).await.iter().map(|(_, _, end)| end.is_some()).collect();
    assert_eq!(ends, [true, false]);
    // After the grace period the task removes it, although this server never rotates by itself.
    app.clock().advance(Duration::from_secs(31 * 86_400));
    app.run_tasks().await;
    assert_eq!(rows(app.core()).await.len(), 1);
}

#[tokio::test]
async fn nodes_in_touch_remember_keys_for_an_hour_and_hear_of_changes_at_once() {
    let one = app().in_touch().start().await;
    let two = app().start_beside(&one).await;
    let first = token(&one).await;
    let published = async || kids_of(&two.anon().get("/jwks").await.expect(200).body);
    let (_, asked) = two.statements(published()).await;
    assert!(asked > 0);
    one.clock().advance(Duration::from_secs(3599));
    assert_eq!(two.statements(published()).await.1, 0);
    keys(&one, &["rotate"]).await.unwrap();
    assert_eq!(published().await.len(), 2);
    keys(&one, &["revoke", &kid(&first)]).await.unwrap();
    assert_eq!(published().await.len(), 1);
    assert!(!verify(&two, &first).await.is_object());
}

fn kids_of(jwks: &Value) -> Vec<String> {
    let keys = jwks["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn nodes_that_rotate_at_once_make_one_key_and_refuse_no_token() {
    let one = app().start().await;
    let nodes = [one.clone(), app().start_beside(&one).await, app().start_beside(&one).await];
    let mut good = vec![token(&nodes[0]).await, token(&nodes[1]).await];
    one.clock().advance(Duration::from_secs(90 * 86_400 - 900));
    good.push(token(&nodes[2]).await);
    race(9, |at| {
        let node = nodes[at % 3].clone();
        async move { node.run_tasks().await }
    })
    .await;
    assert_eq!(rows(one.core()).await.len(), 2);
    for round in 0..40 {
        one.clock().advance(Duration::from_secs(30));
        let node = &nodes[round % 3];
        let fresh = token(node).await;
        let keys = nodes[(round + 1) % 3].anon().get("/jwks").await.body;
        assert!(is_genuine(&keys, &fresh), "round {round}");
        for node in &nodes {
            assert!(verify(node, &fresh).await.is_object(), "round {round}");
        }
        good.push(fresh);
    }
    let kids: BTreeSet<_> = good.iter().map(|token| kid(token)).collect();
    assert_eq!(kids.len(), 2);

    // The same by hand, on every node at the same moment.
    let said = race(6, |at| {
        let node = nodes[at % 3].clone();
        async move { keys(&node, &["rotate"]).await.unwrap() }
    })
    .await;
    assert_eq!(said.iter().collect::<BTreeSet<_>>().len(), 1, "{said:?}");
    assert_eq!(rows(one.core()).await.len(), 3);
}

/// Signs as a key management service would, where a test wants it badly or not at all.
struct Vault {
    pair: Ed25519KeyPair,
    mood: std::sync::Mutex<Mood>,
}

#[derive(Clone, Copy)]
enum Mood {
    Good,
    Wrong,
    Broken,
    Silent,
}

impl Plugin for Vault {
    const MANIFEST: Manifest = Manifest::new("vault", "1.0.0", "Keeps the keys elsewhere");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap();
        Ok(Self { pair, mood: Mood::Good.into() })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.provide::<dyn TokenSigner>(self);
    }
}

#[async_trait]
impl TokenSigner for Vault {
    async fn keys(&self, _: &Core) -> Result<Vec<serde_json::Map<String, Value>>, Failure> {
        let jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "vault-1",
            "x": encode(self.pair.public_key()), "d": "never published",
        });
        Ok(vec![jwk.as_object().unwrap().clone()])
    }

    async fn sign(&self, _: &Core, kid: &str, input: &[u8]) -> Result<Vec<u8>, Failure> {
        assert_eq!(kid, "vault-1");
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Good => Ok(self.pair.sign(input).as_ref().to_vec()),
            Mood::Wrong => Ok(vec![0; 64]),
            Mood::Broken => Err(Failure::internal("secret detail of the vault")),
            Mood::Silent => std::future::pending().await,
        }
    }
}

#[tokio::test]
async fn a_remote_signer_keeps_the_keys() {
    let local = app().start().await;
    let old = token(&local).await;
    let app = app().plugin::<Vault>().start_beside(&local).await;
    let mut ada = app.user("ada").await;
    let made = ada.get("/token").await.expect(200).body["token"].as_str().unwrap().to_owned();
    assert_eq!(part(&made, 0), json!({ "alg": "EdDSA", "kid": "vault-1" }));
    let published = app.anon().get("/jwks").await.expect(200);
    assert!(is_genuine(&published.body, &made));
    assert!(!published.text.contains("never published"));
    assert!(verify(&app, &made).await.is_object());
    // What the server signed before it had the signer still counts.
    assert!(is_genuine(&published.body, &old));
    assert!(verify(&app, &old).await.is_object());
    // No key is made beside it.
    app.clock().advance(Duration::from_secs(200 * 86_400));
    app.run_tasks().await;
    assert_eq!(kid(&token(&app).await), "vault-1");
    assert_eq!(rows(app.core()).await.len(), 0);
    assert_eq!(keys(&app, &["rotate"]).await.expect_err("refused").code(), Some("REMOTE_SIGNER"));
    assert!(keys(&app, &["list"]).await.unwrap().starts_with("vault-1  EdDSA   signs"));
}

#[tokio::test]
async fn a_remote_signer_that_fails_is_no_answer_with_a_bad_token() {
    let app = app().plugin::<Vault>().start().await;
    let mut ada = app.user("ada").await;
    let vault = app.core().plugin::<Vault>().unwrap();
    for (mood, status) in [
        (Mood::Wrong, StatusCode::INTERNAL_SERVER_ERROR),
        (Mood::Broken, StatusCode::SERVICE_UNAVAILABLE),
        (Mood::Silent, StatusCode::SERVICE_UNAVAILABLE),
    ] {
        *vault.mood.lock().unwrap() = mood;
        let answer = ada.get("/token").await;
        assert_eq!(answer.status, status);
        assert!(!answer.text.contains("vault"), "{}", answer.text);
        // Who is signed in is still told, without a token.
        assert_eq!(ada.get("/get-session").await.expect(200).header("set-auth-jwt"), None);
    }
}

#[tokio::test]
async fn a_remote_signer_that_is_away_delays_nobody_and_is_found_again() {
    let app = app().plugin::<Vault>().start().await;
    let mut ada = app.user("ada").await;
    let vault = app.core().plugin::<Vault>().unwrap();
    let signer = || {
        let mut slot = app.core().services().slot::<dyn Dependency>();
        slot.find(|outside| outside.name() == "signer").and_then(|outside| outside.circuit(app.core()))
    };
    let published = app.anon().get("/jwks").await.expect(200).body;
    assert_eq!(signer(), Some(Circuit::Closed));
    *vault.mood.lock().unwrap() = Mood::Broken;
    for _ in 0..3 {
        ada.get("/token").await.expect(503);
    }
    assert_eq!(signer(), Some(Circuit::Open));

    // Nobody waits for it now, and what was signed before counts: the keys are known.
    *vault.mood.lock().unwrap() = Mood::Silent;
    app.clock().advance(Duration::from_millis(499));
    let start = Instant::now();
    assert_eq!(ada.get("/get-session").await.expect(200).header("set-auth-jwt"), None);
    assert_eq!(ada.get("/token").await.expect(503).header("retry-after"), Some("5"));
    assert_eq!(app.anon().get("/jwks").await.expect(200).body, published);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());

    // After the pause one caller finds that it is silent still; the next pause is longer.
    app.clock().advance(Duration::from_millis(1));
    ada.get("/token").await.expect(503);
    assert!(start.elapsed() > Duration::from_secs(1), "nobody has tried");
    *vault.mood.lock().unwrap() = Mood::Good;
    app.clock().advance(Duration::from_millis(999));
    ada.get("/token").await.expect(503);
    app.clock().advance(Duration::from_millis(1));
    ada.get("/token").await.expect(200);
    assert_eq!(signer(), Some(Circuit::Closed));
    assert!(ada.get("/get-session").await.expect(200).header("set-auth-jwt").is_some());
}

#[tokio::test]
async fn without_a_remote_signer_there_is_no_circuit() {
    let app = app().start().await;
    assert_eq!(app.core().services().slot::<dyn Dependency>().count(), 1);
    assert!(
        app.core().services().slot::<dyn Dependency>().all(|outside| outside.circuit(app.core()).is_none())
    );
}
