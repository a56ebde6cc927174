//! Tests of the cache codecs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use proptest::prelude::{Just, ProptestConfig, any, prop, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as _;
use serde_json::json;

use super::*;
use crate::rng::OsRng;
use crate::vectors::SECRET;

const NOW: i64 = 1_700_000_000_000;
const ALL: [Strategy; 3] = [Strategy::Compact, Strategy::Jwt, Strategy::Jwe];

fn secrets() -> Secrets {
    Secrets::single(Secret::from(SECRET))
}

fn payload() -> Map<String, Value> {
    json!({"session": {"id": "s1", "token": "t1"}, "user": {"id": "u1"},
           "updatedAt": NOW, "version": "1"})
    .as_object()
    .unwrap()
    .clone()
}

fn encoded(strategy: Strategy) -> String {
    encode(strategy, &payload(), Some(300), NOW, &secrets(), &OsRng).unwrap()
}

fn decoded(strategy: Strategy, text: &str) -> Option<Map<String, Value>> {
    decode(strategy, text, &secrets(), NOW).map(|opened| opened.payload)
}

/// A compact cookie around any payload text, signed as JavaScript would sign.
fn signed_compact(session: &str, expires_at: i64) -> String {
    let signature = signature(session, expires_at, &Secret::from(SECRET)).unwrap();
    URL_SAFE_NO_PAD
        .encode(format!("{{\"session\":{session},\"expiresAt\":{expires_at},\"signature\":\"{signature}\"}}"))
}

#[test]
fn compact_wire_vector() {
    let bytes = URL_SAFE_NO_PAD.decode(encoded(Strategy::Compact)).unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        r#"{"session":{"session":{"id":"s1","token":"t1"},"user":{"id":"u1"},"updatedAt":1700000000000,"version":"1"},"expiresAt":1700000300000,"signature":"YukVJ4VK1g9GQ1SpDXyu7-gss-j5gyHWDOUniRPv76c"}"#
    );
}

