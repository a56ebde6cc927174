//! Each rule on endpoints, with documents that break it.

use anyhow::Result;
use serde_json::{Value, json};

use super::{
    Report,
    compare::{Change, Kind, compare},
    matrix::Matrix,
    signature::Snapshot,
};

/// A document like those that the server prints.
fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Test", "version": "0.1.0" },
        "paths": {
            "/note": {
                "get": {
                    "operationId": "readNote", "tags": ["notes"], "security": [{}, { "sessionCookie": [] }],
                    "parameters": [
                        { "name": "id", "in": "query", "required": true, "schema": { "type": "string" } },
                        { "name": "sort", "in": "query", "required": false, "schema": { "enum": ["new", "old"] } },
                    ],
                    "responses": {
                        "200": { "content": { "application/json": { "schema":
                            { "anyOf": [{ "$ref": "#/components/schemas/Note" }, { "type": "null" }] } } } },
                        "404": error(&["NOTE_NOT_FOUND", "BOOK_NOT_FOUND"]),
                        "429": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } } },
                    },
                },
                "post": {
                    "operationId": "writeNote", "tags": ["notes"], "x-aliases": ["PUT /notes"],
                    "security": [{ "sessionCookie": [] }],
                    "requestBody": { "required": true, "content": { "application/json": { "schema":
                        { "$ref": "#/components/schemas/WriteNote" } } } },
                    "responses": { "200": { "content": { "application/json": { "schema":
                        { "type": "array", "items": { "$ref": "#/components/schemas/Note" } } } } } },
                },
            },
        },
        "components": { "schemas": {
            "Error": { "type": "object", "properties": { "code": { "type": "string" } } },
            "Note": { "type": "object", "required": ["id", "author"], "properties": {
                "id": { "type": "string" },
                "made": { "type": ["string", "null"], "format": "date-time" },
                "author": { "$ref": "#/components/schemas/Author" },
                "answers": { "type": "array", "items": { "$ref": "#/components/schemas/Note" } },
            } },
            "Author": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } },
            "WriteNote": { "type": "object", "required": ["text"], "properties": {
                "text": { "type": "string" },
                "tags": { "type": "array", "items": { "type": "string" } },
                "book": { "type": "object", "properties": { "page": { "type": "integer" } } },
            } },
        } },
    })
}

fn error(codes: &[&str]) -> Value {
    let code = json!({ "properties": { "code": { "enum": codes } } });
    json!({ "content": { "application/json": { "schema":
        { "allOf": [{ "$ref": "#/components/schemas/Error" }, code] } } } })
}

/// The changes where a document has another value at a place, or none.
fn changes(place: &str, value: Option<Value>) -> Result<Vec<Change>> {
    let mut changed = document();
    let (parent, key) = place.rsplit_once('/').unwrap_or_default();
    let parent = changed.pointer_mut(parent);
    match (parent, value) {
        (Some(Value::Object(members)), Some(value)) => drop(members.insert(key.replace("~1", "/"), value)),
        (Some(Value::Object(members)), None) => {
            assert!(members.remove(&key.replace("~1", "/")).is_some(), "{place}");
        }
        (Some(Value::Array(all)), None) => drop(all.remove(key.parse()?)),
        other => panic!("nothing at {place}: {other:?}"),
    }
    Ok(compare(&Snapshot::of(&document()), &Snapshot::of(&changed)))
}

fn told(changes: &[Change]) -> Vec<(Kind, String)> {
    changes.iter().map(|c| (c.kind, format!("{}: {}", c.endpoint, c.what))).collect()
}

const NOTE: &str = "/components/schemas/Note";
const WRITE: &str = "/components/schemas/WriteNote";

#[test]
fn a_document_agrees_with_itself_and_with_its_snapshot() -> Result<()> {
    let snapshot = Snapshot::of(&document());
    assert_eq!(compare(&snapshot, &snapshot), []);
    let again: Snapshot = serde_json::from_str(&snapshot.text()?)?;
    assert_eq!(again, snapshot);
    Ok(())
}

#[test]
fn a_snapshot_says_what_clients_rely_on() -> Result<()> {
    let snapshot = serde_json::to_value(Snapshot::of(&document()))?;
    assert_eq!(
        snapshot["endpoints"]["GET /note"],
        json!({
            "id": "readNote", "plugin": "notes", "session": "optional",
            "input": { "query.id": "required string", "query.sort": "\"new\" | \"old\"" },
            "output": {
                "200": "required null | object", "200.id": "required string", "200.author": "required object",
                "200.author.name": "required string", "200.made": "null | string(date-time)",
                "200.answers": "array", "200.answers[]": "required Note",
            },
            "errors": ["404 BOOK_NOT_FOUND", "404 NOTE_NOT_FOUND", "429"],
        })
    );
    assert_eq!(snapshot["endpoints"]["POST /note"]["aliases"], json!(["PUT /notes"]));
    assert_eq!(snapshot["endpoints"]["POST /note"]["output"]["200[].author.name"], "required string");
    Ok(())
}

