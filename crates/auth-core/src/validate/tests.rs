#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::*;

fn shape<T: JsonSchema>() -> Shape {
    Shape::compile(schemars::schema_for!(T).as_value())
}

fn told<T: JsonSchema>(value: Value) -> String {
    message(&shape::<T>().check(Some(&value), "body"))
}

fn raw(schema: Value, value: Value) -> String {
    message(&Shape::compile(&schema).check(Some(&value), "body"))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
struct SignUp {
    name: String,
    #[schemars(email)]
    email: String,
    #[schemars(length(min = 1))]
    password: String,
    image: Option<String>,
    #[schemars(extend("x-nullable" = true))]
    logo: Option<String>,
    #[serde(default)]
    remember_me: bool,
    role: Option<Role>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code, reason = "only its schema is used")]
enum Role {
    /// Comments make schemars write one alternative a variant.
    Admin,
    /// In their order only if all of them have one.
    Member,
}

#[derive(Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct Tag {
    label: String,
    parent: Option<Box<Tag>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct Strict {
    a: String,
}

#[derive(Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct Open {
    a: String,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[test]
fn problems_come_in_declared_order() {
    assert_eq!(
        told::<SignUp>(json!({})),
        "[body.name] Invalid input: expected string, received undefined; \
         [body.email] Invalid input: expected string, received undefined; \
         [body.password] Invalid input: expected string, received undefined"
    );
    assert_eq!(
        told::<SignUp>(json!({"password": "", "email": "x", "name": "A"})),
        "[body.email] Invalid email address; \
         [body.password] Too small: expected string to have >=1 characters"
    );
    let fine = json!({"name": "", "email": "a@b.co", "password": "p", "more": 1});
    assert_eq!(told::<SignUp>(fine), "");
}

#[test]
fn received_types_are_named() {
    for (value, name) in [
        (json!(null), "null"),
        (json!(5), "number"),
        (json!(true), "boolean"),
        (json!([]), "array"),
        (json!({}), "object"),
    ] {
        let text = told::<Strict>(json!({ "a": value }));
        assert_eq!(text, format!("[body.a] Invalid input: expected string, received {name}"));
        if name != "object" {
            let text = told::<Strict>(value);
            assert_eq!(text, format!("[body] Invalid input: expected object, received {name}"));
        }
    }
    let text = message(&shape::<Strict>().check(None, "body"));
    assert_eq!(text, "[body] Invalid input: expected object, received undefined");
}

#[test]
fn optional_is_not_nullable() {
    let body = |name: &str, value: Value| {
        let mut body = json!({"name": "A", "email": "a@b.co", "password": "p"});
        body[name] = value;
        told::<SignUp>(body)
    };
    let refused = |name: &str, expected: &str, received: &str| {
        format!("[body.{name}] Invalid input: expected {expected}, received {received}")
    };
    assert_eq!(body("image", json!(null)), refused("image", "string", "null"));
    assert_eq!(body("rememberMe", json!(null)), refused("rememberMe", "boolean", "null"));
    assert_eq!(body("rememberMe", json!("yes")), refused("rememberMe", "boolean", "string"));
    assert_eq!(body("tags", json!(null)), refused("tags", "array", "null"));
    assert_eq!(body("logo", json!(null)), "");
    assert_eq!(body("logo", json!(5)), refused("logo", "string", "number"));
    let role = "[body.role] Invalid option: expected one of \"admin\"|\"member\"";
    assert_eq!(body("role", json!(null)), role);
    assert_eq!(body("role", json!("owner")), role);
    assert_eq!(body("role", json!("member")), "");
    let nested = json!([{"label": "x"}, {"label": 1, "parent": {"label": "y", "parent": {}}}]);
    assert_eq!(
        body("tags", nested),
        "[body.tags.1.label] Invalid input: expected string, received number; \
         [body.tags.1.parent.parent.label] Invalid input: expected string, received undefined"
    );
}

