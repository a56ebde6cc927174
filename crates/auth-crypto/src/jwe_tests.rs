//! Tests of the encrypted cookies.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use josekit::jwe::enc::A256GCM;
use serde_json::json;

use super::*;
use crate::rng::{OsRng, SeededRng};
use crate::vectors::SECRET;

const NOW: i64 = 1_700_000_000;

fn secrets() -> Secrets {
    Secrets::single(Secret::from(SECRET))
}

fn payload() -> Map<String, Value> {
    json!({"session": {"id": "s1"}, "user": {"name": "é"}, "version": "1"}).as_object().unwrap().clone()
}

fn sealed() -> String {
    encrypt(&payload(), 300, NOW, &secrets(), SALT_SESSION, &OsRng).unwrap()
}

fn opened(text: &str) -> Option<Map<String, Value>> {
    decrypt(text, &secrets(), SALT_SESSION, NOW)
}

/// A token with chosen header and parts under the right key, correctly tagged.
fn forge(header: &Value, claims: &[u8]) -> String {
    let key = derive_key(&Secret::from(SECRET), SALT_SESSION, Encryption::CbcHs512);
    let (mac_key, enc_key) = key.split_at(32);
    let iv = [7_u8; 16];
    let cipher = openssl::symm::Cipher::aes_256_cbc();
    let ciphertext = openssl::symm::encrypt(cipher, enc_key, Some(&iv), claims).unwrap();
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA512, mac_key));
    context.update(header.as_bytes());
    context.update(&iv);
    context.update(&ciphertext);
    context.update(&(header.len() as u64 * 8).to_be_bytes());
    let mac = context.sign();
    let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (iv, ciphertext, tag) = (b64(&iv), b64(&ciphertext), b64(&mac.as_ref()[..32]));
    format!("{header}..{iv}.{ciphertext}.{tag}")
}

#[test]
fn wire_vectors() {
    let key = derive_key(&Secret::from(SECRET), SALT_SESSION, Encryption::CbcHs512);
    assert_eq!(
        hex::encode(&*key),
        "e1eb43b5ceb699b0432c234de8cf83521d7d33c29e073c5c4fea4d681eabfaaf1c24a79456e49b2ea8e08b1f161549a02292bfafa807f078bff9c2d1b6b1fe81"
    );
    assert_eq!(thumbprint(&key), "mFV--1MakB9HWhdAkpQj8lIIOwDrGpMe-FITktQKvD8");
}

#[test]
fn shape_and_round_trip() {
    let text = sealed();
    let header = URL_SAFE_NO_PAD.decode(text.split('.').next().unwrap()).unwrap();
    assert_eq!(
        String::from_utf8(header).unwrap(),
        r#"{"alg":"dir","enc":"A256CBC-HS512","kid":"mFV--1MakB9HWhdAkpQj8lIIOwDrGpMe-FITktQKvD8"}"#
    );
    let mut claims = opened(&text).unwrap();
    let jti = claims.remove("jti").unwrap();
    assert_eq!(jti.as_str().unwrap().len(), 36);
    assert_eq!(claims.remove("iat").unwrap(), NOW);
    assert_eq!(claims.remove("exp").unwrap(), NOW + 300);
    assert_eq!(claims, payload());
}

#[test]
fn our_tag_check_agrees_with_an_independent_build() {
    let claims = format!("{{\"exp\":{}}}", NOW + 1);
    let header = json!({"alg": "dir", "enc": "A256CBC-HS512"});
    assert!(opened(&forge(&header, claims.as_bytes())).is_some());
}

#[test]
fn expiry_has_fifteen_seconds_of_tolerance() {
    let text = sealed();
    let at = |now| decrypt(&text, &secrets(), SALT_SESSION, now).is_some();
    assert!(at(NOW + 314) && !at(NOW + 315));
}

#[test]
fn keys_are_separated_by_salt_and_secret() {
    let text = sealed();
    assert!(decrypt(&text, &secrets(), SALT_ACCOUNT, NOW).is_none());
    let other = Secrets::single(Secret::from("other"));
    assert!(decrypt(&text, &other, SALT_SESSION, NOW).is_none());
}

#[test]
fn rotated_secrets_still_open() {
    let rotated = |list: &[(u32, &str)]| {
        let list = list.iter().map(|(v, s)| (*v, Secret::from(*s))).collect();
        Secrets::versioned(list, None).unwrap()
    };
    let both = rotated(&[(2, "new"), (1, SECRET)]);
    assert!(decrypt(&sealed(), &both, SALT_SESSION, NOW).is_some());
    let claims = format!("{{\"exp\":{}}}", NOW + 1);
    let unnamed = forge(&json!({"alg": "dir", "enc": "A256CBC-HS512"}), claims.as_bytes());
    assert!(decrypt(&unnamed, &both, SALT_SESSION, NOW).is_some());
    let moved = encrypt(&payload(), 300, NOW, &both, SALT_SESSION, &OsRng).unwrap();
    assert!(opened(&moved).is_none());
    assert!(decrypt(&moved, &rotated(&[(2, "new")]), SALT_SESSION, NOW).is_some());
}

#[test]
fn gcm_is_read() {
    let key = derive_key(&Secret::from(SECRET), SALT_SESSION, Encryption::Gcm);
    let mut header = JweHeader::new();
    header.set_content_encryption(A256GCM.name());
    let encrypter = Dir.encrypter_from_bytes(&*key).unwrap();
    let claims = format!("{{\"exp\":{}}}", NOW + 1);
    let text = jwe::serialize_compact(claims.as_bytes(), &header, &encrypter).unwrap();
    assert!(opened(&text).is_some());
    // A shortened tag is far easier to guess.
    let tag = text.rsplit('.').next().unwrap();
    for keep in [0, 2, 6, 16] {
        let cut = &text[..text.len() - tag.len() + keep];
        assert!(opened(cut).is_none(), "{keep}");
    }
}

#[test]
fn unwanted_headers_are_refused() {
    let claims = format!("{{\"exp\":{}}}", NOW + 1);
    for header in [
        json!({"alg": "A256KW", "enc": "A256CBC-HS512"}),
        json!({"alg": "dir", "enc": "A128CBC-HS256"}),
        json!({"alg": "dir"}),
        json!({"alg": "dir", "enc": "A256CBC-HS512", "zip": "DEF"}),
        json!({"alg": "dir", "enc": "A256CBC-HS512", "crit": ["x"]}),
        json!({"alg": "dir", "enc": "A256CBC-HS512", "kid": "other"}),
        json!({"alg": "dir", "enc": "A256CBC-HS512", "kid": 1}),
        json!({"alg": "dir", "enc": "A256GCM"}),
    ] {
        assert!(opened(&forge(&header, claims.as_bytes())).is_none());
    }
    let good = json!({"alg": "dir", "enc": "A256CBC-HS512"});
    for claims in [&b"{}"[..], b"[]", b"", b"\xff", br#"{"exp":"1"}"#] {
        assert!(opened(&forge(&good, claims)).is_none());
    }
}

#[test]
fn every_changed_byte_is_refused() {
    let text = sealed();
    for at in 0..text.len() {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(opened(&changed).is_none(), "byte {at}");
        assert!(opened(&text[..at]).is_none());
    }
}

#[test]
fn uuids_are_version_four() {
    let rng = SeededRng::new(1);
    for _ in 0..100 {
        let uuid = random_uuid(&rng);
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]));
        let groups: Vec<_> = uuid.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
    }
}
