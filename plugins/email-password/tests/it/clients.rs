//! What a client claims of itself: hosts, addresses, formats.

use std::time::Duration;

use auth_testkit::{
    TestApp,
    auth_core::{Event, Preset, model::AccountPatch},
    json, race,
};

use crate::{PASSWORD, app, sign_in, sign_up_body, signed_up, upstream};

const CLAIMS: [(&str, &str); 9] = [
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-host", "a,b"),
    ("host", "evil.example"),
    ("x-forwarded-proto", "http"),
    ("x-original-url", "/admin"),
    ("x-rewrite-url", "/admin"),
    ("x-middleware-subrequest", "1"),
    ("expo-origin", "https://evil.example"),
    ("electron-origin", "https://evil.example"),
];

#[tokio::test]
async fn claims_of_another_host_change_nothing() {
    // Cases 52, 53, 55, 56 and 59.
    let app = app().set("plugins.email-password.send_on_sign_up", true).start().await;
    for (at, (name, value)) in CLAIMS.iter().enumerate() {
        let mut actor = app.anon().header(name, value);
        let answer = actor.post("/sign-up/email", sign_up_body(&format!("u{at}"))).await.expect(200);
        let line = answer.set_cookie("session_token").unwrap();
        assert!(line.starts_with("__Secure-") && line.contains("; Secure"), "{name}: {line}");
        let letter = app.mailbox().last("verify-email", &format!("u{at}@example.com")).unwrap();
        let url = letter.data["url"].as_str().unwrap();
        assert!(url.starts_with("https://auth.example.com/api/auth/"), "{name}: {url}");
    }
    // What would make an origin trusted does not.
    let mut actor =
        app.anon().header("origin", "https://evil.example").header("expo-origin", "https://auth.example.com");
    actor.post("/sign-up/email", sign_up_body("eve")).await.refused(403, "INVALID_ORIGIN");
}

async fn limited() -> TestApp {
    app()
        .set("rate_limit.enabled", true)
        .set("ip.trusted_proxies", ["127.0.0.1", "10.0.0.0/8"])
        .set("plugins.email-password.lockout.enabled", false)
        .start()
        .await
}

async fn attempt(app: &TestApp, forwarded: &str, email: &str) -> u16 {
    let mut actor = app.anon().header("x-forwarded-for", forwarded);
    actor.post("/sign-in/email", json!({ "email": email, "password": PASSWORD })).await.status
}

#[tokio::test]
async fn the_first_hop_that_is_not_ours_counts() {
    // Case 94.
    let app = limited().await;
    for spoof in 0..5 {
        let status =
            attempt(&app, &format!("198.51.100.{spoof}, 203.0.113.7, 10.0.0.1"), "a@example.com").await;
        assert_eq!(status, 401);
    }
    assert_eq!(attempt(&app, "198.51.100.99, 203.0.113.7", "a@example.com").await, 429);
    assert_eq!(attempt(&app, "203.0.113.8", "a@example.com").await, 401);
    // A hop that is no address: nobody gets a bucket of their own for it.
    for _ in 0..5 {
        assert_eq!(attempt(&app, "203.0.113.9, nonsense", "a@example.com").await, 401);
    }
    assert_eq!(attempt(&app, "203.0.113.10, nonsense", "a@example.com").await, 429);
}

#[tokio::test]
async fn one_network_is_one_client_in_every_spelling() {
    // Case 95.
    let app = limited().await;
    let spellings = [
        "2001:db8:1:2::1",
        "2001:DB8:1:2:3:4:5:6",
        "2001:0db8:0001:0002::ffff",
        "2001:db8:1:2:a::",
        "2001:db8:1:2::2",
    ];
    for spelling in spellings {
        assert_eq!(attempt(&app, spelling, "a@example.com").await, 401);
    }
    assert_eq!(attempt(&app, "2001:db8:1:2:dead:beef::", "a@example.com").await, 429);
    for spelling in ["1.2.3.4", "::ffff:1.2.3.4", "::ffff:102:304", "::FFFF:102:304", "1.2.3.4"] {
        assert_eq!(attempt(&app, spelling, "a@example.com").await, 401);
    }
    assert_eq!(attempt(&app, "::ffff:1.2.3.4", "a@example.com").await, 429);
}

#[tokio::test]
async fn headers_of_strangers_do_not_count() {
    let app = app().set("rate_limit.enabled", true).start().await;
    for spoof in 0..5 {
        assert_eq!(attempt(&app, &format!("203.0.113.{spoof}"), "a@example.com").await, 401);
    }
    assert_eq!(attempt(&app, "203.0.113.200", "a@example.com").await, 429);
}

