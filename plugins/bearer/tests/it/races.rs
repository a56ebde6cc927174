//! Many at once.

use auth_testkit::{Answer, TestApp, auth_core::Event, json, race};

use crate::{Pair, app, name, paired, refresh, stored, with};

async fn fifty(app: &TestApp, token: &str) -> Vec<Answer> {
    race(50, |_| {
        let (app, token) = (app.clone(), token.to_owned());
        async move { refresh(&app, &token).await }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_at_once_one_gets_a_pair_and_the_others_end_it() {
    // Case 206.
    let app = app().start().await;
    let first = paired(&app, &app.user("ada").await, json!({})).await;
    let mut events = app.core().events().subscribe();
    let (won, lost): (Vec<_>, Vec<_>) =
        fifty(&app, &first.refresh).await.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 49));
    for answer in lost {
        answer.refused(401, "INVALID_REFRESH_TOKEN");
    }
    let won = Pair::of(won.into_iter().next().unwrap());
    assert_eq!(won.generation(), 2);
    // Strict: those who lost had a token that was redeemed when they came to it.
    assert!(stored(&app, first.session_id()).await.is_none());
    assert_eq!(name(with(&app, &won.token)).await, None);
    refresh(&app, &won.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
    let all: Vec<_> = std::iter::from_fn(|| events.try_next()).collect();
    assert_eq!(all.iter().filter(|e| matches!(e, Event::SessionRevoked { .. })).count(), 1);
    assert_eq!(all.iter().filter(|e| e.name() == "token.reused").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_leeway_fifty_at_once_get_one_pair() {
    let app = app().set("plugins.bearer.clients.default.reuse_leeway", 5).start().await;
    let first = paired(&app, &app.user("ada").await, json!({})).await;
    let pairs: Vec<_> = fifty(&app, &first.refresh).await.into_iter().map(Pair::of).collect();
    assert!(pairs.iter().all(|pair| *pair == pairs[0]), "two pairs of one generation");
    assert_eq!(pairs[0].generation(), 2);
    assert_eq!(name(with(&app, &pairs[0].token)).await.as_deref(), Some("Ada"));
    assert_eq!(Pair::of(refresh(&app, &pairs[0].refresh).await).generation(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_beside_a_refresh_ends_the_family_whoever_is_first() {
    // Case 206.
    let app = app().start().await;
    for round in 0..20 {
        let first = paired(&app, &app.user(&format!("u{round}")).await, json!({})).await;
        let second = Pair::of(refresh(&app, &first.refresh).await);
        let answers = race(2, |at| {
            let token = if at == 0 { first.refresh.clone() } else { second.refresh.clone() };
            let app = app.clone();
            async move { refresh(&app, &token).await }
        })
        .await;
        assert_eq!(answers[0].status, 401);
        assert!(matches!(answers[1].status, 200 | 401), "{}", answers[1].text);
        assert!(stored(&app, first.session_id()).await.is_none(), "the family lives on in round {round}");
        if answers[1].status == 200 {
            let third = Pair::of(answers[1].clone());
            assert_eq!(name(with(&app, &third.token)).await, None, "memory knows it in round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_beside_a_refresh_do_not_bring_the_old_token_back() {
    let app = app().start().await;
    for round in 0..20 {
        let first = paired(&app, &app.user(&format!("u{round}")).await, json!({})).await;
        let answers = race(8, |at| {
            let (app, pair) = (app.clone(), first.clone());
            async move {
                if at == 4 {
                    Some(refresh(&app, &pair.refresh).await)
                } else {
                    name(with(&app, &pair.token)).await;
                    None
                }
            }
        })
        .await;
        let second = Pair::of(answers.into_iter().flatten().next().unwrap());
        assert_eq!(name(with(&app, &first.token)).await, None, "round {round}");
        assert!(name(with(&app, &second.token)).await.is_some(), "round {round}");
    }
}
