//! What is no refresh token.

use auth_testkit::json;

use crate::{Pair, app, name, paired, refresh, signed, with};

#[tokio::test]
async fn what_nobody_minted_is_refused_without_a_query_and_ends_nothing() {
    let app = app().start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let (hers, theirs) = (paired(&app, &ada, json!({})).await, paired(&app, &eve, json!({})).await);
    let token = hers.refresh.as_str();
    let (id, mac) = (hers.session_id(), token.rsplit('.').next().unwrap());
    let foreign = theirs.refresh.rsplit('.').next().unwrap();
    let session = hers.token.split('.').next().unwrap();
    let long = "x".repeat(100_000);
    let mut bad = vec![
        String::new(),
        "null".to_owned(),
        "..".to_owned(),
        id.to_owned(),
        format!("{id}.1"),
        format!("{id}.1."),
        format!("{id}.1.{foreign}"),
        format!("{}.1.{mac}", theirs.session_id()),
        hers.token.clone(),
        session.to_owned(),
        signed(&app, &format!("{id}.1")),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.".to_owned(),
        format!("{token}="),
        format!("{token}%20"),
        format!("{token}.{mac}"),
        format!("Bearer {token}"),
        token.to_uppercase(),
        format!("{id}.1.{long}"),
        long.clone(),
        format!("' OR 1=1--.1.{mac}"),
        format!("{id}\0.1.{mac}"),
    ];
    for generation in
        ["0", "-1", "+1", "01", "2", "1e0", "1.0", "", " 1", "١", "2147483648", "99999999999999999999"]
    {
        bad.push(format!("{id}.{generation}.{mac}"));
    }
    for space in [" ", "\n", "\t", "\u{a0}", "\u{200b}"] {
        bad.push(format!("{space}{token}"));
        bad.push(format!("{token}{space}"));
    }
    // The last character of a signature has two spare bits.
    let cut = &token[..token.len() - 1];
    bad.extend(('A'..='Z').chain('a'..='z').map(|last| format!("{cut}{last}")).filter(|t| t != token));
    bad.push(cut.to_owned());
    let words = refresh(&app, "nonsense").await.text;
    for bad in &bad {
        let (answer, statements) = app.statements(refresh(&app, bad)).await;
        assert_eq!(statements, 0, "{bad:.80}");
        assert_eq!(answer.text, words, "{bad:.80}");
        answer.refused(401, "INVALID_REFRESH_TOKEN");
    }
    for (pair, who) in [(hers, "Ada"), (theirs, "Eve")] {
        assert_eq!(name(with(&app, &pair.token)).await.as_deref(), Some(who));
        Pair::of(refresh(&app, &pair.refresh).await);
    }
}

#[tokio::test]
async fn bodies_of_another_shape_are_refused() {
    let app = app().start().await;
    let pair = paired(&app, &app.user("ada").await, json!({})).await;
    let mut client = app.anon().header("origin", "");
    for wrong in [
        json!({}),
        json!(null),
        json!([]),
        json!("x"),
        json!({ "refreshToken": null }),
        json!({ "refreshToken": 1 }),
        json!({ "refreshToken": true }),
        json!({ "refreshToken": [pair.refresh] }),
        json!({ "refreshToken": { "$ne": "" } }),
        json!({ "refresh_token": pair.refresh }),
        json!({ "token": pair.refresh }),
    ] {
        client.post("/token/refresh", wrong).await.refused(400, "VALIDATION_ERROR");
    }
    client.post_raw("/token/refresh", "{").await.refused(400, "BAD_REQUEST");
    let query = format!("/token/refresh?refreshToken={}", pair.refresh);
    client.post(&query, json!({})).await.refused(400, "VALIDATION_ERROR");
    client.get(&query).await.expect(404);
    Pair::of(refresh(&app, &pair.refresh).await);
}

#[tokio::test]
async fn a_token_of_another_server_is_refused() {
    let theirs = app().set("secret", "another secret that only tests use, 0123456789").start().await;
    let ours = app().start().await;
    // The same seed, so the same ids.
    let (foreign, own) = (
        paired(&theirs, &theirs.user("ada").await, json!({})).await,
        paired(&ours, &ours.user("ada").await, json!({})).await,
    );
    assert_eq!(foreign.session_id(), own.session_id());
    assert_ne!(foreign.refresh, own.refresh);
    refresh(&ours, &foreign.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
    Pair::of(refresh(&ours, &own.refresh).await);
}
