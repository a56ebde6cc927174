//! Nodes on ports, and clients.

use std::{net::SocketAddr, time::Duration};

use auth_plugin_account::AccountPlugin;
use auth_plugin_api_key::ApiKey;
use auth_plugin_bearer::Bearer;
use auth_plugin_email_password::EmailPassword;
use auth_plugin_jwt::Jwt;
use auth_plugin_organization::OrganizationPlugin;
use auth_plugin_realtime::Realtime;
use auth_plugin_session::SessionPlugin;
use auth_testkit::{Actor, Builder, Listening, TestApp, Value, json};
use futures_util::{SinkExt, StreamExt};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue},
    },
};

pub(crate) const ORIGIN: &str = "https://auth.example.com";

/// Far longer than anything here should take.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) fn app() -> Builder {
    TestApp::builder()
        .plugin::<SessionPlugin>()
        .plugin::<EmailPassword>()
        .plugin::<AccountPlugin>()
        .plugin::<Bearer>()
        .plugin::<Jwt>()
        .plugin::<ApiKey>()
        .plugin::<OrganizationPlugin>()
        .plugin::<Realtime>()
}

/// A node on a port of this machine.
pub(crate) struct Node {
    pub(crate) app: TestApp,
    pub(crate) at: SocketAddr,
    listening: Listening,
}

impl Node {
    pub(crate) async fn serve(app: TestApp) -> Self {
        let listening = app.listen().await;
        Self { app, at: listening.address(), listening }
    }

    pub(crate) async fn start(builder: Builder) -> Self {
        Self::serve(builder.start().await).await
    }

    /// Stops as a server does: connections that had to be cut off.
    pub(crate) async fn stop(self) -> usize {
        self.listening.stop().await
    }

    /// A socket, or the status of the refusal.
    pub(crate) async fn open(&self, path: &str, headers: &[(&str, &str)]) -> Result<Client, u16> {
        open_at(self.at, path, headers).await
    }

    /// A socket of a browser that is signed in, which was welcomed.
    pub(crate) async fn socket_of(&self, actor: &Actor) -> Client {
        let mut client = self.open("/ws", &browser(actor)).await.unwrap();
        client.next("welcome").await;
        client
    }
}

pub(crate) async fn open_at(at: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Client, u16> {
    let mut request = format!("ws://{at}{path}").into_client_request().unwrap();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
    }
    match timeout(LONG, connect_async(request)).await.unwrap() {
        Ok((stream, response)) => {
            let protocol = response.headers().get("sec-websocket-protocol");
            let protocol = protocol.map(|value| value.to_str().unwrap().to_owned());
            Ok(Client { stream, protocol })
        }
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("no handshake: {error}"),
    }
}

/// What a browser sends for a socket from a page of the server's.
pub(crate) fn browser(actor: &Actor) -> Vec<(&'static str, &'static str)> {
    let (name, value) = actor.cookie_pair("session_token").unwrap();
    let cookie: &'static str = Box::leak(format!("{name}={value}").into_boxed_str());
    vec![("origin", ORIGIN), ("cookie", cookie)]
}

/// What `bearer` takes: the signed token, as the cookie has it.
pub(crate) fn signed(actor: &Actor) -> String {
    let (_, value) = actor.cookie_pair("session_token").unwrap();
    percent_encoding::percent_decode_str(&value).decode_utf8().unwrap().into_owned()
}

pub(crate) struct Client {
    pub(crate) stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) protocol: Option<String>,
}

impl Client {
    pub(crate) async fn say(&mut self, value: Value) {
        self.stream.send(Message::text(value.to_string())).await.unwrap();
    }

    /// The next text of this type; others before it are passed over.
    pub(crate) async fn next(&mut self, kind: &str) -> Value {
        loop {
            let text = self.text().await;
            if text["type"] == kind {
                return text;
            }
        }
    }

    /// The next text.
    pub(crate) async fn text(&mut self) -> Value {
        loop {
            match timeout(LONG, self.stream.next())
                .await
                .expect("a message")
                .expect("an open socket")
                .unwrap()
            {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The code that it closes with, and the texts before.
    pub(crate) async fn closed(&mut self) -> (u16, Vec<Value>) {
        let mut texts = Vec::new();
        loop {
            match timeout(LONG, self.stream.next()).await.expect("an end in time") {
                Some(Ok(Message::Close(frame))) => {
                    return (frame.map_or(1005, |frame| frame.code.into()), texts);
                }
                Some(Ok(Message::Text(text))) => texts.push(serde_json::from_str(&text).unwrap()),
                Some(Ok(_)) => {}
                Some(Err(error)) => panic!("cut off: {error}"),
                None => panic!("gone without a word"),
            }
        }
    }

    /// Follows a topic.
    pub(crate) async fn follow(&mut self, topic: &str) {
        self.say(json!({ "type": "subscribe", "topic": topic })).await;
        assert_eq!(self.next("subscribed").await["topic"], topic);
    }

    /// Asks and waits for the answer: everything that was said before has come.
    pub(crate) async fn round_trip(&mut self) -> Vec<Value> {
        self.say(json!({ "type": "ping" })).await;
        let mut before = Vec::new();
        loop {
            let text = self.text().await;
            if text["type"] == "pong" {
                return before;
            }
            before.push(text);
        }
    }
}

pub(crate) async fn organization(owner: &mut Actor, slug: &str) -> String {
    let made = owner.post("/organization/create", json!({ "name": slug, "slug": slug })).await.expect(200);
    made.body["id"].as_str().unwrap().to_owned()
}
