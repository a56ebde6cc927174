//! The three plugins on a whole host.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

use auth_core::{Timestamp, call::Request, model::UserPatch};
use auth_plugin_account::AccountPlugin;
use auth_plugin_email_password::EmailPassword;
use auth_plugin_organization::OrganizationPlugin;
use auth_plugin_session::SessionPlugin;
use auth_testkit::{Actor, Builder, TestApp, check, json};
use example_plugins::{EmailDomains, OrganizationSeats, SET_SEATS, SessionHints, SetSeats};

const PASSWORD: &str = "A long enough 1 for tests";

fn app() -> Builder {
    TestApp::builder().plugin::<SessionPlugin>().plugin::<EmailPassword>().plugin::<AccountPlugin>()
}

fn person(email: &str) -> auth_core::serde_json::Value {
    json!({ "name": "Somebody", "email": email, "password": PASSWORD })
}

#[tokio::test]
async fn nobody_signs_up_with_an_address_of_a_blocked_domain() {
    let app =
        app().plugin::<EmailDomains>().set("plugins.email-domains.blocked", ["spam.example"]).start().await;
    for email in ["a@spam.example", "a@SPAM.example", "a@deep.in.spam.example"] {
        app.anon().post("/sign-up/email", person(email)).await.refused(403, "EMAIL_DOMAIN_IS_BLOCKED");
    }
    for email in ["a@notspam.example", "a@spam.example.org"] {
        app.anon().post("/sign-up/email", person(email)).await.expect(200);
    }
    app.anon().post("/sign-up/email", json!({ "email": 7 })).await.refused(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn whatever_else_writes_addresses_is_asked_too() {
    let app =
        app().plugin::<EmailDomains>().set("plugins.email-domains.blocked", ["spam.example"]).start().await;
    let ada = app.user("ada").await;
    let id = ada.user().id.clone();
    let tx = app.core().begin().await.unwrap();
    let patch = UserPatch { email: Some("ada@spam.example".to_owned()), ..UserPatch::default() };
    let refused = app.core().users().update(&tx, &id, patch).await.err().unwrap();
    assert_eq!((refused.status().as_u16(), refused.code()), (403, Some("EMAIL_DOMAIN_IS_BLOCKED")));
    drop(tx);
    assert_eq!(app.stored_user(&id).await.unwrap().email, "ada@example.com");
}

#[test]
fn a_domain_that_is_none_is_told_before_the_start() {
    for wrong in ["@spam.example", "Spam.example", ""] {
        let app = app().plugin::<EmailDomains>().set("plugins.email-domains.blocked", [wrong]);
        let problems = app.plan().err().unwrap();
        assert!(problems[0].what.contains("is no domain"), "{problems:?}");
    }
}

#[tokio::test]
async fn a_replaced_endpoint_calls_the_original_for_the_same_request() {
    let app = app().plugin::<SessionHints>().set("plugins.session.update_age", 3600).start().await;
    let mut ada = app.user("ada").await;
    let told = ada.get("/get-session").await.expect(200);
    assert_eq!(told.body["user"]["name"], "Ada");
    let left = told.body["hints"]["secondsLeft"].as_i64().unwrap();
    assert!(left > 86_400, "{left}");
    assert_eq!(told.body["hints"]["daysSinceSignUp"], 0);
    // The original's cookies are this answer's.
    app.clock().advance(std::time::Duration::from_secs(2 * 86_400));
    let later = ada.get("/get-session?disableCookieCache=yes").await.expect(200);
    assert!(later.set_cookie("better-auth.session_token").is_some(), "{later:?}");
    assert_eq!(later.body["hints"]["daysSinceSignUp"], 2);
    assert_eq!(later.header("cache-control"), Some("no-store"));
    assert_eq!(ada.get("/session").await.expect(200).body["hints"]["daysSinceSignUp"], 2);
    assert_eq!(app.anon().get("/get-session").await.expect(200).body, json!(null));
}

async fn house(owner: &mut Actor) -> String {
    let made =
        owner.post("/organization/create", json!({ "name": "House", "slug": "house" })).await.expect(200);
    made.body["id"].as_str().unwrap().to_owned()
}

async fn invited(owner: &mut Actor, organization: &str, guest: &Actor) -> auth_testkit::Answer {
    let body = json!({ "email": guest.user().email, "role": "member", "organizationId": organization });
    owner.post("/organization/invite-member", body).await
}

fn with_seats() -> Builder {
    app()
        .plugin::<OrganizationPlugin>()
        .plugin::<OrganizationSeats>()
        .set("plugins.organization-seats.free", 2)
}

#[tokio::test]
async fn nobody_joins_without_a_seat() {
    let app = with_seats().start().await;
    let (mut owner, mut first, mut second) =
        (app.user("owner").await, app.user("first").await, app.user("second").await);
    let id = house(&mut owner).await;
    let seats = format!("/organization/seats?organizationId={id}");
    assert_eq!(owner.get(&seats).await.expect(200).body, json!({ "seats": 2, "taken": 1 }));
    first.get(&seats).await.refused(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");

    let one = invited(&mut owner, &id, &first).await.expect(200);
    let two = invited(&mut owner, &id, &second).await.expect(200);
    let accept = |answer: &auth_testkit::Answer| json!({ "invitationId": answer.body["id"] });
    first.post("/organization/accept-invitation", accept(&one)).await.expect(200);
    second.post("/organization/accept-invitation", accept(&two)).await.refused(403, "NO_FREE_SEAT");
    assert_eq!(owner.get(&seats).await.expect(200).body["taken"], 2);
    invited(&mut owner, &id, &app.user("third").await).await.refused(403, "NO_FREE_SEAT");

    let request = |seats| Request::with_body(&SetSeats { organization_id: id.clone(), seats }).unwrap();
    let few = app.core().call(&SET_SEATS, request(1)).await.err().unwrap();
    assert_eq!(few.code(), Some("SEATS_ARE_TAKEN"));
    app.core().call(&SET_SEATS, request(3)).await.unwrap();
    second.post("/organization/accept-invitation", accept(&two)).await.expect(200);
    assert_eq!(owner.get(&seats).await.expect(200).body, json!({ "seats": 3, "taken": 3 }));
}

#[tokio::test]
async fn seats_cannot_be_set_from_the_network() {
    let app = with_seats().start().await;
    let mut owner = app.user("owner").await;
    let id = house(&mut owner).await;
    for path in ["/organization/set-seats", "/organization/seats"] {
        let answer = owner.post(path, json!({ "organizationId": id, "seats": 100 })).await;
        assert!([404, 405].contains(&answer.status), "{answer:?}");
    }
}

#[tokio::test]
async fn the_last_seat_is_given_once() {
    let app = with_seats().start().await;
    let mut owner = app.user("owner").await;
    let id = house(&mut owner).await;
    let mut guests = Vec::new();
    for name in ["ann", "ben", "cid", "dan"] {
        let guest = app.user(name).await;
        let invitation = invited(&mut owner, &id, &guest).await.expect(200);
        guests.push((guest, json!({ "invitationId": invitation.body["id"] })));
    }
    let all = guests.into_iter().map(|(mut guest, body)| async move {
        guest.post("/organization/accept-invitation", body).await.status
    });
    let mut answers = Vec::new();
    let mut running: Vec<_> = all.map(tokio::spawn).collect();
    for one in running.drain(..) {
        answers.push(one.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers, [200, 403, 403, 403]);
}

/// How many days an invitation waits.
async fn days(builder: Builder) -> u64 {
    let app = builder.start().await;
    let mut owner = app.user("owner").await;
    let id = house(&mut owner).await;
    let invitation = invited(&mut owner, &id, &app.user("guest").await).await.expect(200);
    let end = Timestamp::parse(invitation.body["expiresAt"].as_str().unwrap()).unwrap();
    end.since(app.core().now()).as_secs() / 86_400
}

#[tokio::test]
async fn the_extended_plugins_defaults_are_the_extending_ones_and_the_operator_wins() {
    assert_eq!(days(with_seats()).await, 3);
    assert_eq!(days(with_seats().set("plugins.organization.invitation_expires_in", 86_400)).await, 1);
}

#[test]
fn a_column_needs_the_relation() {
    let alone = app().plugin::<OrganizationSeats>().plan().err().unwrap();
    assert!(alone[0].what.contains("extends `organization`, which is not enabled"), "{alone:?}");
}

#[tokio::test]
async fn they_keep_what_every_plugin_keeps() {
    check::plugin::<EmailDomains>(app().plugin::<EmailDomains>()).await;
    check::plugin::<SessionHints>(app().plugin::<SessionHints>()).await;
    check::plugin::<OrganizationSeats>(with_seats()).await;
}
