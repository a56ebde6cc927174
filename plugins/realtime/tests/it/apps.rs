//! Sockets of an application.

use auth_axum::{Auth, AuthenticatedSocket, auth_core::socket::Message};
use auth_testkit::json;
use axum::{Router, response::Response, routing::get};
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::support::{Node, app, browser};

async fn echo(socket: AuthenticatedSocket) -> Response {
    let name = socket.identity().user.name.clone();
    socket.on_upgrade(async move |mut socket| {
        while let Some(message) = socket.recv().await {
            match message {
                Message::Text(text) if text.as_str() == "goodbye" => break,
                Message::Text(text) => socket.send(format!("{name}: {}", text.as_str())).await.unwrap(),
                bytes => socket.send_message(bytes).await.unwrap(),
            }
        }
    })
}

async fn node() -> Node {
    let app = app().start().await;
    let auth = Auth::new(app.host().clone());
    let router = Router::new().route("/echo", get(echo)).layer(auth.layer()).merge(auth.router());
    Node::serve_router(app, router).await
}

#[tokio::test]
async fn an_application_talks_to_who_is_signed_in_for_as_long_as_they_are() {
    let node = node().await;
    let mut ada = node.app.user("ada").await;
    let mut socket = node.open("/echo", &browser(&ada)).await.unwrap();
    for frame in [Frame::text("hello"), Frame::binary(vec![1, 2, 3])] {
        socket.stream.send(frame.clone()).await.unwrap();
        let answer = socket.stream.next().await.unwrap().unwrap();
        match frame {
            Frame::Text(text) => assert_eq!(answer, Frame::text(format!("{}: {text}", ada.user().name))),
            bytes => assert_eq!(answer, bytes),
        }
    }
    let mut leaving = node.open("/echo", &browser(&ada)).await.unwrap();
    leaving.stream.send(Frame::text("goodbye")).await.unwrap();
    assert_eq!(leaving.closed().await.0, 1000, "the application has let go");
    ada.post("/sign-out", json!({})).await.expect(200);
    assert_eq!(socket.closed().await.0, 4401);
}

#[tokio::test]
async fn strangers_and_foreign_pages_get_no_socket_of_an_application() {
    let node = node().await;
    let ada = node.app.user("ada").await;
    let cookie = browser(&ada)[1];
    assert_eq!(node.open("/echo", &[]).await.err(), Some(401));
    assert_eq!(node.open("/echo", &[("origin", "https://evil.example"), cookie]).await.err(), Some(403));
    assert_eq!(node.open("/echo", &[cookie]).await.err(), Some(403));
}
