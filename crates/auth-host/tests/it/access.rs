//! Where no plugin knows who somebody is, or what they may do.

use auth_testkit::{
    TestApp,
    auth_core::{
        Event, Failure, Json, Key, Manifest, Session,
        access::{NO_MEMBER, Permissions, Question},
        get,
    },
    json,
};

use crate::toy;

const WHO: Key<(), Option<String>> = Key::new("porterWho");

async fn who(session: Option<Session>) -> Result<Json<Option<String>>, Failure> {
    Ok(Json(session.map(|session| session.user.name.clone())))
}

toy!(Porter, Manifest::new("porter", "1.0.0", "Asks who is there"), |host| {
    host.endpoint(get(WHO, "/who", who));
});

#[tokio::test]
async fn without_a_plugin_that_keeps_sessions_everybody_is_nobody() {
    let app = TestApp::builder().plugin::<Porter>().start().await;
    let answer = app.anon().header("cookie", "better-auth.session_token=a.b").get("/who").await;
    assert_eq!(answer.expect(200).body, json!(null));
}

#[tokio::test]
async fn who_is_no_member_is_refused_and_told_so() {
    let app = TestApp::builder().plugin::<Porter>().start().await;
    let mut events = app.core().events().subscribe();
    let asked = Permissions::of(&[("post", &["publish"])]);
    let refused = Question::new("ada", "acme", &asked).check(None, app.core()).unwrap_err();
    assert_eq!((refused.status().as_u16(), refused.code()), (NO_MEMBER.status, Some(NO_MEMBER.code)));
    let Some(Event::AccessDenied { user_id, organization_id, asked: told }) = events.try_next() else {
        panic!("the denial is told");
    };
    assert_eq!((user_id.as_str(), organization_id.as_str(), told), ("ada", "acme", asked));
}
