//! How many verifications a second one core makes with the key in the cache (`rate`), beside the bare
//! signature check of the same library (`raw`) and of aws-lc-rs (`aws_lc`).
//!
//! `cargo run --release -p auth-verify --example verify_rate`

use std::{error::Error, hint::black_box, sync::Arc, time::Duration};

use auth_verify::{Clock, Fetch, FetchFuture, Verifier};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::json;
use tokio::time::Instant;

const ORIGIN: &str = "https://auth.example.com";
const NOW: u64 = 1_800_000_000;

struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::from_secs(NOW)
    }
}

struct Keys(Vec<u8>);

impl Fetch for Keys {
    fn fetch<'a>(&'a self, _: &'a str, _: usize) -> FetchFuture<'a> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

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
        $best = $best.max((f64::from(count) / start.elapsed().as_secs_f64()) as u32);
    }};
}

#[tokio::main(flavor = "current_thread")]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is a small whole number")]
async fn main() -> Result<(), Box<dyn Error>> {
    let key = SigningKey::from_bytes(&[1; 32]);
    let public = key.verifying_key();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let header = json!({ "alg": "EdDSA", "kid": "k1" }).to_string();
    let claims = json!({ "iat": NOW, "name": "Ada", "email": "ada@example.com", "emailVerified": true,
        "image": null, "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
        "id": "u1", "sub": "u1", "exp": NOW + 900, "iss": ORIGIN, "aud": ORIGIN });
    let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = key.sign(signed.as_bytes());
    let token = format!("{signed}.{}", encode(&signature.to_bytes()));

    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": encode(public.as_bytes()) });
    let keys = json!({ "keys": [jwk] }).to_string().into_bytes();
    let builder = Verifier::builder(ORIGIN, ORIGIN, format!("{ORIGIN}/api/auth/jwks"));
    let verifier = builder.clock(Arc::new(Still)).fetcher(Arc::new(Keys(keys))).build()?;
    verifier.verify_untyped(&token).await?;

    let aws = aws_lc_rs::signature::ParsedPublicKey::new(&aws_lc_rs::signature::ED25519, public.as_bytes())?;
    let bytes = signature.to_bytes();
    // In turns, and the best of each: what else runs on the machine only ever makes it slower.
    let (mut rate, mut raw, mut aws_lc) = (0, 0, 0);
    for _ in 0..20 {
        rate!(raw, black_box(public.verify_strict(black_box(signed.as_bytes()), &signature))?);
        rate!(rate, black_box(verifier.verify_untyped(black_box(&token)).await)?);
        rate!(aws_lc, black_box(aws.verify_sig(black_box(signed.as_bytes()), &bytes))?);
    }
    println!("rate={rate}\nraw={raw}\naws_lc={aws_lc}");
    Ok(())
}
