//! Tokens that Node's OpenSSL has signed, in every algorithm (`tokens.mjs` writes `tokens.json`).

use auth_verify::{Verifier, VerifyError};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::{Answer, Frozen, ISSUER, KeyServer, encode};

struct Foreign {
    verifier: Verifier,
    tokens: Value,
}

impl Foreign {
    async fn new(change: impl Fn(&mut Value)) -> Self {
        let tokens: Value = serde_json::from_str(include_str!("tokens.json")).unwrap();
        let mut keys: Vec<Value> =
            tokens.as_object().unwrap().values().map(|one| one["jwk"].clone()).collect();
        keys.iter_mut().for_each(change);
        let server = KeyServer::start(Answer::Keys(json!(keys))).await;
        let builder = Verifier::builder(ISSUER, ISSUER, server.url()).clock(Frozen::new());
        Self { verifier: builder.build().unwrap(), tokens }
    }

    fn token(&self, name: &str) -> &str {
        self.tokens[name]["token"].as_str().unwrap()
    }

    async fn check(&self, token: &str) -> Result<String, VerifyError> {
        self.verifier.verify_untyped(token).await.map(|claims| claims.sub)
    }
}

const ALL: [&str; 5] = ["eddsa", "es256", "es512", "rs256", "ps256"];

#[tokio::test]
async fn every_algorithm_is_verified() {
    let foreign = Foreign::new(|_| ()).await;
    for name in ALL {
        let token = foreign.token(name);
        assert_eq!(foreign.check(token).await.as_deref(), Ok("ada"), "{name}");
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            let other = format!("{signed}.{}", encode(&bytes));
            // A few are enough where one takes long.
            if at % 16 == 0 || name == "eddsa" {
                assert_eq!(foreign.check(&other).await, Err(VerifyError::Signature), "{name} {at}");
            }
            bytes[at] ^= 1;
        }
        for size in [0, 1, bytes.len() - 1] {
            let cut = format!("{signed}.{}", encode(&bytes[..size]));
            assert_eq!(foreign.check(&cut).await, Err(VerifyError::Signature), "{name} {size}");
        }
        bytes.push(0);
        let longer = format!("{signed}.{}", encode(&bytes));
        assert_eq!(foreign.check(&longer).await, Err(VerifyError::Signature), "{name}");
    }
}

#[tokio::test]
async fn keys_without_alg_have_the_one_of_their_kind() {
    let foreign = Foreign::new(|jwk| drop(jwk.as_object_mut().unwrap().remove("alg"))).await;
    for name in ["eddsa", "es256", "es512", "rs256"] {
        assert_eq!(foreign.check(foreign.token(name)).await.as_deref(), Ok("ada"), "{name}");
    }
    assert_eq!(foreign.check(foreign.token("ps256")).await, Err(VerifyError::AlgorithmMismatch));
}

#[tokio::test]
async fn a_key_serves_one_algorithm() {
    // Case 155.
    let foreign = Foreign::new(|_| ()).await;
    for key in ALL {
        for name in ["EdDSA", "ES256", "ES512", "RS256", "PS256", "HS256"] {
            let own = foreign.tokens[key]["jwk"]["alg"] == name;
            let token = foreign.token(key);
            let (_, rest) = token.split_once('.').unwrap();
            let header = encode(json!({ "alg": name, "kid": key }).to_string().as_bytes());
            let result = foreign.check(&format!("{header}.{rest}")).await;
            assert_eq!(result.is_ok(), own, "{key} {name}");
        }
    }
}

#[tokio::test]
async fn weak_keys_and_signatures_are_refused() {
    // Case 163.
    let foreign = Foreign::new(|_| ()).await;
    assert_eq!(foreign.check(foreign.token("rs1024")).await, Err(VerifyError::UnknownKey));
    let order_256 = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order_256: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&order_256[2 * at..2 * at + 2], 16).unwrap()).collect();
    for (name, size) in [("es256", 32), ("es512", 66)] {
        let (signed, good) = foreign.token(name).rsplit_once('.').unwrap();
        let good = URL_SAFE_NO_PAD.decode(good).unwrap();
        let (r, s) = good.split_at(size);
        let (zero, most) = (vec![0; size], vec![255; size]);
        let mut bad = vec![
            [&zero[..], &zero].concat(),
            [r, &zero].concat(),
            [&zero, s].concat(),
            [&most[..], &most].concat(),
            [r, &most].concat(),
        ];
        if size == 32 {
            bad.push([&order_256[..], &order_256].concat());
            bad.push([r, &order_256].concat());
        }
        for signature in bad {
            let token = format!("{signed}.{}", encode(&signature));
            assert_eq!(foreign.check(&token).await, Err(VerifyError::Signature), "{name}");
        }
    }
    // The neutral point as a key makes this signature fit everything in a careless library.
    let small = Foreign::new(|jwk| {
        if jwk["kid"] == "eddsa" {
            jwk["x"] = json!("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        }
    })
    .await;
    let (signed, _) = small.token("eddsa").rsplit_once('.').unwrap();
    let mut signature = [0; 64];
    signature[0] = 1;
    let token = format!("{signed}.{}", encode(&signature));
    assert_eq!(small.check(&token).await, Err(VerifyError::UnknownKey));
    assert_eq!(foreign.check(&token).await, Err(VerifyError::Signature));
}