#[test]
fn whole_values_may_be_optional() {
    let optional = shape::<Option<Strict>>();
    assert!(optional.is_optional() && !shape::<Strict>().is_optional());
    assert_eq!(optional.check(None, "body"), []);
    let text = message(&optional.check(Some(&json!(null)), "body"));
    assert_eq!(text, "[body] Invalid input: expected object, received null");
}

#[test]
fn unknown_keys() {
    let one = json!({"a": 1, "x": 1});
    assert_eq!(
        told::<Strict>(one),
        "[body.a] Invalid input: expected string, received number; [body] Unrecognized key: \"x\""
    );
    let two = told::<Strict>(json!({"a": "", "x": 1, "y": 2}));
    assert_eq!(two, "[body] Unrecognized keys: \"x\", \"y\"");
}

#[test]
fn records() {
    let text = told::<BTreeMap<String, Vec<String>>>(json!({"a": [1], "b": ["x"], "c": 5}));
    assert_eq!(
        text,
        "[body.a.0] Invalid input: expected string, received number; \
         [body.c] Invalid input: expected array, received number"
    );
    let text = told::<BTreeMap<String, Value>>(json!([]));
    assert_eq!(text, "[body] Invalid input: expected record, received array");
    assert_eq!(told::<Open>(json!({"a": "", "b": 1})), "");
    assert_eq!(
        told::<Open>(json!("x")),
        "[body] Invalid input: expected object, received string; \
         [body] Invalid input: expected record, received string"
    );
}

#[test]
fn unions() {
    let role = |role: Value| told::<BTreeMap<String, OneOrMany>>(json!({ "role": role }));
    assert_eq!(role(json!("a")), "");
    assert_eq!(role(json!(["a"])), "");
    assert_eq!(role(json!(5)), "[body.role] Invalid input");
    assert_eq!(role(json!(["a", 5])), "[body.role] Invalid input");
    // One alternative has the right type and breaks a rule: that is what gets told.
    let schema = json!({"anyOf": [{"type": "string", "minLength": 3}, {"type": "number"}]});
    assert_eq!(raw(schema, json!("a")), "[body] Too small: expected string to have >=3 characters");
    let strict = |key: &str| json!({"type": "object", "properties": {key: {"type": "string"}}, "required": [key], "additionalProperties": false});
    let schema = json!({"anyOf": [strict("a"), strict("b")]});
    assert_eq!(raw(schema.clone(), json!({})), "[body] Invalid input");
    assert_eq!(raw(schema, json!({"a": "", "z": 1})), "[body] Unrecognized key: \"z\"");
}

#[test]
fn numbers() {
    let small = "Too small: expected number to be";
    let big = "Too big: expected number to be";
    for (rules, value, text) in [
        (json!({"type": "number"}), json!("5"), "Invalid input: expected number, received string".to_owned()),
        (json!({"type": "number", "minimum": 1}), json!(0), format!("{small} >=1")),
        (json!({"type": "number", "maximum": 1.5}), json!(2), format!("{big} <=1.5")),
        (json!({"type": "number", "exclusiveMinimum": 0}), json!(0), format!("{small} >0")),
        (json!({"type": "number", "exclusiveMaximum": 0}), json!(0), format!("{big} <0")),
        (
            json!({"type": "number", "multipleOf": 5}),
            json!(6),
            "Invalid number: must be a multiple of 5".to_owned(),
        ),
        (json!({"type": "integer"}), json!(1.5), "Invalid input: expected int, received number".to_owned()),
        (
            json!({"type": "integer", "minimum": 1}),
            json!(0.5),
            "Invalid input: expected int, received number".to_owned(),
        ),
        (
            json!({"type": "integer"}),
            json!(1e300),
            "Too big: expected int to be <=9007199254740991".to_owned(),
        ),
        (
            json!({"type": "integer"}),
            json!(-1e300),
            "Too small: expected int to be >=-9007199254740991".to_owned(),
        ),
        (json!({"type": "integer", "format": "int32"}), json!(3e9), format!("{big} <=2147483647")),
    ] {
        assert_eq!(raw(rules, value), format!("[body] {text}"));
    }
    assert_eq!(raw(json!({"type": "integer", "minimum": 1}), json!(1.0)), "");
}

