//! The same browser, several requests at once.

use auth_testkit::{json, race};

use crate::{accounts, active, app, is_stored, sign_in, sign_up, token};

#[tokio::test]
async fn going_over_to_a_session_while_it_is_revoked_brings_nobody_back() {
    let app = app().start().await;
    for round in 0..20 {
        let mut browser = app.anon();
        let ada = sign_up(&mut browser, &format!("ada{round}")).await;
        sign_up(&mut browser, &format!("eve{round}")).await;
        let answers = race(6, |at| {
            let (mut browser, ada) = (browser.clone(), ada.clone());
            async move {
                let path = if at % 2 == 0 { "/multi-session/set-active" } else { "/multi-session/revoke" };
                let answer = browser.post(path, json!({ "sessionToken": ada })).await;
                (answer, browser)
            }
        })
        .await;
        assert!(!is_stored(&app, &ada).await);
        for (answer, mut browser) in answers {
            assert!(answer.status == 200 || answer.code() == Some("INVALID_SESSION_TOKEN"), "{answer:?}");
            // Whoever went over in time finds that it has ended.
            let now = active(&mut browser).await;
            assert!(now.is_none() || now == Some(format!("eve{round}")), "{now:?}");
        }
    }
}

#[tokio::test]
async fn revoking_the_active_session_many_times_at_once_ends_one() {
    let app = app().start().await;
    let mut browser = app.anon();
    let ada = sign_up(&mut browser, "ada").await;
    let eve = sign_up(&mut browser, "eve").await;
    let answers = race(8, |_| {
        let (mut browser, eve) = (browser.clone(), eve.clone());
        async move { browser.post("/multi-session/revoke", json!({ "sessionToken": eve })).await.status }
    })
    .await;
    assert!(
        answers.contains(&200) && answers.iter().all(|status| [200, 401].contains(status)),
        "{answers:?}"
    );
    assert!(is_stored(&app, &ada).await && !is_stored(&app, &eve).await);
}

#[tokio::test]
async fn signing_in_many_times_at_once_ends_the_older_session_once() {
    let app = app().start().await;
    let mut browser = app.anon();
    let old = sign_up(&mut browser, "ada").await;
    let tokens = race(5, |_| {
        let mut browser = browser.clone();
        async move { token(&sign_in(&mut browser, "ada").await) }
    })
    .await;
    assert!(!is_stored(&app, &old).await);
    for token in tokens {
        assert!(is_stored(&app, &token).await, "each sign-in that was answered counts");
    }
    assert_eq!(accounts(&mut browser).await, Vec::<String>::new(), "what this browser had is gone");
}
