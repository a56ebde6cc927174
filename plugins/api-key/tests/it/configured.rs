//! `[plugins.api-key]`.

use auth_testkit::{auth_core::Preset, json};

use crate::support::{app, make, row, verdict, verify_with};

fn problems(toml: &str) -> Vec<String> {
    match app().config(toml).plan() {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn figures_that_cannot_work_are_refused_by_their_key() {
    for preset in [Preset::Tessera, Preset::BetterAuth] {
        assert!(app().preset(preset).plan().is_ok());
    }
    for (lines, expected) in [
        ("headers = []", "plugins.api-key.headers"),
        ("headers = [\"Authorization\"]", "plugins.api-key.headers"),
        ("headers = [\"cookie\"]", "plugins.api-key.headers"),
        ("length = 8", "plugins.api-key.length"),
        ("length = 1000", "plugins.api-key.length"),
        ("start = 40", "plugins.api-key.start"),
        ("prefix = \"a b\"", "plugins.api-key.prefix"),
        ("name_length = { min = 9, max = 3 }", "plugins.api-key.name_length"),
        ("metadata_limit = 999999", "plugins.api-key.metadata_limit"),
        ("rate_limit = { enabled = true, window = 0, max = 5 }", "plugins.api-key.rate_limit"),
        ("expiration = { custom = true, min_days = 9, max_days = 3 }", "plugins.api-key.expiration"),
        ("configurations.default = {}", "configurations.default"),
        ("configurations.\"a b\" = {}", "configurations.a b"),
        ("configurations.ci = { nonsense = 1 }", "configurations.ci"),
        ("configurations.ci = { length = 1 }", "configurations.ci.length"),
        ("whole_session = true", "plugins.api-key.whole_session: no such key"),
    ] {
        let found = problems(&format!("[plugins.api-key]\n{lines}"));
        assert!(found.iter().any(|problem| problem.contains(expected)), "{lines}: {found:?}");
    }
}

#[tokio::test]
async fn kinds_of_keys_have_figures_of_their_own() {
    let app = app()
        .config("[plugins.api-key.configurations.ci]\nprefix = \"ci_\"\nrequire_name = true\nmetadata = false\n\
                 rate_limit = { max = 3 }\npermissions = { build = [\"run\"] }\nexpiration = { custom = false, default = 60 }")
        .start()
        .await;
    let mut ada = app.user("ada").await;
    let plain = make(&mut ada, json!({})).await;
    let made = make(&mut ada, json!({ "configId": "ci", "name": "runner" })).await;
    assert!(made.key.starts_with("ci_"));
    for (name, value) in [
        ("configId", json!("ci")),
        ("rateLimitMax", json!(3)),
        ("rateLimitTimeWindow", json!(3_600_000)),
        ("permissions", json!({ "build": ["run"] })),
        ("expiresAt", json!(app.core().now().plus_seconds(60))),
    ] {
        assert_eq!(made.body[name], value, "{name}");
    }
    for (body, code) in [
        (json!({ "configId": "ci" }), "NAME_REQUIRED"),
        (json!({ "configId": "ci", "name": "" }), "NAME_REQUIRED"),
        (json!({ "configId": "ci", "name": "x", "metadata": { "a": 1 } }), "METADATA_DISABLED"),
        (json!({ "configId": "ci", "name": "x", "expiresIn": 86_400 }), "KEY_DISABLED_EXPIRATION"),
    ] {
        ada.post("/api-key/create", body).await.refused(400, code);
    }
    let other = make(&mut ada, json!({ "configId": "nonsense" })).await;
    assert_eq!(other.body["configId"], "default");

    let code = async |key: &str, kind: &str| {
        verify_with(&app, json!({ "key": key, "configId": kind })).await["error"]["code"].clone()
    };
    assert_eq!(code(&made.key, "ci").await, json!(null));
    assert_eq!(code(&made.key, "default").await, "INVALID_API_KEY");
    assert_eq!(code(&plain.key, "ci").await, "INVALID_API_KEY");
    assert_eq!(verdict(&app, &made.key).await, "ok");

    let id = &made.id;
    ada.get(&format!("/api-key/get?id={id}")).await.refused(404, "KEY_NOT_FOUND");
    ada.get(&format!("/api-key/get?id={id}&configId=ci")).await.expect(200);
    assert_eq!(ada.get("/api-key/list?configId=ci").await.body["total"], 1);
    assert_eq!(ada.get("/api-key/list").await.body["total"], 3);
    ada.post("/api-key/delete", json!({ "keyId": id })).await.refused(404, "KEY_NOT_FOUND");
    ada.post("/api-key/delete", json!({ "keyId": id, "configId": "ci" })).await.expect(200);
    assert!(row(&app, id).await.is_empty());
}
