//! Cookies, tokens and keys.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_client::{
    BoxError, Bytes, Client, Connection, Error, Transport,
    api::{CreateApiKey, EmailPasswordSignIn, GetSessionQuery},
    http::{HeaderMap, Request, Response},
};

use crate::{PASSWORD, address, app, browser, serve, sign_up};

#[tokio::test]
async fn a_token_does_without_cookies() {
    let server = serve(app()).await;
    sign_up(&browser(&server), "ada").await;
    let connection = Connection::builder(&address(&server)).bearer(None).build().unwrap();
    let client = Client::new(connection);
    assert!(client.connection().bearer_token().is_none());
    let query = GetSessionQuery::default();
    assert_eq!(client.session().get_session(&query).await.unwrap(), None);
    let ada = EmailPasswordSignIn {
        email: "ada@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        ..EmailPasswordSignIn::default()
    };
    client.email_password().sign_in_email(&ada).await.unwrap();
    let token = client.connection().bearer_token().expect("the server hands it over");
    assert_eq!(client.session().get_session(&query).await.unwrap().unwrap().user.name, "ada");
    // Another run begins with what this one kept.
    let later = Connection::builder(&address(&server)).bearer(Some(token)).build().unwrap();
    assert!(Client::new(later).session().get_session(&query).await.unwrap().is_some());
}

#[tokio::test]
async fn tokens_for_services_come_with_their_keys() {
    let server = serve(app()).await;
    let client = browser(&server);
    sign_up(&client, "ada").await;
    let token = client.jwt().get_token().await.unwrap().token;
    assert_eq!(token.split('.').count(), 3);
    let keys = client.jwt().get_jwks().await.unwrap().keys;
    assert_eq!(keys.len(), 1);
    assert!(keys[0].contains_key("kid") && !keys[0].contains_key("d"));
}

#[tokio::test]
async fn a_key_is_who_made_it() {
    let server = serve(app().set("plugins.api-key.sessions", true)).await;
    let client = browser(&server);
    let ada = sign_up(&client, "ada").await;
    let made = client.api_key().create(&CreateApiKey::default()).await.unwrap();
    let program = Connection::builder(&address(&server)).api_key(made.key).build().unwrap();
    let view = Client::new(program).session().get_session(&GetSessionQuery::default()).await.unwrap();
    assert_eq!(view.unwrap().user.id, ada.user.id);
    let wrong = Connection::builder(&address(&server)).api_key("wrong").build().unwrap();
    let answer = Client::new(wrong).session().get_session(&GetSessionQuery::default()).await;
    assert!(!matches!(answer, Ok(Some(_))));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/api/auth", silent.local_addr().unwrap());
    let connection = Connection::builder(&base).timeout(Duration::from_millis(200)).build().unwrap();
    let error = Client::new(connection).host().ok().await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    assert_eq!(error.status(), None);
}

/// Answers by itself, and remembers what was sent.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<(String, HeaderMap)>>>);

#[async_trait::async_trait]
impl Transport for Told {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        self.0.lock().unwrap().push((request.uri().to_string(), request.headers().clone()));
        let answer = Response::builder().header("set-cookie", "a=1; Path=/").header("x-trace-id", "t-1");
        Ok(answer.body(Bytes::from_static(b"{\"ok\":true,\"news\":1}")).unwrap())
    }
}

#[tokio::test]
async fn a_transport_of_ones_own_carries_everything() {
    let told = Told::default();
    let base = "https://auth.example.com/api/auth/";
    let client = Client::new(Connection::builder(base).transport(told.clone()).build().unwrap());
    // What an answer has beyond its type does no harm.
    assert!(client.host().ok().await.unwrap().ok);
    client.host().ok().await.unwrap();
    let sent = told.0.lock().unwrap().clone();
    assert_eq!(sent[1].0, "https://auth.example.com/api/auth/ok");
    assert_eq!(sent[0].1.get("cookie"), None);
    assert_eq!(sent[1].1.get("cookie").unwrap(), "a=1");
    assert_eq!(sent[1].1.get("origin").unwrap(), "https://auth.example.com");
}

#[tokio::test]
async fn what_was_not_expected_is_there_but_is_not_shown() {
    let client = Client::new(
        Connection::builder("https://auth.example.com").transport(Told::default()).build().unwrap(),
    );
    let error = client.jwt().get_token().await.unwrap_err();
    let Error::Unexpected(unexpected) = &error else { panic!("{error:?}") };
    assert_eq!(unexpected.trace_id.as_deref(), Some("t-1"));
    assert_eq!(unexpected.json::<auth_client::Json>().unwrap()["news"], 1);
    assert!(!format!("{error:?} {error}").contains("news"));
}

#[test]
fn addresses_are_those_of_servers() {
    for bad in ["", "auth.example.com", "ftp://auth.example.com", "https://auth.example.com?a=b"] {
        assert!(Connection::new(bad).is_err(), "{bad}");
    }
}
