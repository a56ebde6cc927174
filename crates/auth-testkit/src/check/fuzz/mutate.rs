//! What a valid request becomes.

use serde_json::{Value, json};

use super::{
    example::{Example, Known},
    send::Sent,
};

pub(super) struct Mutation {
    pub(super) what: String,
    pub(super) sent: Sent,
    /// It is about the whole request, so it matters who sends it.
    pub(super) whole: bool,
}

/// The most fields of a body that are tried one by one.
const MOST_FIELDS: usize = 24;

/// Stands for what JSON values cannot be, until the body is a text.
const RAW: &str = "raw raw raw";

/// 100 000 characters.
const LONG: usize = 100_000;

pub(super) fn all(example: &Example<'_>, known: &Known) -> Vec<Mutation> {
    let valid = example.valid(known);
    let mut all = vec![whole("as it should be", valid.clone())];
    if let Some(body) = example.body(known) {
        all.extend(bodies(&body, &valid));
        for pointer in fields(&body) {
            all.extend(of_field(&body, &pointer, &valid));
        }
    } else {
        all.push(whole("a body that nobody asked for", valid.with(body_of("{\"a\":[1]}"))));
    }
    all.extend(queries(example, known, &valid));
    for at in 0..valid.params.len() {
        for (what, text) in in_a_path() {
            let mut sent = valid.clone();
            sent.params[at].1 = text;
            all.push(Mutation { what: format!("{what} as {}", valid.params[at].0), sent, whole: false });
        }
    }
    all
}

fn whole(what: &str, sent: Sent) -> Mutation {
    Mutation { what: what.to_owned(), sent, whole: true }
}

