//! Everything that is no token.

use std::sync::OnceLock;

use auth_verify::{Algorithm, VerifyError};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{Answer, ISSUER, KeyServer, NOW, Signing, World, claims, encode};

async fn refused(world: &World, token: &str) -> VerifyError {
    let shown: String = token.chars().take(120).collect();
    match world.verifier.verify_untyped(token).await {
        Ok(_) => panic!("accepted: {shown}"),
        Err(error) => error,
    }
}

/// The good header with changes, under a good signature.
fn with_header(world: &World, changes: Value) -> String {
    let mut header = world.key.header();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            header.as_object_mut().unwrap().remove(name);
        } else {
            header[name] = value.clone();
        }
    }
    world.key.sign(&header.to_string(), &claims().to_string())
}

fn with_claim(world: &World, name: &str, value: Option<Value>) -> String {
    let mut claims = claims();
    match value {
        Some(value) => claims[name] = value,
        None => drop(claims.as_object_mut().unwrap().remove(name)),
    }
    world.key.token(&claims)
}

#[tokio::test]
async fn good_tokens_are_read() {
    #[derive(Debug, Deserialize)]
    struct Profile {
        email: String,
    }
    #[derive(Debug, Deserialize)]
    struct Other {
        #[expect(dead_code, reason = "it is never there")]
        roles: Vec<String>,
    }
    let world = World::new().await;
    let found = world.verifier.verify::<Profile>(&world.key.good()).await.unwrap();
    assert_eq!((found.sub.as_str(), found.iss.as_str()), ("u1", ISSUER));
    assert_eq!((found.aud, found.exp), (vec![ISSUER.to_owned()], NOW + 900));
    assert_eq!((found.iat, found.nbf, found.jti), (Some(NOW), None, None));
    assert_eq!(found.extra.email, "ada@example.com");
    let raw = world.verifier.verify_untyped(&world.key.good()).await.unwrap();
    assert_eq!(Value::Object(raw.extra), json!({ "name": "Ada", "email": "ada@example.com", "id": "u1" }));
    let other = world.verifier.verify::<Other>(&world.key.good()).await;
    assert_eq!(other.unwrap_err(), VerifyError::Extra);
    let typed = with_header(&world, json!({ "typ": "JWT" }));
    world.verifier.verify_untyped(&typed).await.unwrap();
}

