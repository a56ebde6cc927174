//! How often the database is asked, in a day as an application has it. `docs/operations/redis.md` has the figures.

use std::time::Duration;

use auth_core::{
    crypto::{Rng, SeededRng},
    model::UserPatch,
    store::Revoke,
};
use auth_testkit::{Actor, TestApp, auth_core};

use crate::bare;

const USERS: u32 = 500;
const REQUESTS: u32 = 12_000;

fn below(rng: &SeededRng, end: u32) -> u32 {
    let mut bytes = [0; 4];
    rng.fill(&mut bytes);
    u32::from_le_bytes(bytes) % end
}

/// A few users come all the time, and most of them now and then: Zipf's law with the exponent 1.
fn visitor(rng: &SeededRng) -> usize {
    let weights: f64 = (1..=USERS).map(|rank| 1.0 / f64::from(rank)).sum();
    let mut left = f64::from(below(rng, 1 << 24)) / f64::from(1 << 24) * weights;
    for rank in 1..=USERS {
        left -= 1.0 / f64::from(rank);
        if left <= 0.0 {
            return rank as usize - 1;
        }
    }
    0
}

/// Two hours of traffic to two nodes, of which 1 % changes users and 0.5 % signs somebody out, who comes back.
async fn asked(one: &TestApp, two: &TestApp) -> f64 {
    let rng = SeededRng::new(138);
    let mut users: Vec<Actor> = Vec::new();
    for at in 0..USERS {
        users.push(one.user(&format!("user-{at}")).await);
    }
    let mut asked = 0;
    for request in 0..REQUESTS {
        one.clock().advance(Duration::from_millis(7200 * 1000 / u64::from(REQUESTS)));
        let node = if below(&rng, 2) == 0 { one } else { two };
        let at = visitor(&rng);
        match below(&rng, 200) {
            0 | 1 => {
                let patch = UserPatch { name: Some(format!("Name {request}")), ..UserPatch::default() };
                node.change_user(&users[at].user().id, patch).await;
            }
            2 => {
                let user = users[at].user().clone();
                let tx = node.core().begin().await.unwrap();
                node.core().sessions().revoke(&tx, &user.id, Revoke::All).await.unwrap();
                tx.commit().await.unwrap();
                users[at] = node.signed_in(&user).await;
            }
            _ => {}
        }
        let mut there = node.anon();
        let (name, value) = users[at].cookie_pair("session_token").unwrap();
        there.set_cookie(&name, &value);
        let (answer, statements) = node.statements(there.get("/get-session")).await;
        assert_ne!(answer.expect(200).text, "null");
        asked += statements;
    }
    100.0 - 100.0 * f64::from(u32::try_from(asked).unwrap()) / f64::from(REQUESTS)
}

#[tokio::test]
async fn the_database_is_asked_for_less_than_a_seventh_of_the_sessions() {
    let builder = || bare().set("plugins.session.activity", false);
    let one = builder().in_touch().start().await;
    let two = builder().start_beside(&one).await;
    let together = asked(&one, &two).await;
    let one = builder().start().await;
    let two = builder().start_beside(&one).await;
    let apart = asked(&one, &two).await;
    eprintln!("answered without the database: {together:.1} % by nodes in touch, {apart:.1} % without Redis");
    assert!(together > 85.0, "{together}");
    assert!(apart < together);
}