#[tokio::test]
async fn limits_count_attempts_whether_or_not_there_is_an_account() {
    // Case 70.
    let app = limited().await;
    signed_up(&app, "ada").await;
    for _ in 0..5 {
        assert_eq!(attempt(&app, "203.0.113.1", "ada@example.com").await, 200);
        assert_eq!(attempt(&app, "203.0.113.1", "nobody@example.com").await, 401);
    }
    assert_eq!(attempt(&app, "203.0.113.1", "ada@example.com").await, 429);
    assert_eq!(attempt(&app, "203.0.113.1", "nobody@example.com").await, 429);
    // The account is not closed to others.
    assert_eq!(attempt(&app, "203.0.113.2", "ada@example.com").await, 200);
}

#[tokio::test]
async fn an_address_has_a_budget_over_all_accounts() {
    // Case 103.
    let app = limited().await;
    let mut events = app.core().events().subscribe();
    for at in 0..50 {
        assert_eq!(attempt(&app, "203.0.113.1", &format!("nobody{at}@example.com")).await, 401);
    }
    assert_eq!(attempt(&app, "203.0.113.1", "nobody50@example.com").await, 429);
    let told = std::iter::from_fn(|| events.try_next()).find_map(|event| match event {
        Event::RateLimited { path, rule, ip } => Some((path, rule, ip)),
        _ => None,
    });
    let told = told.expect("a security event");
    assert_eq!((told.0.as_str(), told.1.as_str()), ("/sign-in/email", "sign-in-address"));
    assert_eq!(told.2.as_deref(), Some("203.0.113.1"));
    // Case 107: nothing of a plugin runs, not even for what is no request at all.
    let mut actor = app.anon().header("x-forwarded-for", "203.0.113.1");
    assert_eq!(actor.post_raw("/sign-in/email", "{").await.status, 429);
    assert_eq!(attempt(&app, "203.0.113.2", "nobody50@example.com").await, 401);
}

#[tokio::test]
async fn a_stolen_session_does_not_guess_from_many_addresses() {
    let app = limited().await;
    let (ada, _) = signed_up(&app, "ada").await;
    let (name, value) = ada.cookie_pair("session_token").unwrap();
    let guess = async |from: usize, path: &str| {
        let mut actor = app
            .anon()
            .header("x-forwarded-for", &format!("203.0.113.{from}"))
            .header("cookie", &format!("{name}={value}"))
            .header("origin", "https://auth.example.com");
        let body = json!({ "password": "Wrong-Horse-42", "currentPassword": "Wrong-Horse-42", "newPassword": PASSWORD });
        actor.post(path, body).await.status
    };
    for from in 0..5 {
        assert_eq!(guess(from, ["/verify-password", "/change-password"][from % 2]).await, 400);
    }
    assert_eq!(guess(6, "/verify-password").await, 429);
    assert_eq!(guess(7, "/change-password").await, 429);
}

#[tokio::test]
async fn nobody_is_buried_in_letters_from_many_addresses() {
    // Case 106.
    let app = limited().await;
    signed_up(&app, "ada").await;
    let ask = async |from: usize, email: &str| {
        let mut actor = app.anon().header("x-forwarded-for", &format!("203.0.113.{from}"));
        actor.post("/request-password-reset", json!({ "email": email })).await.status
    };
    let before = app.mailbox().count();
    // Nobody is told whether there is such an account.
    for email in ["ada@example.com", "nobody@example.com"] {
        let mut sent = 0;
        for from in 0..20 {
            sent += usize::from(ask(from, email).await == 200);
        }
        // Signing up was one letter of the hour already.
        assert_eq!(sent, if email.starts_with("ada") { 9 } else { 10 });
    }
    assert_eq!(app.mailbox().count() - before, 9);
    assert_eq!(ask(1, "Ada@Example.com").await, 429);
    app.clock().advance(Duration::from_hours(2));
    assert_eq!(ask(1, "ada@example.com").await, 200);
}

#[tokio::test]
async fn two_hundred_wrong_passwords_at_once() {
    // Case 104.
    let app = limited().await;
    signed_up(&app, "ada").await;
    let answers = race(200, |_| {
        let mut actor = app.anon().header("x-forwarded-for", "203.0.113.1");
        let body = json!({ "email": "ada@example.com", "password": "Wrong-Horse-42" });
        async move { actor.post("/sign-in/email", body).await.status }
    })
    .await;
    let evaluated = answers.iter().filter(|status| **status == 401).count();
    assert_eq!((evaluated, answers.iter().filter(|status| **status == 429).count()), (5, 195));
}

