//! `POST /token/refresh`, as it should go.

use std::{sync::atomic::Ordering, time::Duration};

use auth_testkit::json;

use crate::{
    DAY, Pair, app, just_before, name, paired, refresh, seconds, signed, stored,
    toys::{NOBODY, RIGID, SHUT, Warden, heard},
    with,
};

#[tokio::test]
async fn it_gives_the_next_pair_and_the_one_before_is_dead() {
    let app = app().start().await;
    let first = paired(&app, &app.user("ada").await, json!({})).await;
    let before = stored(&app, first.session_id()).await.unwrap();
    app.clock().advance(seconds(60));
    assert_eq!(name(with(&app, &first.token)).await.as_deref(), Some("Ada"), "in memory from here on");
    let answer = refresh(&app, &first.refresh).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.set_cookies().is_empty() && answer.header("set-auth-token").is_none());
    let second = Pair::of(answer);
    assert_eq!(name(with(&app, &first.token)).await, None);
    assert_eq!(name(with(&app, &second.token)).await.as_deref(), Some("Ada"));
    let after = stored(&app, first.session_id()).await.unwrap();
    assert_eq!((&after.id, after.created_at), (&before.id, before.created_at));
    assert_eq!((first.generation(), second.generation()), (1, 2));
    let now = app.core().now();
    assert_eq!(second.body["expiresAt"], now.plus_seconds(900).to_string());
    assert_eq!(second.body["refreshExpiresAt"], now.plus_seconds(30 * DAY).to_string());
    assert_eq!(after.expires_at, now.plus_seconds(30 * DAY));
    let third = Pair::of(refresh(&app, &second.refresh).await);
    assert_eq!(third.generation(), 3);
    // Nothing of a refresh token is stored.
    let row = format!("{:?}", stored(&app, first.session_id()).await.unwrap());
    let mac = third.refresh.rsplit('.').next().unwrap();
    assert!(row.contains("refreshGeneration") && !row.contains(mac));
}

