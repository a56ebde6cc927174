//! What no client can express stops the writer, with the place.

use auth_codegen::{Options, example};
use serde_json::{Value, json};

use crate::taking;

/// Both languages refuse.
#[track_caller]
fn refused(document: &Value, place: &str, what: &str) {
    let options = Options::default();
    for problem in [auth_codegen::rust(document, &options), auth_codegen::typescript(document, &options)] {
        let problem = problem.unwrap_err();
        assert!(problem.place.contains(place) && problem.what.contains(what), "{problem}");
    }
}

#[test]
fn schemas_that_no_type_stands_for() {
    let cases = [
        (json!(false), "nothing fits"),
        (json!({ "not": {} }), "keyword `not`"),
        (json!({ "type": "object", "patternProperties": {} }), "keyword `patternProperties`"),
        (json!({ "enum": [1, 2] }), "other things than texts"),
        (json!({ "const": 7 }), "constant 7"),
        (json!({ "allOf": [{ "type": "string" }, { "type": "string" }] }), "`allOf` of several"),
        (json!({ "anyOf": [{ "type": "string" }], "properties": { "a": true } }), "beside `properties`"),
        (json!({ "type": "null" }), "the type `null`"),
        (json!({ "$ref": "#/components/schemas/Nothing" }), "leads nowhere"),
        (
            json!({ "type": "object", "properties": { "a": true }, "additionalProperties": { "type": "string" } }),
            "beside named properties",
        ),
        (
            json!({ "type": "object", "properties": { "deep": { "type": "object", "properties": { "a": false } } } }),
            "nothing fits",
        ),
    ];
    for (schema, what) in cases {
        refused(&taking(schema, json!({})), "paths./guest-book/sign.post.requestBody", what);
    }
}

#[test]
fn a_type_that_never_ends() {
    let this = json!({ "$ref": "#/components/schemas/Loop" });
    let whole = json!({ "type": "object", "properties": { "again": this } });
    refused(&taking(this, json!({ "Loop": whole })), "components.schemas.Loop", "contains itself");
}

#[test]
fn operations_that_no_method_stands_for() {
    let with = |key: &str, value: Value| {
        let mut document = example();
        document["paths"]["/guest-book/sign"]["post"][key] = value;
        document
    };
    let place = "paths./guest-book/sign.post";
    let stream = json!({ "200": { "content": { "text/event-stream": {} } } });
    refused(&with("responses", stream), place, "event stream");
    refused(&with("responses", json!({ "101": {} })), place, "WebSocket");
    refused(&with("responses", json!({ "400": {} })), place, "no success");
    let two = json!({ "200": {}, "201": { "content": { "text/html": {} } } });
    refused(&with("responses", two), place, "several kinds");
    let plain = json!({ "200": {}, "400": { "content": { "application/json": { "schema": { "type": "string" } } } } });
    refused(&with("responses", plain), place, "no refusal");
    refused(&with("requestBody", json!({ "content": { "text/plain": {} } })), place, "takes no JSON");
    refused(&with("operationId", json!("")), place, "operationId");
    let header = json!([{ "name": "a", "in": "header" }]);
    refused(&with("parameters", header), "parameters.0", "parameters in `header`");
    let deep = json!([{ "name": "a", "in": "query", "schema": { "type": "object" } }]);
    refused(&with("parameters", deep), place, "does not fit into a query");
}

#[test]
fn names_that_would_be_lost() {
    let fields = json!({ "type": "object", "properties": { "fooBar": true, "foo_bar": true } });
    let error = auth_codegen::rust(&taking(fields, json!({})), &Options::default()).unwrap_err();
    assert!(error.place.ends_with("foo_bar"), "{error}");
    let values = json!({ "$ref": "#/components/schemas/Sign" });
    let error =
        auth_codegen::rust(&taking(values, json!({ "Sign": { "enum": ["<", ">"] } })), &Options::default());
    assert!(error.unwrap_err().what.contains("no variant of its own"));
    let taken =
        taking(json!({ "$ref": "#/components/schemas/Call" }), json!({ "Call": { "type": "string" } }));
    let error = auth_codegen::rust(&taken, &Options::default()).unwrap_err();
    assert!(error.what.contains("needs for itself"), "{error}");
}

#[test]
fn paths_and_groups_that_are_not_there() {
    let mut document = example();
    let item = document["paths"]["/guest-book/sign"].clone();
    document["paths"] = json!({ "/guest-book/{line}": item });
    refused(&document, "/guest-book/{line}", "does not declare");
    let options = Options { groups: vec!["nobody".to_owned()], ..Options::default() };
    assert!(auth_codegen::rust(&example(), &options).unwrap_err().what.contains("nobody"));
    document["openapi"] = json!("3.0.3");
    refused(&document, "openapi", "3.1");
}
