//! Tokens that are none.

use auth_core::crypto::{Secret, jwt::sign_hs256};
use auth_testkit::{Value, json};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use crate::{
    app,
    support::{Insider, decode, encode, good_claims, verify},
};

#[tokio::test]
async fn the_forger_could_sign() {
    // What the other tests change is what makes the difference.
    let app = app().start().await;
    let insider = Insider::of(&app).await;
    let token = insider.sign(&good_claims(&app).to_string());
    assert!(verify(&app, &token).await.is_object());
}

#[tokio::test]
async fn without_a_signature() {
    // Case 155.
    let app = app().start().await;
    let insider = Insider::of(&app).await;
    let claims = good_claims(&app).to_string();
    for alg in ["none", "None", "nOnE", "NONE", "", "EdDSA", "eddsa", "Ed25519", "HS256"] {
        let header = json!({ "alg": alg, "kid": insider.kid }).to_string();
        let bare = format!("{}.{}", encode(&header), encode(&claims));
        for token in
            [bare.clone(), format!("{bare}."), format!("{bare}.AA"), format!("{bare}.{}", encode([0; 64]))]
        {
            assert_eq!(verify(&app, &token).await, Value::Null, "{alg} {token}");
        }
        if alg != "EdDSA" {
            // Even a signature that is right counts in its own way only.
            assert_eq!(verify(&app, &insider.sign_text(&header, &claims)).await, Value::Null, "{alg}");
        }
    }
    for alg in [json!(null), json!(0), json!(["EdDSA"]), json!({ "alg": "EdDSA" })] {
        let header = json!({ "alg": alg, "kid": insider.kid }).to_string();
        assert_eq!(verify(&app, &insider.sign_text(&header, &claims)).await, Value::Null, "{header}");
    }
    let header = json!({ "kid": insider.kid }).to_string();
    assert_eq!(verify(&app, &insider.sign_text(&header, &claims)).await, Value::Null);
}

#[tokio::test]
async fn signed_with_what_is_public() {
    // Case 155: the public key as an HMAC secret, in every form that it is published in.
    let app = app().start().await;
    let insider = Insider::of(&app).await;
    let keys = app.anon().get("/jwks").await;
    let key = &keys.body["keys"][0];
    let raw = decode(key["x"].as_str().unwrap());
    let claims = good_claims(&app).as_object().unwrap().clone();
    let kid = json!({ "kid": insider.kid }).as_object().unwrap().clone();
    let forms =
        [key["x"].as_str().unwrap().to_owned(), key.to_string(), keys.text.clone(), insider.kid.clone()];
    for secret in forms.iter().cloned().chain([String::from_utf8_lossy(&raw).into_owned()]) {
        let token = sign_hs256(&claims, Some(&kid), &Secret::from(secret));
        assert_eq!(verify(&app, &token).await, Value::Null);
    }
}

