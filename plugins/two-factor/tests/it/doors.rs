//! Every endpoint that can make a session, or hand one over, on a host where everybody has to have a second
//! factor: nothing that signs anybody in leaves before it was proved.

use std::collections::BTreeSet;

use auth_plugin_account::AccountPlugin;
use auth_plugin_api_key::ApiKey;
use auth_plugin_bearer::Bearer;
use auth_plugin_email_password::EmailPassword;
use auth_plugin_jwt::Jwt;
use auth_plugin_multi_session::MultiSession;
use auth_plugin_organization::OrganizationPlugin;
use auth_plugin_session::SessionPlugin;
use auth_plugin_two_factor::TwoFactor;
use auth_testkit::{
    Actor, Answer, TestApp, Value,
    auth_core::{crypto::decode_component, endpoint::Tag, model::UserPatch},
    json,
};

use crate::support::{PASSWORD, challenged, code_of, email, next_step, sessions, verify_totp, wrong_code};

async fn house() -> TestApp {
    TestApp::builder()
        .plugin::<SessionPlugin>()
        .plugin::<EmailPassword>()
        .plugin::<AccountPlugin>()
        .plugin::<Bearer>()
        .plugin::<Jwt>()
        .plugin::<ApiKey>()
        .plugin::<OrganizationPlugin>()
        .plugin::<MultiSession>()
        .plugin::<TwoFactor>()
        .set("plugins.session.cookie_cache.enabled", true)
        .set("plugins.email-password.auto_sign_in_after_verification", true)
        .set("plugins.two-factor.required.everyone", true)
        .start()
        .await
}

/// Somebody with a confirmed app, who is signed in nowhere but in this browser.
async fn resident(app: &TestApp) -> (Actor, String) {
    let mut ada = app.anon();
    let body = json!({ "name": "ada", "email": email("ada"), "password": PASSWORD });
    ada.post("/sign-up/email", body).await.expect(200);
    let body = ada.post("/two-factor/enable", json!({})).await.expect(200).body;
    let uri = body["totpURI"].as_str().unwrap().to_owned();
    verify_totp(&mut ada, &code_of(&uri, app.core().now())).await.expect(200);
    next_step(app);
    (ada, uri)
}