#[tokio::test]
async fn the_algorithm_is_the_keys() {
    // Case 155.
    let world = World::new().await;
    let (_, payload) = (0, encode(claims().to_string().as_bytes()));
    for alg in
        ["none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "eddsa", "EdDSA ", "RS1", "ES256K"]
    {
        let token = with_header(&world, json!({ "alg": alg }));
        assert_eq!(refused(&world, &token).await, VerifyError::Algorithm, "{alg}");
        let header = encode(json!({ "alg": alg, "kid": "k1" }).to_string().as_bytes());
        assert_eq!(refused(&world, &format!("{header}.{payload}.")).await, VerifyError::Algorithm, "{alg}");
    }
    for alg in [json!(null), json!(1), json!(["EdDSA"])] {
        let token = with_header(&world, json!({ "alg": alg }));
        assert_eq!(refused(&world, &token).await, VerifyError::Algorithm);
    }
    for alg in ["ES256", "ES512", "RS256", "PS256"] {
        let token = with_header(&world, json!({ "alg": alg }));
        assert_eq!(refused(&world, &token).await, VerifyError::AlgorithmMismatch, "{alg}");
    }
    let good = world.key.good();
    let (signed, _) = good.rsplit_once('.').unwrap();
    for signature in ["", "AA", &encode(&[0; 64]), &encode(&[0; 63]), &encode(&[255; 64]), &encode(&[1; 65])]
    {
        assert_eq!(refused(&world, &format!("{signed}.{signature}")).await, VerifyError::Signature);
    }
    // The same id, another key.
    assert_eq!(refused(&world, &Signing::new("k1", 9).good()).await, VerifyError::Signature);
    let narrow = World::with(|b| b.algorithms([Algorithm::Es256])).await;
    assert_eq!(refused(&narrow, &narrow.key.good()).await, VerifyError::Algorithm);
}

#[tokio::test]
async fn the_id_of_a_key_is_only_looked_up() {
    // Case 157.
    let world = World::new().await;
    let long = "k".repeat(10 * 1024);
    for kid in [json!(null), json!(""), json!(1), json!(["k1"]), json!({ "k1": 1 }), json!(long)] {
        let token = with_header(&world, json!({ "kid": kid }));
        assert_eq!(refused(&world, &token).await, VerifyError::Header("no id of a key"));
    }
    assert_eq!(world.server.fetches(), 0);
    for kid in ["../../dev/null", "' OR 1=1--", "http://127.0.0.1/", "K1", "k1 ", "k1\0", "${jndi:x}"] {
        let token = with_header(&world, json!({ "kid": kid }));
        assert_eq!(refused(&world, &token).await, VerifyError::UnknownKey, "{kid}");
    }
    assert_eq!(world.server.fetches(), 1);
}

#[tokio::test]
async fn keys_in_the_header_are_not_read() {
    // Case 158.
    let world = World::new().await;
    let forger = Signing::new("k1", 9);
    let elsewhere = KeyServer::start(Answer::Keys(json!([forger.jwk()]))).await;
    for (name, value) in [
        ("jku", json!(elsewhere.url())),
        ("x5u", json!(elsewhere.url())),
        ("x5c", json!(["MIIB"])),
        ("jwk", forger.jwk()),
    ] {
        let mut header = forger.header();
        header[name] = value.clone();
        let forged = forger.sign(&header.to_string(), &claims().to_string());
        assert_eq!(refused(&world, &forged).await, VerifyError::Signature, "{name}");
        let token = with_header(&world, json!({ name: value }));
        world.verifier.verify_untyped(&token).await.unwrap();
    }
    assert_eq!((elsewhere.fetches(), world.server.fetches()), (0, 1));
}

#[tokio::test]
async fn odd_headers_are_refused() {
    let world = World::new().await;
    for changes in [
        json!({ "crit": ["exp"] }),
        json!({ "crit": [] }),
        json!({ "b64": false, "crit": ["b64"] }),
        json!({ "b64": false }),
        json!({ "b64": true }),
        json!({ "typ": "secevent+jwt" }),
        json!({ "typ": 1 }),
    ] {
        let token = with_header(&world, changes.clone());
        assert!(matches!(refused(&world, &token).await, VerifyError::Header(_)), "{changes}");
    }
    for header in [
        r#"{"alg":"EdDSA","alg":"EdDSA","kid":"k1"}"#,
        r#"{"alg":"EdDSA","kid":"k1","kid":"k1"}"#,
        r#"{"alg":"EdDSA","kid":"k1","x":{"y":1,"y":1}}"#,
        r#"[{"alg":"EdDSA","kid":"k1"}]"#,
        r#""EdDSA""#,
        "",
        "\u{feff}{}",
    ] {
        let token = world.key.sign(header, &claims().to_string());
        assert!(matches!(refused(&world, &token).await, VerifyError::Header(_)), "{header}");
    }
    assert_eq!(world.server.fetches(), 0);
    let typed = World::with(|b| b.typ("at+jwt")).await;
    assert!(matches!(refused(&typed, &typed.key.good()).await, VerifyError::Header(_)));
    let token = with_header(&typed, json!({ "typ": "at+jwt" }));
    typed.verifier.verify_untyped(&token).await.unwrap();
}

#[tokio::test]
async fn there_is_one_way_to_write_a_token() {
    let world = World::new().await;
    let good = world.key.good();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    // The last character of 64 bytes carries four bits that are left over.
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (start, last) = signature.split_at(signature.len() - 1);
    let sibling = letters.chars().nth(letters.find(last).unwrap() + 1).unwrap();
    for token in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!("{good}="),
        format!("{good}=="),
        format!("{signed}.{start}{sibling}"),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}\n"),
        format!("{header}.{payload}\n.{signature}"),
        format!("{header} .{payload}.{signature}"),
        format!("Bearer {good}"),
        format!("{good}."),
        format!(".{good}"),
        signed.to_owned(),
        format!("{header}..{signature}"),
        format!("{header}.{payload}.{signature}.AA.AA"),
        good.replacen('e', "%65", 1),
        good.replace('.', "。"),
        format!("{good}\0"),
    ] {
        refused(&world, &token).await;
    }
    let jwe = encode(br#"{"alg":"dir","enc":"A256GCM"}"#) + "..AAAA.AAAA.AAAA";
    assert!(matches!(refused(&world, &jwe).await, VerifyError::Malformed(_)));
    let padded = |size| with_claim(&world, "padding", Some(json!("x".repeat(size))));
    world.verifier.verify_untyped(&padded(11_000)).await.unwrap();
    for size in [13_000, 75_000] {
        assert_eq!(refused(&world, &padded(size)).await, VerifyError::Malformed("too long"));
    }
}

