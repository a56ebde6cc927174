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

/// Two plugins whose types have the same name.
mod shops {
    use std::sync::Arc;

    use auth_testkit::auth_core::{
        Body, Failure, Json, Key, Manifest, Plugin, Problem, Registrar, ServerOnly, User,
        endpoint::internal,
        post,
        schemars::JsonSchema,
        serde::{Deserialize, Serialize},
    };

    use crate::toys::NoConfig;

    macro_rules! shop {
        ($module:ident, $plugin:ident, $id:literal, $field:ident) => {
            pub mod $module {
                use super::*;

                #[derive(Serialize, Deserialize, JsonSchema)]
                #[serde(crate = "auth_testkit::auth_core::serde")]
                #[schemars(crate = "auth_testkit::auth_core::schemars")]
                pub struct Item {
                    $field: String,
                    note: Option<String>,
                }

                #[derive(Serialize, Deserialize, JsonSchema)]
                #[serde(crate = "auth_testkit::auth_core::serde")]
                #[schemars(crate = "auth_testkit::auth_core::schemars")]
                pub struct Hidden {
                    secret: String,
                }

                #[derive(Serialize, JsonSchema)]
                #[serde(crate = "auth_testkit::auth_core::serde")]
                #[schemars(crate = "auth_testkit::auth_core::schemars")]
                pub struct Sold {
                    item: Item,
                    to: Option<User>,
                }

                const SELL: Key<Item, Sold> = Key::new(concat!($id, "Sell"));
                const HIDE: Key<Hidden, Hidden> = Key::new(concat!($id, "Hide"));

                async fn sell(Body(item): Body<Item>) -> Result<Json<Sold>, Failure> {
                    Ok(Json(Sold { item, to: None }))
                }

                async fn hide(_: ServerOnly, Body(hidden): Body<Hidden>) -> Result<Json<Hidden>, Failure> {
                    Ok(Json(hidden))
                }

                pub struct $plugin;

                impl Plugin for $plugin {
                    const MANIFEST: Manifest = Manifest::new($id, "1.0.0", "Sells");
                    type Config = NoConfig;

                    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
                        Ok(Self)
                    }

                    fn register(self: Arc<Self>, host: &mut Registrar) {
                        host.endpoint(post(SELL, concat!("/", $id, "/sell"), sell));
                        host.endpoint(internal(HIDE, hide));
                    }
                }
            }
        };
    }

    shop!(books, BookShop, "book-shop", title);
    shop!(shoes, Shoes, "shoes", size);
}

#[test]
fn names_of_schemas_do_not_depend_on_what_else_is_enabled() {
    let names = |document: &Value, start: &str| {
        let schemas = document["components"]["schemas"].as_object().unwrap();
        schemas.keys().filter(|name| name.starts_with(start)).cloned().collect::<Vec<_>>()
    };
    let builder = TestApp::builder().plugin::<Door>().plugin::<shops::shoes::Shoes>();
    let alone = auth_host::document(&builder.plan().ok().unwrap());
    let builder = TestApp::builder()
        .plugin::<Door>()
        .plugin::<shops::books::BookShop>()
        .plugin::<shops::shoes::Shoes>();
    let both = auth_host::document(&builder.plan().ok().unwrap());
    assert_eq!(names(&alone, "Shoes"), ["ShoesItem", "ShoesItemInput", "ShoesSold"]);
    assert_eq!(names(&both, "Shoes"), names(&alone, "Shoes"));
    assert_eq!(names(&both, "BookShop"), ["BookShopItem", "BookShopItemInput", "BookShopSold"]);
    assert_eq!(names(&both, "User"), ["User"]);
}

#[test]
fn replies_say_what_is_always_there_and_inputs_what_may_be_left_out() {
    let builder = TestApp::builder().plugin::<Door>().plugin::<Greeter>().plugin::<shops::shoes::Shoes>();
    let document = auth_host::document(&builder.plan().ok().unwrap());
    let schema = |name: &str| document["components"]["schemas"][name].clone();
    let (written, read) = (schema("ShoesItem"), schema("ShoesItemInput"));
    assert_eq!(written["required"], auth_testkit::json!(["size", "note"]));
    assert_eq!(written["properties"]["note"]["type"], auth_testkit::json!(["string", "null"]));
    assert_eq!(read["required"], auth_testkit::json!(["size"]));
    assert_eq!(read["properties"]["note"]["type"], "string");
    // A plugin's column is always there, too.
    let user = schema("User");
    assert!(user["required"].as_array().unwrap().iter().any(|name| name == "sticker"), "{user}");
    assert_eq!(user["properties"]["sticker"]["type"], auth_testkit::json!(["string", "null"]));
}