/// Every text in an answer: in its body, its headers and its cookies, whole and in parts.
fn texts(answer: &Answer) -> BTreeSet<String> {
    fn walk(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => drop(into.insert(text.clone())),
            Value::Array(list) => list.iter().for_each(|value| walk(value, into)),
            Value::Object(map) => map.values().for_each(|value| walk(value, into)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(&answer.body, &mut found);
    let headers = answer.headers.values().filter_map(|value| value.to_str().ok());
    for text in headers {
        let parts =
            text.split([';', '=', '?', '&', ',', ' ']).map(|part| decode_component(part).into_owned());
        found.extend(parts.chain([text.to_owned()]));
    }
    found.retain(|text| text.len() > 8);
    found
}

/// Whether a text signs somebody in, in any place where one can present it.
async fn signs_in(app: &TestApp, text: &str) -> bool {
    let core = app.core();
    let signed = core.signer().sign(text);
    let is_session = async |mut actor: Actor| !actor.get("/get-session").await.body["user"].is_null();
    let cookie = |value: &str| {
        let mut actor = app.anon();
        actor.set_cookie(&core.settings().cookies.name("session_token"), value);
        actor
    };
    let header = |name: &str, value: &str| {
        auth_core::http::HeaderValue::try_from(value).is_ok().then(|| app.anon().header(name, value))
    };
    let mut actors = vec![cookie(&signed), cookie(&auth_core::crypto::encode_component(text))];
    actors.extend(header("authorization", &format!("Bearer {text}")));
    actors.extend(header("authorization", &format!("Bearer {}", decode_component(&signed))));
    actors.extend(header("x-api-key", text));
    for actor in actors {
        if is_session(actor).await {
            return true;
        }
    }
    let body = json!({ "refreshToken": text });
    app.anon().header("origin", "").post("/token/refresh", body).await.status == 200
}

/// No answer and no browser has anything that signs anybody in.
async fn nothing_left(app: &TestApp, id: &str, before: i64, tries: Vec<(Actor, Answer)>) {
    assert!(!tries.is_empty(), "{id} was not tried");
    assert_eq!(sessions(app).await, before, "{id} made a row");
    for (mut browser, answer) in tries {
        for name in ["session_token", "session_data"] {
            let set = answer.set_cookies().into_iter().filter(|line| line.contains(name));
            assert!(set.into_iter().all(|line| line.contains("Max-Age=0")), "{id} sets {name}");
        }
        for name in ["set-auth-token", "set-auth-jwt"] {
            assert_eq!(answer.header(name), None, "{id} sends {name}");
        }
        for text in texts(&answer) {
            assert!(!signs_in(app, &text).await, "{id} hands over {text}");
        }
        let body = browser.get("/get-session").await;
        assert_eq!(body.body, Value::Null, "{id} has signed somebody in");
        assert_eq!(body.header("set-auth-jwt"), None);
        assert_eq!(browser.get("/token").await.status, 401, "{id} leads to a token");
        assert_eq!(browser.post("/token/pair", json!({})).await.status, 401, "{id} leads to a pair");
        assert_eq!(browser.post("/api-key/create", json!({})).await.status, 401, "{id} leads to a key");
    }
    assert_eq!(sessions(app).await, before, "{id} led to a row");
}

/// Tries an endpoint without the second factor, by everything that somebody with the password and the mailbox
/// has; `passed` is a browser that proved it before. `None` for an endpoint that nobody has thought about yet.
async fn without_factor(
    app: &TestApp,
    (passed, uri): (&Actor, &str),
    id: &str,
) -> Option<Vec<(Actor, Answer)>> {
    let mut waiting = challenged(app, "ada").await;
    let mut tries = Vec::new();
    let mut post = async |mut browser: Actor, path: &str, body: Value| {
        let answer = browser.post(path, body).await;
        tries.push((browser, answer));
    };
    let password = json!({ "password": PASSWORD });
    match id {
        "signInEmail" => {
            for remember in [true, false] {
                let body = json!({
                    "email": email("ada"), "password": PASSWORD, "rememberMe": remember, "callbackURL": "/home"
                });
                post(app.anon(), "/sign-in/email", body.clone()).await;
                post(app.anon(), "/login", body).await;
            }
        }
        "signUpEmail" => {
            for path in ["/sign-up/email", "/register"] {
                let body = json!({ "name": "x", "email": format!("x{}@example.com", path.len()), "password": PASSWORD });
                post(app.anon(), path, body).await;
            }
        }
        "changePassword" => {
            let body = json!({
                "currentPassword": PASSWORD, "newPassword": "Another-Horse-43", "revokeOtherSessions": true
            });
            post(app.anon(), "/change-password", body.clone()).await;
            post(waiting, "/change-password", body).await;
        }
        "verifyEmail" => {
            for callback in ["", "&callbackURL=/home"] {
                let ada =
                    app.core().users().find_by_email(app.core().db(), &email("ada")).await.unwrap().unwrap();
                app.change_user(&ada.id, UserPatch { email_verified: Some(false), ..UserPatch::default() })
                    .await;
                app.anon()
                    .post("/send-verification-email", json!({ "email": email("ada") }))
                    .await
                    .expect(200);
                let letter = app.mailbox().last("verify-email", &email("ada")).unwrap();
                let mut browser = app.anon();
                let path =
                    format!("/verify-email?token={}{callback}", letter.data["token"].as_str().unwrap());
                let answer = browser.get(&path).await;
                assert!([200, 302].contains(&answer.status), "the link works: {}", answer.text);
                assert!(browser.cookie("two_factor").is_some(), "and leads to the second factor");
                tries.push((browser, answer));
            }
        }
        "enableTwoFactor" | "disableTwoFactor" => {
            let path = if id == "enableTwoFactor" { "/two-factor/enable" } else { "/two-factor/disable" };
            post(app.anon(), path, password.clone()).await;
            post(waiting.clone(), path, password).await;
            post(waiting, path, json!({ "method": "otp" })).await;
        }
        "verifyTOTP" => {
            for code in [
                wrong_code(app, uri),
                code_of(uri, app.core().now().minus(std::time::Duration::from_secs(30))),
            ] {
                post(
                    waiting.clone(),
                    "/two-factor/verify-totp",
                    json!({ "code": code, "trustDevice": true }),
                )
                .await;
            }
            post(app.anon(), "/two-factor/verify-totp", json!({ "code": code_of(uri, app.core().now()) }))
                .await;
        }
        "verifyTwoFactorOTP" => {
            waiting.post("/two-factor/send-otp", json!({})).await.expect(200);
            for code in ["", "0", "x00000"] {
                post(waiting.clone(), "/two-factor/verify-otp", json!({ "code": code })).await;
            }
        }
        "verifyBackupCode" => {
            for code in ["", "aaaaa-bbbbb"] {
                post(waiting.clone(), "/two-factor/verify-backup-code", json!({ "code": code })).await;
            }
        }
        "setActiveSession" | "revokeDeviceSession" => {
            let action = if id == "setActiveSession" { "set-active" } else { "revoke" };
            let path = format!("/multi-session/{action}");
            // Of a session that has passed, its token is known and its cookie is not.
            let (cookie, value) = passed.cookie_pair("session_token").expect("a session");
            let token = decode_component(&value).split('.').next().unwrap().to_owned();
            for browser in [app.anon(), waiting.clone()] {
                post(browser, &path, json!({ "sessionToken": token })).await;
            }
            waiting
                .set_cookie(&format!("{cookie}_multi-{}", token.to_lowercase()), &format!("{token}.forged"));
            post(waiting, &path, json!({ "sessionToken": token })).await;
        }
        _ => return None,
    }
    Some(tries)
}

#[tokio::test]
async fn no_door_gives_a_credential_before_the_second_factor() {
    // Case 128.
    let app = house().await;
    let ids: Vec<_> = app.host().tagged(Tag::ISSUES_SESSION).collect();
    assert!(ids.len() >= 11, "{ids:?}");
    for id in ids {
        // A house of its own: what one door leaves must not keep the next one shut.
        let app = house().await;
        let (passed, uri) = resident(&app).await;
        let before = sessions(&app).await;
        let tries = without_factor(&app, (&passed, &uri), id).await;
        let tries =
            tries.unwrap_or_else(|| panic!("no driver for {id}: it issues sessions, so it needs one here"));
        nothing_left(&app, id, before, tries).await;
    }
}

#[tokio::test]
async fn the_test_would_notice_a_credential() {
    let app = house().await;
    let (mut ada, _) = resident(&app).await;
    let answer = ada.get("/get-session").await.expect(200);
    let mut found = 0;
    for text in texts(&answer) {
        found += usize::from(signs_in(&app, &text).await);
    }
    assert!(found > 0, "the token in {}", answer.text);
}

#[tokio::test]
async fn a_changed_password_gives_a_session_to_who_has_passed() {
    let app = house().await;
    let (mut ada, _) = resident(&app).await;
    let body = json!({
        "currentPassword": PASSWORD, "newPassword": "Another-Horse-43", "revokeOtherSessions": true
    });
    let mut thief = app.anon();
    thief.post("/change-password", body.clone()).await.refused(401, "UNAUTHORIZED");
    let answer = ada.post("/change-password", body).await.expect(200);
    let token = answer.body["token"].as_str().unwrap();
    let (session, _) = app.core().sessions().find_by_token(app.core().db(), token).await.unwrap().unwrap();
    assert!(session.proofs().is_multi_factor(), "what was proved before counts on");
    assert_eq!(sessions(&app).await, 1);
}