#[tokio::test]
async fn claims_are_said_once() {
    let world = World::new().await;
    let text = claims().to_string();
    for (from, to) in [
        ("\"sub\":\"u1\"", "\"sub\":\"u1\",\"sub\":\"u2\""),
        ("\"sub\":\"u1\"", "\"sub\":\"u1\",\"s\\u0075b\":\"u1\""),
        ("\"id\":\"u1\"", "\"id\":\"u1\",\"id\":\"u1\""),
    ] {
        let token = world.key.sign(&world.key.header().to_string(), &text.replace(from, to));
        assert!(matches!(refused(&world, &token).await, VerifyError::Malformed(_)));
    }
    for claims in ["", "[]", "null", "{}{}", "{\"exp\":", "\u{0}"] {
        let token = world.key.sign(&world.key.header().to_string(), claims);
        assert!(matches!(refused(&world, &token).await, VerifyError::Malformed(_)), "{claims}");
    }
}

#[tokio::test]
async fn times_have_an_edge() {
    // Case 160.
    let world = World::new().await;
    for (name, seconds, error) in [
        ("exp", NOW - 29, None),
        ("exp", NOW - 30, Some(VerifyError::Expired)),
        ("exp", 0, Some(VerifyError::Expired)),
        ("exp", i64::MAX as u64, None),
        ("nbf", NOW + 30, None),
        ("nbf", NOW + 31, Some(VerifyError::NotYetValid)),
        ("iat", NOW + 30, None),
        ("iat", NOW + 31, Some(VerifyError::NotYetValid)),
    ] {
        let token = with_claim(&world, name, Some(json!(seconds)));
        let result = world.verifier.verify_untyped(&token).await;
        assert_eq!(result.err(), error, "{name} {seconds}");
    }
    for name in ["exp", "nbf", "iat"] {
        for value in [
            json!("1800000900"),
            json!(1_800_000_900.5),
            json!(-1),
            json!(u64::MAX),
            json!(1e300),
            json!(true),
            json!(null),
            json!([NOW]),
        ] {
            let token = with_claim(&world, name, Some(value.clone()));
            assert_eq!(refused(&world, &token).await, VerifyError::Claim(name), "{name} {value}");
        }
        let text = with_text(name, "1e309");
        let token = world.key.sign(&world.key.header().to_string(), &text);
        assert!(matches!(refused(&world, &token).await, VerifyError::Malformed(_)));
        let text = with_text(name, "99999999999999999999999999");
        let token = world.key.sign(&world.key.header().to_string(), &text);
        assert_eq!(refused(&world, &token).await, VerifyError::Claim(name));
    }
    assert_eq!(refused(&world, &with_claim(&world, "exp", None)).await, VerifyError::Claim("exp"));
    world.clock.advance(900 + 29);
    world.verifier.verify_untyped(&world.key.good()).await.unwrap();
    world.clock.advance(1);
    assert_eq!(refused(&world, &world.key.good()).await, VerifyError::Expired);
}

