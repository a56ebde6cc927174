//! How many requests a second one core takes through `JwtLayer` and the argument `Identity` (`layer`), beside
//! the bare signature check of the fastest Ed25519 libraries (`aws_lc`, `dalek`).
//!
//! `cargo run --release -p example-axum --example jwt_rate`
#![allow(unused_crate_dependencies, reason = "an example has a few of its package's")]

use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant},
};

use auth_axum::{
    Identity, JwtLayer,
    auth_core::{
        Key,
        call::Request as Call,
        serde_json::{Value, json},
    },
};
use aws_lc_rs::signature::{ED25519, ParsedPublicKey};
use axum::{body::Body, extract::Request, handler::HandlerWithoutStateExt, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use tessera::Assembly;
use tower::{Layer, Service};

/// One round of it.
macro_rules! rate {
    ($best:ident, $what:expr) => {{
        let (start, mut count) = (Instant::now(), 0_u32);
        while start.elapsed() < Duration::from_millis(100) {
            for _ in 0..64 {
                $what;
                count += 1;
            }
        }
        $best = $best.max(f64::from(count) / start.elapsed().as_secs_f64());
    }};
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let sources = example_axum::sources()
        .set("secret", "a secret that is long enough for a measurement")
        .set("database.url", "sqlite::memory:")
        .set("mail.transport", "file")
        .set("mail.outbox", "none");
    let running = Assembly::with_secret(sources)?.start().await?;
    let auth = running.auth();
    let core = auth.host().core();
    let sign: Key<Value, Value> = Key::new("signJWT");
    // As many claims as a token of `GET /token` has.
    let payload = json!({
        "iat": core.now().unix_seconds(), "name": "Ada", "email": "ada@example.com", "emailVerified": true,
        "image": null, "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
        "id": "019b76da-a800-7945-8a27-b752f9059095", "sub": "019b76da-a800-7945-8a27-b752f9059095",
        "jti": "g0y8hk1NTD2qEZtumvMAP6", "sid": "019b76da-a800-760d-9c88-8e2df8b77309",
    });
    let body = json!({ "payload": payload });
    let signed = core.call(&sign, Call::with_body(&body)?).await?;
    let token = signed.get("token").and_then(Value::as_str).ok_or("no token")?;
    let keys = core.call(&Key::<(), Value>::new("getJwks"), Call::default()).await?;
    let public = keys.pointer("/keys/0/x").and_then(Value::as_str).ok_or("no key")?;

    let (message, signature) = token.rsplit_once('.').ok_or("no signature")?;
    let (public, signature) = (URL_SAFE_NO_PAD.decode(public)?, URL_SAFE_NO_PAD.decode(signature)?);
    let aws = ParsedPublicKey::new(&ED25519, &public)?;
    let dalek = VerifyingKey::from_bytes(public.as_slice().try_into()?)?;
    let for_dalek = Signature::from_slice(&signature)?;

    let handler = (async |caller: Identity| {
        black_box(caller.user_id());
        StatusCode::OK
    })
    .into_service();
    let mut service = JwtLayer::new(&auth)?.layer(handler);
    let header = format!("Bearer {token}");
    let mut ask = async || {
        let request =
            Request::builder().uri("/").header("authorization", header.as_str()).body(Body::empty());
        let answer = service.call(request.unwrap_or_default()).await;
        answer.map_or(StatusCode::INTERNAL_SERVER_ERROR, |answer| answer.status())
    };
    if ask().await != StatusCode::OK {
        return Err("the layer does not take the token".into());
    }
    // In turns, and the best of each: what else runs on the machine only ever makes it slower.
    let (mut layer, mut aws_lc, mut dalek_rate) = (0.0_f64, 0.0_f64, 0.0_f64);
    for _ in 0..20 {
        rate!(aws_lc, black_box(aws.verify_sig(black_box(message.as_bytes()), &signature))?);
        rate!(layer, black_box(ask().await));
        rate!(dalek_rate, black_box(dalek.verify_strict(black_box(message.as_bytes()), &for_dalek))?);
    }
    println!("layer={layer:.0}\naws_lc={aws_lc:.0}\ndalek={dalek_rate:.0}");
    running.stop().await;
    Ok(())
}