#[tokio::test]
async fn hostile_key_ids() {
    // Case 157.
    let app = app().start().await;
    let insider = Insider::of(&app).await;
    let claims = good_claims(&app).to_string();
    let long = "k".repeat(10_240);
    for kid in [
        json!("../../dev/null"),
        json!("/dev/null"),
        json!("' OR 1=1--"),
        json!("https://evil.example/jwks.json"),
        json!(long),
        json!(""),
        json!("lock"),
        json!("\u{0}"),
        json!(1),
        json!(null),
        json!([insider.kid]),
        json!({ "kid": insider.kid }),
        json!(insider.kid.to_uppercase()),
        json!(format!("{} ", insider.kid)),
    ] {
        let header = json!({ "alg": "EdDSA", "kid": kid }).to_string();
        assert_eq!(verify(&app, &insider.sign_text(&header, &claims)).await, Value::Null, "{kid}");
    }
    assert_eq!(verify(&app, &insider.sign_text(r#"{"alg":"EdDSA"}"#, &claims)).await, Value::Null);
}

#[tokio::test]
async fn a_thousand_unknown_keys_read_the_table_once() {
    // Case 157.
    let app = app().start().await;
    let insider = Insider::of(&app).await;
    let claims = good_claims(&app).to_string();
    app.clock().advance(std::time::Duration::from_secs(10));
    let flood = async {
        for at in 0..1000 {
            let header = json!({ "alg": "EdDSA", "kid": format!("unknown-{at}") }).to_string();
            assert_eq!(verify(&app, &insider.sign_text(&header, &claims)).await, Value::Null);
        }
    };
    assert!(app.statements(flood).await.1 <= 1);
}

#[tokio::test]
async fn keys_in_the_header_are_not_used() {
    // Case 158.
    let app = app().start().await;
    let insider = Insider::of(&app).await;
    let claims = good_claims(&app).to_string();
    let stranger = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(stranger.public_key()) });
    let forger = Insider { kid: insider.kid.clone(), pair: stranger };
    let further = [
        json!({ "jwk": jwk }),
        json!({ "jku": "http://127.0.0.1:1/jwks.json" }),
        json!({ "x5u": "http://127.0.0.1:1/cert.pem" }),
        json!({ "x5c": [encode("no certificate")] }),
    ];
    for further in further {
        for kid in [json!(insider.kid), json!("another")] {
            let mut header = json!({ "alg": "EdDSA", "kid": kid });
            header.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
            let token = forger.sign_text(&header.to_string(), &claims);
            assert_eq!(verify(&app, &token).await, Value::Null, "{header}");
        }
    }
    // An address that nobody asks does no harm to a genuine token.
    let header = json!({ "alg": "EdDSA", "kid": insider.kid, "jku": "http://127.0.0.1:1/jwks.json" });
    assert!(verify(&app, &insider.sign_text(&header.to_string(), &claims)).await.is_object());
    for further in
        [json!({ "crit": ["exp"] }), json!({ "crit": [] }), json!({ "b64": false, "crit": ["b64"] })]
    {
        let mut header = json!({ "alg": "EdDSA", "kid": insider.kid });
        header.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        assert_eq!(
            verify(&app, &insider.sign_text(&header.to_string(), &claims)).await,
            Value::Null,
            "{header}"
        );
    }
}

#[tokio::test]
async fn times_and_their_edges() {
    // Case 160.
    for leeway in [0, 30, 60] {
        let app = app().set("plugins.jwt.leeway", leeway).start().await;
        let insider = Insider::of(&app).await;
        let now = app.core().now().unix_seconds();
        let edges = [
            ("exp", json!(now - leeway), false),
            ("exp", json!(now - leeway + 1), true),
            ("exp", json!(f64::from(u32::try_from(now).unwrap()) + 0.5), true),
            ("exp", json!(1e300), true),
            ("exp", json!(u64::MAX), true),
            ("exp", json!(i64::MIN), false),
            ("exp", json!(-1), false),
            ("exp", json!(0), false),
            ("exp", json!((now + 900).to_string()), false),
            ("exp", json!(null), false),
            ("exp", json!([now + 900]), false),
            ("nbf", json!(now + leeway), true),
            ("nbf", json!(now + leeway + 1), false),
            ("nbf", json!("0"), false),
            ("nbf", json!(null), false),
            ("iat", json!(now + 60), true),
            ("iat", json!(now + 61), false),
            ("iat", json!("0"), false),
            ("iat", json!(-1e300), true),
        ];
        for (claim, value, counts) in edges {
            let mut claims = good_claims(&app);
            claims[claim] = value.clone();
            let verdict = verify(&app, &insider.sign(&claims.to_string())).await;
            assert_eq!(verdict.is_object(), counts, "{claim} {value} with {leeway}");
        }
        let mut claims = good_claims(&app);
        claims.as_object_mut().unwrap().remove("exp");
        assert_eq!(verify(&app, &insider.sign(&claims.to_string())).await, Value::Null);
        let text = good_claims(&app).to_string();
        for number in ["1e309", "-1e309", "1e999999", "NaN", "Infinity", "99999999999999999999"] {
            let text = text.replace(&format!("\"exp\":{}", now + 900), &format!("\"exp\":{number}"));
            let counts = number.starts_with('9');
            assert_eq!(verify(&app, &insider.sign(&text)).await.is_object(), counts, "{number}");
        }
    }
}

#[tokio::test]
async fn for_somebody_else() {
    // Case 161.
    let app = app().start().await;
    let insider = Insider::of(&app).await;
    let ours = "https://auth.example.com";
    for (claim, value, counts) in [
        ("aud", json!(ours), true),
        ("aud", json!([ours]), true),
        ("aud", json!(["https://other.example", ours]), true),
        ("aud", json!("https://other.example"), false),
        ("aud", json!([]), false),
        ("aud", json!([[ours]]), false),
        ("aud", json!(null), false),
        ("aud", json!(format!("{ours}/")), false),
        ("aud", json!({ "0": ours }), false),
        ("iss", json!(format!("{ours}/")), false),
        ("iss", json!("HTTPS://AUTH.EXAMPLE.COM"), false),
        ("iss", json!("https://auth.example.com.evil.example"), false),
        ("iss", json!([ours]), false),
        ("iss", json!(null), false),
        ("sub", json!(""), false),
        ("sub", json!(null), false),
        ("sub", json!(1), false),
    ] {
        let mut claims = good_claims(&app);
        claims[claim] = value.clone();
        let verdict = verify(&app, &insider.sign(&claims.to_string())).await;
        assert_eq!(verdict.is_object(), counts, "{claim} {value}");
        let mut claims = good_claims(&app);
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(verify(&app, &insider.sign(&claims.to_string())).await, Value::Null, "no {claim}");
    }
}

#[tokio::test]
async fn other_shapes() {
    let app = app().start().await;
    let insider = Insider::of(&app).await;
    let good = insider.sign(&good_claims(&app).to_string());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let mut texts = vec![
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "garbage".to_owned(),
        "é.é.é".to_owned(),
        signed.to_owned(),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.a.b"),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}\n"),
        format!("{good}="),
        format!("{header}=.{claims}.{signature}"),
        format!("{header}.{claims}=.{signature}"),
        format!("{header}.{claims}.{}", signature.replace(['-', '_'], "+")),
        format!("Bearer {good}"),
        format!("{}.{claims}.{signature}", encode("{")),
        format!("{}.{claims}.{signature}", encode("[]")),
        format!("{}.{claims}.{signature}", encode("[".repeat(20_000))),
        insider.sign("[]"),
        insider.sign("null"),
        insider.sign(""),
        insider.sign(&"[".repeat(20_000)),
        // A JWE where a JWS belongs.
        format!(
            "{}..{}.{}.{}",
            encode(r#"{"alg":"dir","enc":"A256GCM"}"#),
            encode([0; 12]),
            encode("x"),
            encode([0; 16])
        ),
    ];
    // Whoever reads the first `sub` and whoever reads the last see different people.
    let twice = good_claims(&app).to_string().replacen('{', r#"{"sub":"root","#, 1);
    texts.push(insider.sign(&twice));
    texts.push(insider.sign(&twice.replace(r#""sub":"root""#, r#""\u0073ub":"root""#)));
    // A token of 100 KB, genuine or not.
    let mut large = good_claims(&app);
    large["filler"] = json!("x".repeat(100_000));
    texts.push(insider.sign(&large.to_string()));
    texts.push("a".repeat(100_000));
    texts.push(".".repeat(100_000));
    for text in texts {
        assert_eq!(verify(&app, &text).await, Value::Null, "{text:.200}");
    }
    assert!(verify(&app, &good).await.is_object());
}

#[tokio::test]
async fn every_changed_byte_is_refused() {
    let app = app().start().await;
    let insider = Insider::of(&app).await;
    let good = insider.sign(&good_claims(&app).to_string());
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(verify(&app, &text).await, Value::Null, "{at}");
    }
}
