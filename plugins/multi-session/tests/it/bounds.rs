//! More cookies than any browser has.

use auth_testkit::json;

use crate::{accounts, active, app, cookie_name, is_stored, plant, set_active, sign_in, sign_up, token};

#[tokio::test]
async fn two_hundred_cookies_cost_as_many_statements_as_one() {
    let app = app().start().await;
    let mut few = app.anon();
    sign_up(&mut few, "ada").await;
    let eve = sign_up(&mut few, "eve").await;
    let (_, cost) = app.statements(few.get("/multi-session/list-device-sessions")).await;
    assert_eq!(cost, 1);

    let mut many = few.clone();
    let mut forged = few.clone();
    for n in 0..200 {
        plant(&app, &mut many, &format!("{n:032}"));
        let name = app.core().settings().cookies.name(&cookie_name(&format!("{n:032}")));
        forged.set_cookie(&name, &format!("{n:032}.{}=", "A".repeat(43)));
    }
    let (_, cost) = app.statements(many.get("/multi-session/list-device-sessions")).await;
    assert_eq!(cost, 1);
    let (answer, cost) = app.statements(forged.get("/multi-session/list-device-sessions")).await;
    assert_eq!((cost, answer.body.as_array().unwrap().len()), (1, 2), "forged ones do not hide good ones");
    // One is gone over to by its name, however many there are.
    set_active(&mut many, &eve).await.expect(200);

    let (answer, cost) = app.statements(sign_in(&mut many, "ada")).await;
    assert!(cost <= 8, "{cost} statements");
    assert_eq!(active(&mut many).await.as_deref(), Some("ada"));
    assert!(is_stored(&app, &token(&answer)).await);
}

#[tokio::test]
async fn a_request_speaks_for_fifty_sessions_at_most() {
    let app = app().start().await;
    let first = app.user("user0").await;
    let mut tokens = vec![first.token().to_owned()];
    for n in 1..60 {
        tokens.push(app.user(&format!("user{n}")).await.token().to_owned());
    }
    let mut browser = app.anon();
    for token in &tokens {
        plant(&app, &mut browser, token);
    }
    assert_eq!(accounts(&mut browser).await.len(), 50);
    browser.post("/sign-out", json!({})).await.expect(200);
    let mut left = 0;
    for token in &tokens {
        left += usize::from(is_stored(&app, token).await);
    }
    assert_eq!(left, 10);
    // The cookies of those that ended are gone, so the rest has its turn.
    browser.post("/sign-out", json!({})).await.expect(200);
    assert!(accounts(&mut browser).await.is_empty());
}
