//! Core rows with columns of plugins, and hooks on them.

use std::sync::Arc;

use auth_testkit::{
    TestApp,
    auth_core::{
        Core, DatabaseHook, Event, Failure, Manifest, Tx, async_trait,
        hook::{Change, Changed},
        model::{FieldValue, UserPatch},
    },
    race,
};

use crate::{
    toy,
    toys::{Greeter, Sticker},
};

#[tokio::test]
async fn columns_are_read_and_written_through_their_view() {
    let app = TestApp::builder().plugin::<Greeter>().start().await;
    let core = app.core();
    let tx = core.begin().await.unwrap();
    let mut ada = core.users().draft("Ada", "ada@example.com");
    assert_eq!(ada.ext::<Sticker>(), Sticker { picture: None, stars: 3 });
    ada.set_ext(&Sticker { picture: Some("cat".into()), stars: 9 });
    let ada = core.users().create(&tx, ada).await.unwrap();
    tx.commit().await.unwrap();
    let stored = app.stored_user(&ada.id).await.unwrap();
    assert_eq!(stored, ada);
    let patch = UserPatch { extra: vec![("stars".into(), FieldValue::Integer(1))], ..UserPatch::default() };
    app.change_user(&ada.id, patch).await;
    assert_eq!(app.stored_user(&ada.id).await.unwrap().ext::<Sticker>().stars, 1);
    let shown = auth_testkit::auth_core::serde_json::to_value(&stored).unwrap();
    assert_eq!((&shown["sticker"], &shown["stars"]), (&"cat".into(), &9.into()));
}

/// Refuses an address, renames everybody, and tells of every new user.
struct Clerk;

#[async_trait]
impl DatabaseHook for Clerk {
    async fn before(&self, _: &Tx, change: &mut Change<'_>) -> Result<(), Failure> {
        if let Change::CreateUser(user) = change {
            if user.email.ends_with("@blocked.example") {
                return Err(Failure::forbidden("BLOCKED_DOMAIN", "This address is not welcome"));
            }
            user.name = user.name.trim().into();
        }
        Ok(())
    }

    async fn after(&self, core: &Arc<Core>, changed: &Changed) -> Result<(), Failure> {
        if let Changed::UserCreated(user) = changed {
            // The commit is over: the row can be read.
            let stored = core.users().find(core.db(), &user.id).await?;
            let data = auth_testkit::json!({ "stored": stored.is_some() });
            core.events().publish(Event::Plugin { plugin: "clerk", name: "clerk.wrote", data });
        }
        Ok(())
    }
}

toy!(Office, Manifest::new("office", "1.0.0", ""), |host| {
    host.database_hook(Clerk);
});

#[tokio::test]
async fn database_hooks_alter_refuse_and_hear_of_the_commit() {
    let app = TestApp::builder().plugin::<Office>().start().await;
    let core = app.core();
    let mut events = core.events().subscribe();
    let tx = core.begin().await.unwrap();
    let bad = core.users().draft("x", "x@blocked.example");
    assert_eq!(core.users().create(&tx, bad).await.unwrap_err().code(), Some("BLOCKED_DOMAIN"));
    let ada = core.users().create(&tx, core.users().draft("  Ada ", "ada@example.com")).await.unwrap();
    assert!(events.try_next().is_none(), "nothing is committed yet");
    tx.commit().await.unwrap();
    assert_eq!(app.stored_user(&ada.id).await.unwrap().name, "Ada");
    let told: Vec<_> = std::iter::from_fn(|| events.try_next()).collect();
    assert!(
        told.iter().any(|e| matches!(e, Event::Plugin { data, .. } if data["stored"] == true)),
        "{told:?}"
    );
    let tx = core.begin().await.unwrap();
    core.users().create(&tx, core.users().draft("Eve", "eve@example.com")).await.unwrap();
    drop(tx);
    assert!(events.try_next().is_none(), "an event of a transaction that was dropped");
    assert!(core.users().find_by_email(core.db(), "eve@example.com").await.unwrap().is_none());
}

async fn create(core: &Arc<Core>, identifier: &str, value: &str, life: std::time::Duration) {
    let tx = core.begin().await.unwrap();
    core.verifications().create(&tx, identifier, value, life).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn of_fifty_callers_one_consumes() {
    let app = TestApp::builder().start().await;
    let core = app.core();
    let life = std::time::Duration::from_secs(60);
    for round in 0..5 {
        let identifier = format!("purpose:{round}");
        create(core, &identifier, "value", life).await;
        let found = race(50, |_| {
            let (core, identifier) = (core.clone(), identifier.clone());
            async move { core.verifications().consume(core.db(), &identifier).await.unwrap() }
        })
        .await;
        assert_eq!(found.iter().flatten().count(), 1);
    }
    create(core, "late", "value", life).await;
    app.clock().advance(life);
    assert!(core.verifications().consume(core.db(), "late").await.unwrap().is_none());
}

#[tokio::test]
async fn who_comes_while_it_is_redeemed_waits_and_gets_nothing() {
    let app = TestApp::builder().start().await;
    let core = app.core();
    create(core, "once", "value", std::time::Duration::from_secs(60)).await;
    let tx = core.begin().await.unwrap();
    assert!(core.verifications().consume(&tx, "once").await.unwrap().is_some());
    let second = tokio::spawn({
        let core = core.clone();
        async move { core.verifications().consume(core.db(), "once").await.unwrap().is_some() }
    });
    // Long enough for it to look, and to wait for the row.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(!second.is_finished());
    tx.commit().await.unwrap();
    assert!(!second.await.unwrap());
}

#[tokio::test]
async fn the_newest_record_counts_and_takes_the_older_along() {
    let app = TestApp::builder().start().await;
    let core = app.core();
    let life = std::time::Duration::from_secs(60);
    create(core, "a_b:1", "old", life).await;
    app.clock().advance(std::time::Duration::from_millis(1));
    create(core, "a_b:1", "new", life).await;
    assert_eq!(core.verifications().peek(core.db(), "a_b:1").await.unwrap().unwrap().value, "new");
    assert_eq!(core.verifications().consume(core.db(), "a_b:1").await.unwrap().unwrap().value, "new");
    assert!(core.verifications().consume(core.db(), "a_b:1").await.unwrap().is_none());
    // A prefix is text, not a pattern.
    create(core, "axb:1", "me", life).await;
    create(core, "a_b:2", "me", life).await;
    assert_eq!(core.verifications().remove(core.db(), "a_b:", "me").await.unwrap(), 1);
    assert!(core.verifications().peek(core.db(), "axb:1").await.unwrap().is_some());
}