#[tokio::test]
async fn hashes_of_better_auth_verify() {
    // Case 82.
    let stored = "000102030405060708090a0b0c0d0e0f:eedf8cd62212c4ef27d18a5f1f23f875e2571a8d6bc3cea577255d2cfe8729d8\
                  d4646badd72958bccbc96ef736af3a9cc0a4735cee8541bee27d392aeafffc3c";
    for (builder, replaced) in [(app(), true), (upstream().preset(Preset::BetterAuth), false)] {
        let app = builder.start().await;
        let (_, up) = signed_up(&app, "ada").await;
        let core = app.core();
        let account = || async {
            let id = up.body["user"]["id"].as_str().unwrap();
            core.accounts().find_credential(core.db(), id).await.unwrap().unwrap()
        };
        let tx = core.begin().await.unwrap();
        let patch = AccountPatch { password: Some(Some(stored.to_owned())), ..AccountPatch::default() };
        core.accounts().update(&tx, &account().await.id, patch).await.unwrap();
        tx.commit().await.unwrap();
        sign_in(&app, "ada", "password124").await.1.refused(401, "INVALID_EMAIL_OR_PASSWORD");
        assert_eq!(account().await.password.as_deref(), Some(stored));
        sign_in(&app, "ada", "password123").await.1.expect(200);
        assert_eq!(account().await.password.as_deref() != Some(stored), replaced);
        sign_in(&app, "ada", "password123").await.1.expect(200);
    }
}

#[tokio::test]
async fn hashes_of_other_systems_are_replaced_whatever_the_preset() {
    // Case 82. Made with Python's `bcrypt` and `argon2-cffi`.
    let bcrypt = "$2b$05$NReL4X0lHWVshseRvsYWyOrVl/Vk7jfNGl3Vzy5wQmcyy7sZY1wIi";
    let argon2 =
        "$argon2id$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$/7dC/OYlMiVAgARqynsblcoB7t7djnTxrZdGSlWkr/M";
    // Better Auth reads its own format only, so that is what is left to it.
    for (builder, ours) in [(app(), "$argon2id$v=19$"), (app().preset(Preset::BetterAuth), "")] {
        let app = builder.start().await;
        let (_, up) = signed_up(&app, "ada").await;
        let core = app.core();
        let id = up.body["user"]["id"].as_str().unwrap();
        for stored in [bcrypt, argon2] {
            let tx = core.begin().await.unwrap();
            let account = core.accounts().find_credential(&tx, id).await.unwrap().unwrap();
            let patch = AccountPatch { password: Some(Some(stored.to_owned())), ..AccountPatch::default() };
            core.accounts().update(&tx, &account.id, patch).await.unwrap();
            tx.commit().await.unwrap();
            sign_in(&app, "ada", "password124").await.1.refused(401, "INVALID_EMAIL_OR_PASSWORD");
            sign_in(&app, "ada", "password123").await.1.expect(200);
            let account = core.accounts().find_credential(core.db(), id).await.unwrap().unwrap();
            let now = account.password.unwrap();
            assert!(now != stored && now.starts_with(ours), "{now}");
            assert_eq!(now.contains(':'), ours.is_empty(), "{now}");
            sign_in(&app, "ada", "password123").await.1.expect(200);
        }
    }
}

#[tokio::test]
async fn a_hash_that_nobody_can_read_is_our_fault_and_says_nothing() {
    let app = app().start().await;
    let (_, up) = signed_up(&app, "ada").await;
    let core = app.core();
    let tx = core.begin().await.unwrap();
    let id = up.body["user"]["id"].as_str().unwrap();
    core.accounts().set_password(&tx, id, "md5:no".to_owned()).await.unwrap();
    tx.commit().await.unwrap();
    let answer = sign_in(&app, "ada", PASSWORD).await.1.expect(500);
    assert_eq!(answer.body, json!({ "message": "Internal Server Error", "code": "INTERNAL_SERVER_ERROR" }));
}

#[tokio::test]
async fn compressed_and_odd_bodies_are_not_read() {
    // Case 253.
    let app = app().start().await;
    let mut gzip = app.anon().header("content-encoding", "gzip");
    gzip.post_raw("/sign-up/email", vec![0x1f, 0x8b, 8, 0]).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let mut utf16 = app.anon().header("content-type", "application/json; charset=utf-16");
    utf16.post_raw("/sign-up/email", "{}").await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    // Case 250: of two keys with one name the last one counts, for every layer.
    let twice = "{\"name\":\"x\",\"email\":\"a@example.com\",\"email\":\"b@example.com\",\"password\":\"Correct-Horse-42\"}";
    let answer = app.anon().post_raw("/sign-up/email", twice).await.expect(200);
    assert_eq!(answer.body["user"]["email"], "b@example.com");
    app.clock().advance(Duration::from_secs(1));
}

#[tokio::test]
async fn a_cold_start_under_load() {
    // Case 308: the first hundred requests come at once.
    let app = app().start().await;
    let statuses = race(100, |at| {
        let mut actor = app.anon();
        async move {
            if at % 2 == 0 {
                actor.post("/sign-up/email", sign_up_body(&format!("u{at}"))).await.status
            } else {
                actor.get("/get-session").await.status
            }
        }
    })
    .await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
}