/// Claims with a number as it is written here.
fn with_text(name: &str, number: &str) -> String {
    let mut claims = claims();
    claims[name] = json!("NUMBER");
    claims.to_string().replace("\"NUMBER\"", number)
}

#[tokio::test]
async fn issuer_and_audience_are_exact() {
    // Case 161.
    let world = World::new().await;
    for iss in [
        "https://auth.example.com/",
        "https://other.example.com",
        "http://auth.example.com",
        "HTTPS://auth.example.com",
        "",
    ] {
        let token = with_claim(&world, "iss", Some(json!(iss)));
        assert_eq!(refused(&world, &token).await, VerifyError::Issuer, "{iss}");
    }
    for aud in [
        json!("https://other.example.com"),
        json!("https://auth.example.com/"),
        json!(""),
        json!([]),
        json!(["a", "b"]),
    ] {
        let token = with_claim(&world, "aud", Some(aud.clone()));
        assert_eq!(refused(&world, &token).await, VerifyError::Audience, "{aud}");
    }
    for (name, value) in [
        ("iss", None),
        ("iss", Some(json!([ISSUER]))),
        ("aud", None),
        ("aud", Some(json!(null))),
        ("aud", Some(json!({ "0": ISSUER }))),
        ("aud", Some(json!([ISSUER, 1]))),
        ("sub", None),
        ("sub", Some(json!(""))),
        ("sub", Some(json!(1))),
        ("jti", Some(json!(1))),
    ] {
        let token = with_claim(&world, name, value.clone());
        assert_eq!(refused(&world, &token).await, VerifyError::Claim(name), "{name} {value:?}");
    }
    let token = with_claim(&world, "aud", Some(json!(["https://other.example.com", ISSUER])));
    assert_eq!(world.verifier.verify_untyped(&token).await.unwrap().aud.len(), 2);
}

/// One world for all cases of a property.
fn shared() -> (&'static Runtime, &'static World) {
    static SHARED: OnceLock<(Runtime, World)> = OnceLock::new();
    let (runtime, world) = SHARED.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let world = runtime.block_on(World::new());
        (runtime, world)
    });
    (runtime, world)
}

#[test]
fn every_other_byte_is_refused() {
    // One place at a time, each with every single bit turned and some letters of the alphabet.
    let (runtime, world) = shared();
    let good = world.key.good();
    runtime.block_on(async {
        for at in 0..good.len() {
            for change in [1, 2, 4, 8, 16, 32, 64] {
                let mut bytes = good.clone().into_bytes();
                bytes[at] ^= change;
                refused(world, &String::from_utf8(bytes).unwrap()).await;
            }
            let mut shorter = good.clone();
            shorter.remove(at);
            refused(world, &shorter).await;
        }
        world.verifier.verify_untyped(&good).await.unwrap();
    });
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        let (runtime, world) = shared();
        prop_assert!(runtime.block_on(world.verifier.verify_untyped(&text)).is_err());
    }

    #[test]
    fn any_parts_are_answered(header in any::<Vec<u8>>(), claims in any::<Vec<u8>>(), signature in any::<Vec<u8>>()) {
        let (runtime, world) = shared();
        let token = [header, claims, signature].map(|part| encode(&part)).join(".");
        prop_assert!(runtime.block_on(world.verifier.verify_untyped(&token)).is_err());
    }

    #[test]
    fn any_signed_claims_are_answered(claims in any::<String>()) {
        let (runtime, world) = shared();
        let token = world.key.sign(&world.key.header().to_string(), &claims);
        prop_assert!(runtime.block_on(world.verifier.verify_untyped(&token)).is_err());
    }

    #[test]
    fn any_byte_that_is_changed_is_noticed(at in any::<proptest::sample::Index>(), to in 0_u8..128) {
        let (runtime, world) = shared();
        let mut bytes = world.key.good().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        let token = String::from_utf8(bytes).unwrap();
        prop_assert!(runtime.block_on(world.verifier.verify_untyped(&token)).is_err());
    }
}
