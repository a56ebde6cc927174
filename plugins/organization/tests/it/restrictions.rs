//! What roles grant under a condition only.

use auth_testkit::{
    Actor, TestApp,
    auth_core::{
        Event,
        access::{AccessControl, Permissions, Question},
        session::Level,
    },
    json,
};

use crate::support::{app, member, organization};

const RULES: &str = r#"
[plugins.organization.roles.clerk]
document = ["create", "read", "update"]

[[plugins.organization.restrictions]]
role = "clerk"
resource = "document"
actions = ["create"]
when = { hours = "08:00-18:00" }

[[plugins.organization.restrictions]]
role = "clerk"
resource = "document"
actions = ["update"]
when = { owner = true }
"#;

async fn may(actor: &mut Actor, action: &str) -> bool {
    let body = json!({ "permissions": { "document": [action] } });
    actor.post("/organization/has-permission", body).await.expect(200).body["success"].as_bool().unwrap()
}

/// Sets the clock to an hour of the next day.
fn set_hour(app: &TestApp, hour: i64) {
    let now = app.core().now().unix_seconds();
    let target = (now / 86_400 + 1) * 86_400 + hour * 3600;
    app.clock().advance(std::time::Duration::from_secs((target - now).try_into().unwrap()));
}

#[tokio::test]
async fn a_role_grants_by_the_clock() {
    let app = app().config(RULES).start().await;
    set_hour(&app, 12);
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, _) = member(&app, "bob", &acme, "clerk").await;
    assert!(may(&mut bob, "create").await && may(&mut bob, "read").await);
    set_hour(&app, 18);
    assert!(!may(&mut bob, "create").await);
    assert!(may(&mut bob, "read").await);
}

#[tokio::test]
async fn a_role_grants_for_rows_of_ones_own() {
    let app = app().config(RULES).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, _) = member(&app, "bob", &acme, "clerk").await;
    assert!(!may(&mut bob, "update").await, "of no row in particular");
    let core = app.core();
    let control = core.services().get::<dyn AccessControl>().unwrap();
    let grants = control.grants(core, &bob.user().id, &acme, Level::Cached).await.unwrap().unwrap();
    let asked = Permissions::of(&[("document", &["update"])]);
    let of = |owner| Question { owner_id: Some(owner), ..Question::new(&bob.user().id, &acme, &asked) };
    assert!(of(&bob.user().id).answer(Some(&grants), core));
    assert!(!of(&ada.user().id).answer(Some(&grants), core));
    let mut events = core.events().subscribe();
    of(&bob.user().id).check(Some(&grants), core).unwrap();
    assert!(of(&ada.user().id).check(Some(&grants), core).is_err());
    let denied = events.try_next();
    assert!(matches!(denied, Some(Event::AccessDenied { user_id, .. }) if user_id == bob.user().id));
}

#[test]
fn restrictions_that_mean_nothing_are_refused() {
    for (rule, key) in [
        ("role = \"clark\"\nresource = \"document\"\nwhen = { owner = true }", "role"),
        ("role = \"clerk\"\nresource = \"document\"\nwhen = {}", "when"),
        ("role = \"clerk\"\nresource = \"document\"\nwhen = { hours = \"8-18\" }", "hours"),
        ("role = \"clerk\"\nresource = \"document\"\nwhen = { networks = [\"office\"] }", ""),
        ("role = \"clerk\"\nresource = \"document\"\nwhen = { weather = \"fine\" }", "weather"),
    ] {
        let text = format!(
            "[plugins.organization.roles.clerk]\ndocument = [\"read\"]\n[[plugins.organization.restrictions]]\n{rule}\n"
        );
        let problems = app().config(&text).plan().err().expect(rule);
        assert!(problems.iter().any(|problem| problem.to_string().contains(key)), "{problems:?}");
    }
}

#[tokio::test]
async fn what_one_has_under_a_condition_is_not_handed_on_without() {
    let rules = RULES.replace(
        "[plugins.organization.roles.clerk]\n",
        "[plugins.organization.roles.clerk]\nac = [\"create\"]\n",
    );
    let app = app().config(&rules).set("plugins.organization.dynamic_roles.enabled", true).start().await;
    set_hour(&app, 12);
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, _) = member(&app, "bob", &acme, "clerk").await;
    assert!(may(&mut bob, "create").await);
    let role = |name: &str, action: &str| json!({ "role": name, "permission": { "document": [action] } });
    for action in ["create", "update"] {
        let answer = bob.post("/organization/create-role", role("free", action)).await;
        let answer = answer.refusal(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE");
        assert_eq!(answer.body["missingPermissions"], json!([format!("document:{action}")]));
    }
    bob.post("/organization/create-role", role("reader", "read")).await.expect(200);
}
