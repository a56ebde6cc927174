//! What opens for a code of an authenticator app.

use std::time::Duration;

use auth_core::{
    Means, Timestamp,
    proof::Proofs,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
    session::SessionAuthority,
};
use serde_json::json;

use crate::{Credential, World, bearer, nobody};

/// The code of an app, so many steps from now.
fn code(uri: &str, now: Timestamp, steps: u64) -> String {
    let secret = uri.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(now.unix_seconds()).unwrap() + steps * 30).to_string()
}

/// Ada's app, set up and confirmed; her session has another cookie then.
async fn enrol(world: &mut World) -> String {
    let body = r#"{"password":"Correct-Horse-42"}"#;
    let answer = world.send("POST", "/api/auth/two-factor/enable", &world.cookie, body).await.ok().json();
    let uri = answer["totpURI"].as_str().unwrap().to_owned();
    let now = world.running.host().core().now();
    let body = json!({ "code": code(&uri, now, 0) }).to_string();
    let answer = world.send("POST", "/api/auth/two-factor/verify-totp", &world.cookie, &body).await.ok();
    world.bearer = bearer(answer.headers["set-auth-token"].to_str().unwrap());
    world.cookie = answer.cookie();
    uri
}

/// Time goes by: the session, and what its user proved, is so many seconds old.
async fn age(world: &World, means: &[Means], seconds: u64) {
    let core = world.running.host().core();
    let token = world.bearer.1.split(' ').nth(1).unwrap().split('.').next().unwrap();
    let (session, _) = core.sessions().find_by_token(core.db(), token).await.unwrap().unwrap();
    let at = core.now().minus(Duration::from_secs(seconds));
    let sql = r#"UPDATE "session" SET "createdAt" = ?, "proofs" = ? WHERE "id" = ?"#;
    let values = [at.into(), Proofs::of(means, at).to_string().into(), session.id.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    core.db().execute_raw(statement).await.unwrap();
    core.services().get::<dyn SessionAuthority>().unwrap().forget(core, token).await;
}

async fn jwt(world: &World) -> Credential {
    let token = world.send("GET", "/api/auth/token", &world.bearer, "").await.ok().json();
    bearer(token["token"].as_str().unwrap())
}

#[tokio::test]
async fn the_vault_opens_for_five_minutes_after_a_code() {
    let mut world = World::new().await;
    world.send("GET", "/vault", &nobody(), "").await.refused(401, "UNAUTHORIZED");
    for credential in [&world.cookie, &world.bearer, &world.jwt] {
        world.send("GET", "/vault", credential, "").await.refused(403, "SECOND_FACTOR_REQUIRED");
    }
    let uri = enrol(&mut world).await;
    for credential in [&world.cookie, &world.bearer, &jwt(&world).await] {
        assert!(world.send("GET", "/vault", credential, "").await.ok().text.contains("first edition"));
    }
    age(&world, &[Means::PASSWORD, Means::OTP], 301).await;
    for credential in [&world.bearer, &jwt(&world).await] {
        world.send("GET", "/vault", credential, "").await.refused(403, "SECOND_FACTOR_REQUIRED");
    }
    // The next code opens it again.
    let body = json!({ "code": code(&uri, world.running.host().core().now(), 1) }).to_string();
    world.send("POST", "/api/auth/two-factor/verify-totp", &world.bearer, &body).await.ok();
    for credential in [&world.bearer, &jwt(&world).await] {
        world.send("GET", "/vault", credential, "").await.ok();
    }
    world.running.stop().await;
}

#[tokio::test]
async fn a_token_says_when_the_code_was_given() {
    let world = World::new().await;
    let now = world.running.host().core().now().unix_seconds();
    for (amr, at, opens) in [
        (json!(["pwd", "otp", "mfa"]), now - 1, true),
        (json!(["pwd", "otp", "mfa"]), now - 302, false),
        (json!(["pwd", "mfa"]), now - 1, false),
        (json!(["otp"]), now - 1, false),
    ] {
        let token = world.signed(json!({ "sub": "ada", "amr": amr, "auth_time": at })).await;
        let answer = world.send("GET", "/vault", &token, "").await;
        if opens {
            answer.ok();
        } else {
            answer.refused(403, "SECOND_FACTOR_REQUIRED");
        }
    }
    world.running.stop().await;
}

#[tokio::test]
async fn the_book_is_torn_up_by_who_proved_something_lately() {
    let mut world = World::new().await;
    let uri = enrol(&mut world).await;
    // A browser without the cookie that vouches for the session of before.
    let only_token =
        world.cookie.1.split("; ").find(|cookie| cookie.contains("session_token")).unwrap().to_owned();
    let cookie = ("cookie", only_token);
    world.send("DELETE", "/", &cookie, "").await.ok();
    age(&world, &[Means::PASSWORD, Means::OTP], 7200).await;
    world.send("DELETE", "/", &cookie, "").await.refused(403, "SESSION_NOT_FRESH");
    let body = json!({ "code": code(&uri, world.running.host().core().now(), 1) }).to_string();
    world.send("POST", "/api/auth/two-factor/verify-totp", &cookie, &body).await.ok();
    world.send("DELETE", "/", &cookie, "").await.ok();
    world.running.stop().await;
}