#[test]
fn texts_lists_and_constants() {
    for (rules, value, text) in [
        (
            json!({"type": "string", "maxLength": 1}),
            json!("ab"),
            "Too big: expected string to have <=1 characters",
        ),
        (
            json!({"type": "string", "maxLength": 1}),
            json!("🙂"),
            "Too big: expected string to have <=1 characters",
        ),
        (json!({"type": "string", "format": "uri"}), json!("x"), "Invalid URL"),
        (
            json!({"type": "string", "pattern": "^[a-z_-]+$"}),
            json!("A"),
            "Invalid string: must match pattern /^[a-z_-]+$/",
        ),
        (json!({"type": "string", "pattern": "^[a-z]+$", "x-message": "No."}), json!(""), "No."),
        (
            json!({"type": "array", "items": {"type": "string"}, "minItems": 2}),
            json!(["a"]),
            "Too small: expected array to have >=2 items",
        ),
        (json!({"type": "array", "maxItems": 1}), json!([1, 2]), "Too big: expected array to have <=1 items"),
        (json!({"const": "x"}), json!("y"), "Invalid input: expected \"x\""),
        (json!({"const": true, "type": "boolean"}), json!(false), "Invalid input: expected true"),
        (json!({"enum": ["a", 2]}), json!("y"), "Invalid option: expected one of \"a\"|2"),
        (json!(false), json!(1), "Invalid input: expected never, received number"),
    ] {
        assert_eq!(raw(rules, value), format!("[body] {text}"));
    }
    let schema = json!({"type": "string", "pattern": "^[a-zA-Z0-9_-]+$"});
    assert_eq!(raw(schema, json!("aZ_9-")), "");
    let schema = json!({"type": "object", "properties": {"x": true}, "required": ["x"]});
    let text = raw(schema, json!({}));
    assert_eq!(text, "[body.x] Invalid input: expected nonoptional, received undefined");
}

#[test]
fn descriptions_say_what_is_enforced() {
    let mut schema = schemars::schema_for!(SignUp).to_value();
    normalize(&mut schema);
    let property = |name: &str| &schema["properties"][name];
    assert_eq!(property("image")["type"], "string");
    assert_eq!(property("logo")["type"], json!(["string", "null"]));
    assert_eq!(property("role")["$ref"], "#/$defs/Role");
    assert_eq!(property("role").get("anyOf"), None);
    assert_eq!(property("tags")["type"], "array");
    assert_eq!(schema["$defs"]["Tag"]["properties"]["parent"]["$ref"], "#/$defs/Tag");
}

#[test]
fn endless_shapes_and_answers_are_cut_off() {
    let schema =
        json!({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}});
    assert_eq!(raw(schema, json!(1)), "[body] Invalid input");
    let issues = shape::<Vec<String>>().check(Some(&json!(vec![1; 10_000])), "body");
    assert_eq!(issues.len(), 100);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z@.]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let name = prop::sample::select(vec![
            "a",
            "name",
            "email",
            "password",
            "image",
            "logo",
            "role",
            "tags",
            "label",
            "parent",
            "type",
            "properties",
            "items",
            "anyOf",
            "$ref",
            "enum",
            "required",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..5).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
            }),
        ]
    })
}

proptest! {
    // The promise to plugin authors: what passes the check can be deserialized.
    #[test]
    fn what_passes_can_be_read(value in any_json()) {
        if shape::<SignUp>().check(Some(&value), "body").is_empty() {
            prop_assert!(serde_json::from_value::<SignUp>(value).is_ok());
        }
    }

    #[test]
    fn nothing_panics(schema in any_json(), value in any_json()) {
        let _ = raw(schema.clone(), value);
        let mut schema = schema;
        normalize(&mut schema);
    }
}