#[test]
fn jwt_wire_shape() {
    let text = encoded(Strategy::Jwt);
    let parts: Vec<_> = text.split('.').collect();
    let text = |part| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(text(parts[0]), r#"{"alg":"HS256"}"#);
    assert!(text(parts[1]).ends_with(r#""iat":1700000000,"exp":1700000300}"#));
}

#[test]
fn round_trips() {
    for strategy in ALL {
        assert_eq!(decoded(strategy, &encoded(strategy)), Some(payload()));
        for other in ALL.into_iter().filter(|other| *other != strategy) {
            assert_eq!(decoded(other, &encoded(strategy)), None);
        }
        let stranger = Secrets::single(Secret::from("other"));
        assert_eq!(decode(strategy, &encoded(strategy), &stranger, NOW), None);
    }
}

#[test]
fn lifetimes() {
    for (strategy, max_age, alive_ms) in [
        (Strategy::Compact, Some(300), 300_000),
        (Strategy::Compact, None, 60_000),
        (Strategy::Jwt, Some(10), 10_000),
        (Strategy::Jwt, None, 300_000),
        (Strategy::Jwe, Some(10), 25_000),
        (Strategy::Jwe, None, 315_000),
    ] {
        let text = encode(strategy, &payload(), max_age, NOW, &secrets(), &OsRng).unwrap();
        let at = |now| decode(strategy, &text, &secrets(), now).is_some();
        assert!(at(NOW + alive_ms - 1), "{strategy:?}");
        assert!(!at(NOW + alive_ms), "{strategy:?}");
    }
    for strategy in ALL {
        let far = encode(strategy, &payload(), Some(u64::MAX), i64::MAX, &secrets(), &OsRng);
        assert!(far.is_some());
    }
}

#[test]
fn rotation_signs_with_the_first_secret_only() {
    let rotated =
        Secrets::versioned(vec![(2, Secret::from("new")), (1, Secret::from(SECRET))], None).unwrap();
    for strategy in ALL {
        let opens = decode(strategy, &encoded(strategy), &rotated, NOW).is_some();
        assert_eq!(opens, strategy == Strategy::Jwe);
    }
}

#[test]
fn compact_keeps_order_and_spelling() {
    let session = r#"{"z":1e+21,"a":{"b":1,"1":0.5},"s":"\u0000é/","n":123456789012345680000}"#;
    let map = decoded(Strategy::Compact, &signed_compact(session, NOW + 1)).unwrap();
    assert!(map.keys().eq(["z", "a", "s", "n"]));
    let empty = decoded(Strategy::Compact, &signed_compact("{}", NOW + 1));
    assert_eq!(empty, Some(Map::new()));
    // Padding is another spelling of the same bytes.
    let mut padded = signed_compact("{}", NOW + 1);
    while !padded.len().is_multiple_of(4) {
        padded.push('=');
    }
    assert!(decoded(Strategy::Compact, &padded).is_some());
}

#[test]
fn compact_is_written_as_javascript_reads_it_back() {
    let mut odd = payload();
    odd.insert("f".to_owned(), json!(1.0));
    odd.insert("m".to_owned(), json!({"b": 1e21, "2": 0, "1": -0.0}));
    let text = encode(Strategy::Compact, &odd, None, NOW, &secrets(), &OsRng).unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
    let json = String::from_utf8(bytes).unwrap();
    assert!(json.contains(r#""f":1,"m":{"1":0,"2":0,"b":1e+21}}"#));
}

#[test]
fn signed_nonsense_is_refused_quietly() {
    for session in ["{x}", "{]}", r#"{"a":"\ud800"}"#, r#"{"a":1e999}"#] {
        let text = signed_compact(session, NOW + 1);
        assert_eq!(decoded(Strategy::Compact, &text), None, "{session}");
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    assert_eq!(decoded(Strategy::Compact, &signed_compact(&deep, NOW + 1)), None);
    for envelope in [
        r#"{"session":{},"expiresAt":"1","signature":""}"#,
        r#"{"session":{},"expiresAt":1e999,"signature":""}"#,
        r#"{"session":{},"signature":""}"#,
        r#"{"session":[],"expiresAt":1,"signature":""}"#,
        r#"{"session":{},"session":{},"expiresAt":1,"signature":""}"#,
        "null",
    ] {
        let text = URL_SAFE_NO_PAD.encode(envelope);
        assert_eq!(decoded(Strategy::Compact, &text), None, "{envelope}");
    }
}

#[test]
fn every_changed_payload_byte_is_refused() {
    for strategy in ALL {
        let text = encoded(strategy);
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(decoded(strategy, &changed), None, "{strategy:?} {at}");
        }
    }
}

fn json_value() -> impl proptest::strategy::Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1_000_000_i64..1_000_000).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,4}", inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_payload_round_trips(user in json_value()) {
        let mut map = payload();
        map.insert("user".to_owned(), user);
        for strategy in ALL {
            let text = encode(strategy, &map, None, NOW, &secrets(), &OsRng).unwrap();
            prop_assert_eq!(decoded(strategy, &text), Some(map.clone()));
        }
    }

    #[test]
    fn garbage_never_panics(
        text in ".*",
        parts in prop::collection::vec("[A-Za-z0-9_-]{0,40}", 0..7),
        json in "[\\[\\]{}\":,a-z0-9.]{0,60}",
    ) {
        for strategy in ALL {
            prop_assert_eq!(decoded(strategy, &text), None);
            prop_assert_eq!(decoded(strategy, &parts.join(".")), None);
            prop_assert_eq!(decoded(strategy, &URL_SAFE_NO_PAD.encode(&json)), None);
        }
    }

    #[test]
    fn mutations_never_panic_nor_pass(at in any::<prop::sample::Index>(), with in ".{0,3}", cut in 0_usize..4) {
        for strategy in ALL {
            let text = encoded(strategy);
            let start = at.index(text.len());
            let end = (start + cut).min(text.len());
            let changed = format!("{}{with}{}", &text[..start], &text[end..]);
            if changed != text && changed.trim_end_matches('=') != text {
                prop_assert_eq!(decoded(strategy, &changed), None);
            }
        }
    }
}
