//! The OpenAPI document, from types alone.

use std::collections::BTreeSet;

use auth_testkit::{TestApp, Value};

use crate::toys::{Door, Greeter};

fn document() -> Value {
    let plan = TestApp::builder().plugin::<Door>().plugin::<Greeter>().plan().ok().unwrap();
    auth_host::document(&plan)
}

/// Every `$ref` in a value.
fn references(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            into.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|v| references(v, into));
        }
        Value::Array(values) => values.iter().for_each(|v| references(v, into)),
        _ => {}
    }
}

#[test]
fn every_body_reply_and_error_has_a_schema() {
    let document = document();
    let greet = &document["paths"]["/greet"]["post"];
    assert_eq!(greet["operationId"], "greet");
    assert_eq!(
        greet["requestBody"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/GreeterName"
    );
    let ok = &greet["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(ok, "#/components/schemas/GreeterGreeting");
    let rude = &greet["responses"]["418"]["content"]["application/json"]["schema"];
    assert_eq!(rude["allOf"][1]["properties"]["code"]["enum"][0], "RUDE");
    assert!(document["paths"].get("/whisper").is_none(), "what only the program can call is not documented");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut all = BTreeSet::new();
    references(&document, &mut all);
    assert!(all.len() > 2);
    for reference in all {
        let path = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(path).is_some(), "{reference} leads nowhere");
    }
}
