//! What becomes of documents.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

mod problems;
mod types;

use auth_codegen::{Options, example};
use serde_json::{Value, json};

/// A document whose only operation takes this body.
fn taking(schema: Value, components: Value) -> Value {
    let mut document = example();
    document["paths"]["/guest-book/sign"]["post"]["requestBody"]["content"]["application/json"]["schema"] =
        schema;
    for (name, schema) in components.as_object().unwrap() {
        document["components"]["schemas"][name] = schema.clone();
    }
    document
}

fn rust(document: &Value) -> String {
    auth_codegen::rust(document, &Options::default()).unwrap()
}

fn typescript(document: &Value) -> String {
    auth_codegen::typescript(document, &Options::default()).unwrap()
}

#[track_caller]
fn has(text: &str, part: &str) {
    assert!(text.contains(part), "`{part}` is not in:\n{text}");
}

/// The whole document of this workspace, in the eyes of rustfmt with its defaults.
#[test]
fn rust_is_as_rustfmt_writes_it() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/openapi.json");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let skip = ["realtimeEvents", "realtimeSocket"].map(str::to_owned).to_vec();
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("formatted");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("rustfmt.toml"), "").unwrap();
    for (name, document) in [("ours.rs", document), ("guests.rs", example())] {
        let text =
            auth_codegen::rust(&document, &Options { skip: skip.clone(), ..Options::default() }).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
        let output = std::process::Command::new("rustfmt")
            .args(["--edition", "2024", "--check"])
            .arg(folder.join(name))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_same_document_gives_the_same_text() {
    let mut turned = example();
    let schemas = turned["components"]["schemas"].as_object().unwrap().clone();
    turned["components"]["schemas"] = Value::Object(schemas.into_iter().rev().collect());
    assert_eq!(rust(&turned), rust(&example()));
    assert_eq!(typescript(&turned), typescript(&example()));
}

#[test]
fn groups_and_operations_can_be_left_out() {
    let mut document = example();
    let mut other = document["paths"]["/guest-book/sign"].clone();
    other["post"]["operationId"] = json!("other");
    other["post"]["tags"] = json!(["other"]);
    document["paths"]["/other"] = other;
    let only = Options { groups: vec!["guest-book".to_owned()], ..Options::default() };
    assert!(!auth_codegen::rust(&document, &only).unwrap().contains("OtherApi"));
    let skip = Options { skip: vec!["signGuestBook".to_owned()], ..Options::default() };
    let text = auth_codegen::typescript(&document, &skip).unwrap();
    assert!(text.contains("other: {") && !text.contains("guestBook: {"));
}

#[test]
fn the_path_behind_the_plugin_names_a_method_and_elsewhere_the_id_does() {
    let mut document = example();
    has(&rust(&document), "pub async fn sign(");
    let get = document["paths"]["/guest-book/sign"]["post"].clone();
    document["paths"]["/guest-book/sign"]["get"] = get;
    document["paths"]["/guest-book/sign"]["get"]["operationId"] = json!("readGuestBook");
    let text = rust(&document);
    has(&text, "pub async fn sign_guest_book(");
    has(&text, "pub async fn read_guest_book(");
}