fn body_of(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn bodies(body: &Value, valid: &Sent) -> Vec<Mutation> {
    let text = body.to_string();
    let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let mut more = body.clone();
    for name in ["__proto__", "constructor", "no_such_field", "id", "\u{0}"] {
        if let Some(members) = more.as_object_mut() {
            members.entry(name).or_insert(json!({ "admin": true }));
        }
    }
    let twice = text.replacen('{', "{\"a\":1,\"a\":[],", 1);
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let mut all = vec![
        whole("no body", Sent { body: None, ..valid.clone() }),
        whole("a truncated body", valid.with(text.as_bytes()[..half].to_vec())),
        whole("bytes that are no text", valid.with(vec![b'{', b'"', 0xff, 0xfe, b'"', b':', b'1', b'}'])),
        whole("unknown fields", valid.with(more.to_string().into_bytes())),
        whole("a field twice", valid.with(twice.into_bytes())),
    ];
    let texts = ["{}", "null", "[]", "\"text\"", "7", "true", "NaN", " ", "\u{feff}{}"];
    let mut inputs: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    inputs.extend([100, 10_000].map(deep));
    for input in inputs {
        let what = format!("the body {}", input.chars().take(20).collect::<String>());
        all.push(Mutation { what, sent: valid.with(input.into_bytes()), whole: false });
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json; charset=utf-16",
        "?",
    ] {
        let sent = Sent { kind: Some(kind), ..valid.clone() };
        all.push(Mutation { what: format!("the content type {kind}"), sent, whole: false });
    }
    let form = Sent {
        kind: Some("application/x-www-form-urlencoded"),
        ..valid.with(b"a=%00&a=%ff&%=&password[]=1".to_vec())
    };
    all.push(Mutation { what: "a hostile form".to_owned(), sent: form, whole: false });
    all
}

/// Pointers to what a body has, of at most a few levels.
fn fields(body: &Value) -> Vec<String> {
    fn into(value: &Value, pointer: &str, depth: usize, all: &mut Vec<String>) {
        if depth == 0 {
            return;
        }
        let members: Vec<(String, &Value)> = match value {
            Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
            Value::Array(values) => values.iter().take(1).map(|value| ("0".to_owned(), value)).collect(),
            _ => Vec::new(),
        };
        for (name, value) in members {
            let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            all.push(pointer.clone());
            into(value, &pointer, depth - 1, all);
        }
    }
    let mut all = Vec::new();
    into(body, "", 3, &mut all);
    all.sort_by_key(|pointer| pointer.matches('/').count());
    all.truncate(MOST_FIELDS);
    all
}

fn of_field(body: &Value, pointer: &str, valid: &Sent) -> Vec<Mutation> {
    let mut all = Vec::new();
    let mut add = |what: &str, body: &Value, raw: Option<&str>| {
        let mut text = body.to_string();
        if let Some(raw) = raw {
            text = text.replace(&format!("\"{RAW}\""), raw);
        }
        let what = format!("{what} as {pointer}");
        all.push(Mutation { what, sent: valid.with(text.into_bytes()), whole: false });
    };
    let with = |value: Value| {
        let mut changed = body.clone();
        if let Some(field) = changed.pointer_mut(pointer) {
            *field = value;
        }
        changed
    };
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    let mut without = body.clone();
    if let Some(members) = without.pointer_mut(parent).and_then(Value::as_object_mut) {
        members.shift_remove(&name.replace("~1", "/").replace("~0", "~"));
        add("nothing", &without, None);
    }
    for (what, value) in values() {
        add(&what, &with(value), None);
    }
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let raws = [
        ("a lone surrogate", "\"\\ud800\""),
        ("a text with a lone surrogate", "\"a\\udc00b\""),
        ("a hundred lists", &deep),
        ("1e400", "1e400"),
        ("-1e308", "-1e308"),
        ("a number of 40 digits", "1234567890123456789012345678901234567890"),
    ];
    for (what, raw) in raws {
        add(what, &with(json!(RAW)), Some(raw));
    }
    all
}

/// What may stand in any field, whatever it is for.
fn values() -> Vec<(String, Value)> {
    let texts = [
        "",
        " ",
        "a\u{0}b",
        "\u{0}",
        "'; DROP TABLE \"user\"; --",
        "\" OR \"\"=\"",
        "%",
        "_%\\",
        "../../etc/passwd",
        "%00%ff",
        "a\r\nx-evil: 1",
        "\u{202e}\u{feff}\u{10ffff}",
        "-1",
        "1e9999",
        "9999-12-31T23:59:59.999Z",
        "-271821-04-20T00:00:00.000Z",
        "+275760-09-13T00:00:00.001Z",
        "javascript:alert(1)",
        "//evil.example",
        "a@b@c",
        "{{7*7}}",
    ];
    let mut all: Vec<(String, Value)> = texts.iter().map(|text| (format!("{text:?}"), json!(text))).collect();
    all.extend([
        ("100 000 characters".to_owned(), json!("a".repeat(LONG))),
        ("100 000 wide characters".to_owned(), json!("𝕏".repeat(LONG / 4))),
        ("a thousand texts".to_owned(), json!(vec!["a"; 1000])),
        ("an object in an object".to_owned(), json!({ "a": { "$ne": null } })),
    ]);
    let numbers = [
        json!(0),
        json!(-1),
        json!(0.5),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(4_294_967_296_u64),
    ];
    all.extend(
        numbers
            .into_iter()
            .chain([json!(1e308), json!(null), json!(true), json!([]), json!({})])
            .map(|v| (v.to_string(), v)),
    );
    all
}

fn queries(example: &Example<'_>, known: &Known, valid: &Sent) -> Vec<Mutation> {
    let pairs = example.pairs(example.facts.query.as_ref(), known);
    let mut all = Vec::new();
    let mut add = |what: String, query: String| {
        all.push(Mutation { what, sent: Sent { query, ..valid.clone() }, whole: false });
    };
    for query in ["", "&&==&", "%", "%ff%fe=%00", "a[b][c]=d", "__proto__=1"] {
        add(format!("the query {query}"), query.to_owned());
    }
    for (at, (name, _)) in pairs.iter().enumerate() {
        let with = |value: &str| {
            let mut pairs = pairs.clone();
            value.clone_into(&mut pairs[at].1);
            Sent::encode(&pairs)
        };
        for (what, value) in values() {
            if let Some(text) = value.as_str() {
                add(format!("{what} as ?{name}"), with(text));
            }
        }
        for number in [
            "0",
            "-1",
            "0.5",
            "99999999999999999999",
            "18446744073709551615",
            "-9223372036854775808",
            "NaN",
            "Infinity",
            "null",
        ] {
            add(format!("{number} as ?{name}"), with(number));
        }
        let mut without = pairs.clone();
        without.remove(at);
        let without = Sent::encode(&without);
        add(format!("nothing as ?{name}"), without.clone());
        add(format!("?{name} twice"), format!("{without}&{name}=1&{name}=2"));
        add(format!("?{name}[]"), format!("{without}&{name}[]=1&{name}[a]=2"));
        add(format!("bytes that are no text as ?{name}"), format!("{without}&{name}=%ff%c0%af"));
    }
    all
}

fn in_a_path() -> Vec<(String, String)> {
    let texts = [
        "x",
        "%00",
        "%ff%fe",
        "..%2f..%2f",
        "%0d%0ax-evil:%201",
        "%",
        "%zz",
        "%F0%9D%95%8F",
        "null",
        "-1",
        "*",
        ":a",
    ];
    let mut all: Vec<_> = texts.iter().map(|text| ((*text).to_owned(), (*text).to_owned())).collect();
    all.push(("100 000 characters".to_owned(), "a".repeat(LONG)));
    all
}