#[tokio::test]
async fn it_works_until_the_refresh_tokens_end() {
    let app = app().start().await;
    let pair = paired(&app, &app.user("ada").await, json!({})).await;
    app.clock().advance(just_before(30 * DAY));
    let pair = Pair::of(refresh(&app, &pair.refresh).await);
    app.clock().advance(seconds(30 * DAY));
    refresh(&app, &pair.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
    app.run_tasks().await;
    assert!(
        stored(&app, pair.session_id()).await.is_some(),
        "the sweep takes what is over, not what is ending"
    );
    app.clock().advance(Duration::from_millis(1));
    app.run_tasks().await;
    assert!(stored(&app, pair.session_id()).await.is_none());
    refresh(&app, &pair.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
}

#[tokio::test]
async fn the_sign_in_is_never_longer_ago_than_the_policy_says() {
    let app = app().start().await;
    let mut pair = paired(&app, &app.user("ada").await, json!({})).await;
    let signed_in = app.core().now();
    let end = signed_in.plus_seconds(90 * DAY);
    for _ in 0..4 {
        app.clock().advance(seconds(20 * DAY));
        pair = Pair::of(refresh(&app, &pair.refresh).await);
    }
    assert_eq!(pair.body["refreshExpiresAt"], end.to_string());
    app.clock().advance(seconds(10 * DAY - 60));
    pair = Pair::of(refresh(&app, &pair.refresh).await);
    assert_eq!(pair.body["refreshExpiresAt"], end.to_string());
    assert_eq!((&pair.body["expiresAt"], &pair.body["expiresIn"]), (&json!(end.to_string()), &json!(60)));
    app.clock().advance(seconds(60));
    assert_eq!(name(with(&app, &pair.token)).await, None);
    refresh(&app, &pair.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
}

#[tokio::test]
async fn refreshing_makes_nobody_fresh() {
    let app = app().start().await;
    let mut pair = paired(&app, &app.user("ada").await, json!({})).await;
    for _ in 0..5 {
        with(&app, &pair.token).get("/list-sessions").await.expect(200);
        app.clock().advance(seconds(720));
        pair = Pair::of(refresh(&app, &pair.refresh).await);
    }
    with(&app, &pair.token).get("/list-sessions").await.refused(403, "SESSION_NOT_FRESH");
}

#[tokio::test]
async fn each_client_has_its_policy_and_keeps_it() {
    let app = app()
        .config(
            "[plugins.bearer.clients.phone]\ntoken_expires_in = 60\nrefresh_expires_in = 3600\nlongest = 0",
        )
        .start()
        .await;
    let ada = app.user("ada").await;
    let mut pair = paired(&app, &ada, json!({ "client": "phone" })).await;
    for _ in 0..3 {
        app.clock().advance(seconds(3599));
        pair = Pair::of(refresh(&app, &pair.refresh).await);
        assert_eq!((&pair.body["client"], &pair.body["expiresIn"]), (&json!("phone"), &json!(60)));
        assert_eq!(pair.body["refreshExpiresAt"], app.core().now().plus_seconds(3600).to_string());
    }
    app.clock().advance(seconds(3600));
    refresh(&app, &pair.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
}

#[tokio::test]
async fn whoever_is_signed_out_does_not_refresh() {
    let password = "Correct-Horse-42";
    for how in 0..5 {
        let app = app().start().await;
        let body = json!({ "name": "Ada", "email": "ada@example.com", "password": password });
        let mut laptop = app.anon();
        let up = laptop.post("/sign-up/email", body.clone()).await.expect(200);
        let phone = app.anon().post("/sign-in/email", body).await.expect(200);
        let phone = phone.header("set-auth-token").unwrap().to_owned();
        let pair = Pair::of(with(&app, &phone).post("/token/pair", json!({})).await);
        match how {
            0 => drop(with(&app, &pair.token).post("/sign-out", json!({})).await.expect(200)),
            1 => {
                // Signing out needs no living access token.
                app.clock().advance(seconds(900));
                with(&app, &pair.token).post("/sign-out", json!({})).await.expect(200);
            }
            2 => drop(laptop.post("/revoke-other-sessions", json!({})).await.expect(200)),
            3 => {
                let change = json!({
                    "currentPassword": password, "newPassword": "Battery-Staple-77", "revokeOtherSessions": true,
                });
                laptop.post("/change-password", change).await.expect(200);
            }
            _ => {
                let user = app.stored_user(up.body["user"]["id"].as_str().unwrap()).await.unwrap();
                let tx = app.core().begin().await.unwrap();
                app.core().users().delete(&tx, &user).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
        refresh(&app, &pair.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
        assert_eq!(name(with(&app, &pair.token)).await, None, "{how}");
        assert!(stored(&app, pair.session_id()).await.is_none(), "{how}");
    }
}

#[tokio::test]
async fn hooks_refuse_and_hear_of_it() {
    let app = app().plugin::<Warden>().start().await;
    let ada = app.user("ada").await;
    SHUT.store(true, Ordering::SeqCst);
    let token = signed(&app, ada.token());
    with(&app, &token).post("/token/pair", json!({})).await.refused(403, "BANNED");
    assert_eq!(name(with(&app, &token)).await.as_deref(), Some("Ada"));
    SHUT.store(false, Ordering::SeqCst);
    let pair = paired(&app, &ada, json!({})).await;
    let row = stored(&app, pair.session_id()).await.unwrap();
    let told = |old: &str, new: &str| {
        vec!["before rotation".to_owned(), format!("updated {new}"), format!("rotated {old}")]
    };
    assert_eq!(heard(), told(ada.token(), &row.token));
    SHUT.store(true, Ordering::SeqCst);
    refresh(&app, &pair.refresh).await.refused(403, "BANNED");
    assert_eq!(stored(&app, pair.session_id()).await.unwrap(), row, "a refusal changes nothing");
    SHUT.store(false, Ordering::SeqCst);
    let next = Pair::of(refresh(&app, &pair.refresh).await);
    let new = stored(&app, pair.session_id()).await.unwrap();
    assert_eq!(heard(), told(&row.token, &new.token));
    assert_eq!(name(with(&app, &next.token)).await.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn rules_of_others_hold_for_pairs_too() {
    let app = app().plugin::<Warden>().set("plugins.bearer.clients.default.reuse_leeway", 60).start().await;
    let ada = app.user("ada").await;
    let token = signed(&app, ada.token());
    RIGID.store(true, Ordering::SeqCst);
    with(&app, &token).post("/token/pair", json!({})).await.refused(403, "SESSION_CANNOT_BE_EXTENDED");
    RIGID.store(false, Ordering::SeqCst);
    let first = paired(&app, &ada, json!({})).await;
    let second = Pair::of(refresh(&app, &first.refresh).await);
    let row = stored(&app, first.session_id()).await;
    NOBODY.store(true, Ordering::SeqCst);
    for token in [&first.refresh, &second.refresh] {
        refresh(&app, token).await.refused(401, "INVALID_REFRESH_TOKEN");
    }
    assert_eq!(stored(&app, first.session_id()).await, row, "a refusal changes nothing");
    NOBODY.store(false, Ordering::SeqCst);
    Pair::of(refresh(&app, &second.refresh).await);
}

#[tokio::test]
async fn a_cut_at_any_statement_leaves_the_pair_as_it_was() {
    // Case 290.
    let app = app().start().await;
    let ada = app.user("ada").await;
    let token = signed(&app, ada.token());
    let mut cuts = 0;
    let pair = loop {
        app.cable().cut_after(cuts);
        let answer = with(&app, &token).post("/token/pair", json!({})).await;
        app.cable().mend();
        if answer.status == 200 {
            break Pair::of(answer);
        }
        assert_eq!(answer.expect(503).code(), Some("SERVICE_UNAVAILABLE"));
        assert_eq!(name(with(&app, &token)).await.as_deref(), Some("Ada"), "after {cuts} statements");
        cuts += 1;
    };
    assert!(cuts > 2);
    let row = stored(&app, pair.session_id()).await;
    let mut cuts = 0;
    let next = loop {
        app.cable().cut_after(cuts);
        let answer = refresh(&app, &pair.refresh).await;
        app.cable().mend();
        if answer.status == 200 {
            break Pair::of(answer);
        }
        assert_eq!(answer.expect(503).code(), Some("SERVICE_UNAVAILABLE"));
        assert_eq!(stored(&app, pair.session_id()).await, row, "after {cuts} statements");
        cuts += 1;
    };
    assert!(cuts > 2);
    // A replay that was cut off has not ended half of the family either.
    let mut cuts = 0;
    loop {
        app.cable().cut_after(cuts);
        let answer = refresh(&app, &pair.refresh).await;
        app.cable().mend();
        if answer.status == 401 {
            break;
        }
        answer.expect(503);
        assert_eq!(name(with(&app, &next.token)).await.as_deref(), Some("Ada"), "after {cuts} statements");
        cuts += 1;
    }
    assert!(cuts > 2);
    assert_eq!(name(with(&app, &next.token)).await, None);
}

#[tokio::test]
async fn one_address_does_not_refresh_without_end() {
    let app = app().set("rate_limit.enabled", true).start().await;
    for _ in 0..60 {
        refresh(&app, "nonsense").await.refused(401, "INVALID_REFRESH_TOKEN");
    }
    refresh(&app, "nonsense").await.expect(429);
}
