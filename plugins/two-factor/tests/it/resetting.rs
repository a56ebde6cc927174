//! Factors that were lost.

use auth_testkit::{
    auth_core::{Event, ports::SecondFactors},
    json,
};

use crate::support::{app, challenged, email, enrolled, factor, sign_in, signed_up, verify_totp};

#[tokio::test]
async fn a_reset_takes_everything_and_tells_the_user() {
    let app = app().start().await;
    let (ada, bob) = (enrolled(&app, "ada").await, enrolled(&app, "bob").await);
    signed_up(&app, "eve").await;
    let mut trusted = challenged(&app, "ada").await;
    let body = json!({ "code": ada.code(&app), "trustDevice": true });
    trusted.post("/two-factor/verify-totp", body).await.expect(200);
    let mut waiting = challenged(&app, "ada").await;
    let mut events = app.core().events().subscribe();
    let (core, factors) = (app.core(), app.core().services().get::<dyn SecondFactors>().unwrap());
    let user = async |name: &str| core.users().find_by_email(core.db(), &email(name)).await.unwrap().unwrap();
    assert!(factors.has_any(core, &user("ada").await).await.unwrap());
    assert!(factors.reset(core, &user("ada").await).await.unwrap());
    assert!(!factors.has_any(core, &user("ada").await).await.unwrap());
    assert!(!factors.reset(core, &user("ada").await).await.unwrap(), "nothing is left");
    assert!(!factors.reset(core, &user("eve").await).await.unwrap());
    let letters = app.mailbox().all();
    let told: Vec<_> = letters.iter().filter(|letter| letter.kind == "two-factor-reset").collect();
    assert_eq!((told.len(), told[0].to.as_str()), (1, "ada@example.com"));
    let mut resets = 0;
    while let Some(event) = events.try_next() {
        if let Event::Plugin { name: "two_factor.reset", data, .. } = event {
            assert_eq!(data, json!({ "userId": user("ada").await.id }));
            resets += 1;
        }
    }
    assert_eq!(resets, 1);
    verify_totp(&mut waiting, &ada.code(&app)).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    assert!(sign_in(&mut app.anon(), "ada").await.body["token"].is_string());
    assert_eq!(crate::support::number(&app, "SELECT COUNT(*) FROM \"trustedDevice\"").await, 0);
    // Others keep theirs.
    assert_eq!(factor(&app).await.len(), 1);
    verify_totp(&mut challenged(&app, "bob").await, &bob.code(&app)).await.expect(200);
}

#[tokio::test]
async fn who_is_deleted_leaves_nothing() {
    let app = app().start().await;
    enrolled(&app, "ada").await;
    challenged(&app, "ada").await;
    let core = app.core();
    let user = core.users().find_by_email(core.db(), &email("ada")).await.unwrap().unwrap();
    let tx = core.begin().await.unwrap();
    core.users().delete(&tx, &user).await.unwrap();
    tx.commit().await.unwrap();
    assert!(factor(&app).await.is_empty());
    assert_eq!(crate::support::number(&app, "SELECT COUNT(*) FROM \"twoFactorChallenge\"").await, 0);
}