#[test]
fn every_change_that_breaks_a_client_is_told_as_what_it_is() -> Result<()> {
    use Kind::{MissingEndpoint, MissingMethod, SignatureMismatch as Mismatch};
    let at = |schema: &str, rest: &str| format!("{schema}/{rest}");
    let get = "/paths/~1note/get";
    let post = "/paths/~1note/post";
    let string = || Some(json!({ "type": "string" }));
    for (place, value, kind, what) in [
        ("/paths/~1note".to_owned(), None, MissingEndpoint, "GET /note: nothing answers at this path"),
        (get.to_owned(), None, MissingMethod, "GET /note: the path is there, the method is not"),
        (
            at(post, "x-aliases"),
            None,
            MissingEndpoint,
            "POST /note: does not answer at its alias `PUT /notes`",
        ),
        (at(get, "operationId"), Some(json!("x")), Mismatch, "GET /note: its id was `readNote` and is `x`"),
        (
            at(get, "security"),
            Some(json!([{ "s": [] }])),
            Mismatch,
            "GET /note: a session was optional and is needed",
        ),
        (at(get, "parameters/0"), None, Mismatch, "GET /note: the parameter `query.id` is gone"),
        (at(get, "parameters/1"), None, Mismatch, "GET /note: the parameter `query.sort` is gone"),
        (at(WRITE, "properties/tags"), None, Mismatch, "POST /note: the parameter `body.tags` is gone"),
        (
            at(WRITE, "required"),
            Some(json!(["text", "tags"])),
            Mismatch,
            "POST /note: the parameter `body.tags` became required",
        ),
        (
            at(WRITE, "properties/text/type"),
            Some(json!("integer")),
            Mismatch,
            "POST /note: the parameter `body.text` was string and is integer",
        ),
        (
            at(WRITE, "properties/text/enum"),
            Some(json!(["a"])),
            Mismatch,
            "POST /note: the parameter `body.text` was string and is \"a\"",
        ),
        (at(NOTE, "properties/made"), None, Mismatch, "GET /note: the answer's `200.made` is gone"),
        (at(NOTE, "properties/author"), None, Mismatch, "GET /note: the answer's `200.author` is gone"),
        (
            at(NOTE, "properties/id/type"),
            Some(json!(["string", "null"])),
            Mismatch,
            "GET /note: the answer's `200.id` was string and is null | string",
        ),
        (
            at(NOTE, "properties/author"),
            string(),
            Mismatch,
            "GET /note: the answer's `200.author` was object and is string",
        ),
        (
            at(NOTE, "required"),
            Some(json!(["author"])),
            Mismatch,
            "GET /note: the answer's `200.id` may be absent",
        ),
        (
            at(get, "responses/404"),
            Some(error(&["NOTE_NOT_FOUND"])),
            Mismatch,
            "GET /note: the error `404 BOOK_NOT_FOUND` is gone",
        ),
    ] {
        let found = told(&changes(&place, value)?);
        let is_it = |(k, text): &(Kind, String)| *k == kind && text.starts_with(what);
        assert!(found.iter().any(is_it), "{place}: {found:?}");
        assert!(
            found.iter().all(|(kind, _)| *kind != Kind::Addition) || place.contains("author"),
            "{found:?}"
        );
    }
    Ok(())
}

#[test]
fn what_is_gone_with_its_parent_is_told_once() -> Result<()> {
    let found = told(&changes(&format!("{NOTE}/properties/author"), None)?);
    assert_eq!(found.len(), 2, "one an endpoint: {found:?}");
    Ok(())
}

#[test]
fn a_new_parameter_breaks_only_where_it_is_required_of_those_who_came_before() -> Result<()> {
    let nested = json!({ "type": "object", "required": ["x"], "properties": { "x": { "type": "string" } } });
    let found = changes(&format!("{WRITE}/properties/filter"), Some(nested.clone()))?;
    assert_eq!(told(&found), [(Kind::Addition, "POST /note: a new parameter `body.filter`".to_owned())]);
    let mut needed = json!({ "type": "object", "required": ["text", "filter"] });
    needed["properties"] = json!({ "text": { "type": "string" }, "tags": { "type": "array", "items": { "type": "string" } },
        "book": { "type": "object", "properties": { "page": { "type": "integer" } } }, "filter": nested });
    let found = changes(WRITE, Some(needed))?;
    assert_eq!(
        told(&found),
        [(Kind::SignatureMismatch, "POST /note: a new parameter `body.filter` is required".to_owned())]
    );
    let inside = json!({ "type": "object", "required": ["line"], "properties":
        { "page": { "type": "integer" }, "line": { "type": "integer" } } });
    let found = changes(&format!("{WRITE}/properties/book"), Some(inside))?;
    assert_eq!(
        told(&found),
        [(Kind::SignatureMismatch, "POST /note: a new parameter `body.book.line` is required".to_owned())]
    );
    Ok(())
}

#[test]
fn what_takes_more_or_promises_more_breaks_nobody() -> Result<()> {
    for (place, value) in [
        ("/paths/~1note/put".to_owned(), json!({ "operationId": "x", "responses": {} })),
        ("/paths/~1note/post/security".to_owned(), json!([])),
        (format!("{WRITE}/required"), json!([])),
        (format!("{WRITE}/properties/text/type"), json!(["string", "null"])),
        (format!("{NOTE}/properties/more"), json!({ "type": "string" })),
        (format!("{NOTE}/required"), json!(["id", "author", "made"])),
        (format!("{NOTE}/properties/made/type"), json!("string")),
        (format!("{NOTE}/properties/id/enum"), json!(["a", "b"])),
        ("/paths/~1note/get/responses/403".to_owned(), error(&["NOT_YOURS"])),
    ] {
        let found = changes(&place, Some(value))?;
        assert!(found.iter().all(|change| change.kind == Kind::Addition), "{place}: {:?}", told(&found));
    }
    Ok(())
}

#[test]
fn an_endpoint_that_moved_answers_where_it_was_by_an_alias() {
    let mut moved = document();
    let mut item = moved["paths"]["/note"]["post"].take();
    item["x-aliases"] = json!(["POST /note", "PUT /notes"]);
    moved["paths"]["/notes/new"] = json!({ "post": item });
    let changes = compare(&Snapshot::of(&document()), &Snapshot::of(&moved));
    assert_eq!(told(&changes), [(Kind::Addition, "POST /notes/new: new: `writeNote` of notes".to_owned())]);
}

fn matrix(breaking: &str) -> Result<Matrix> {
    let row = |version: &str| {
        format!(
            "[[release]]\nversion = '{version}'\nhost-api = '0.1.0'\nmigrations = 'none'\nupstream = {{ up = {{ min = '1.0.0', below = '2.0.0' }} }}\n"
        )
    };
    Ok(toml::from_str(&format!("{}{breaking}\n{}", row("0.2.0"), row("0.1.0")))?)
}

#[test]
fn a_break_passes_where_a_newer_row_lists_it_with_what_to_do() -> Result<()> {
    let mut changed = document();
    changed["info"]["version"] = "0.2.0".into();
    changed["components"]["schemas"]["Author"]["properties"]["name"]["type"] = "integer".into();
    let report = |old: &Value, pattern: &str| -> Result<(usize, usize)> {
        let rows = format!(
            "[[release.breaking]]\ndescription = 'names are numbers'\nmigration = 'count'\nendpoints = ['{pattern}']"
        );
        let mut report = Report::default();
        report.endpoints(&Snapshot::of(old), &Snapshot::of(&changed), &matrix(&rows)?);
        Ok((report.problems.len(), report.meant.len()))
    };
    assert_eq!(report(&document(), "GET /note")?, (1, 1));
    assert_eq!(report(&document(), "*")?, (0, 2));
    assert_eq!(report(&document(), "POST /no*")?, (1, 1));
    assert_eq!(report(&document(), "GET /not")?, (2, 0));
    let mut newer = document();
    newer["info"]["version"] = "0.2.0".into();
    assert_eq!(report(&newer, "*")?, (2, 0), "what was broken before is no leave to break more");
    Ok(())
}

#[test]
fn a_matrix_that_does_not_fit_the_build_is_told() -> Result<()> {
    let check = |matrix: &Matrix, version: &str, host: &str| matrix.check(version, host).len();
    let good = matrix("")?;
    assert_eq!(check(&good, "0.2.0", "0.1.0"), 0);
    assert_eq!(check(&good, "0.3.0", "0.1.0"), 1, "no row");
    assert_eq!(check(&good, "0.2.0", "0.2.0"), 1, "another host API");
    let silent = "[[release.breaking]]\ndescription = 'x'\nmigration = ' '\nhandled = ['p']";
    assert_eq!(
        check(&matrix(silent)?, "0.2.0", "0.1.0"),
        2,
        "no hint, and handled by whom it does not touch"
    );
    let mut upside_down = matrix("")?;
    upside_down.releases.reverse();
    assert_eq!(check(&upside_down, "0.2.0", "0.1.0"), 1);
    let pins =
        |name: &str, version: &str| Ok::<_, anyhow::Error>([(name.to_owned(), version.parse()?)].into());
    assert_eq!(good.check_pins("0.2.0", &pins("up", "1.0.0")?).len(), 0);
    assert_eq!(good.check_pins("0.2.0", &pins("up", "1.9.9")?).len(), 0);
    assert_eq!(good.check_pins("0.2.0", &pins("up", "2.0.0")?).len(), 1, "the upper end is outside");
    assert_eq!(
        good.check_pins("0.2.0", &pins("other", "1.0.0")?).len(),
        2,
        "a pin and a range without each other"
    );
    Ok(())
}
