//! Writing the guest book together.

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::World;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(at: &str, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
    let mut request = format!("ws://{at}/live").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_str(value).unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(refused)) => Err(refused.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

async fn heard(socket: &mut Socket) -> String {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => return text.to_string(),
            Message::Close(frame) => return format!("closed: {}", frame.unwrap().code),
            _ => {}
        }
    }
}

#[tokio::test]
async fn who_is_signed_in_writes_and_reads_along_until_they_sign_out() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let served = auth_axum::serve(
        listener,
        world.app.clone(),
        auth_axum::ServeOptions::default(),
        std::future::pending(),
    );
    tokio::spawn(served);
    let origin = ("origin", "http://127.0.0.1:3000");
    let cookie = ("cookie", world.cookie.1.as_str());
    let bearer = ("authorization", world.bearer.1.as_str());

    assert_eq!(open(&at, &[origin]).await.err(), Some(401));
    assert_eq!(open(&at, &[("origin", "https://evil.example"), cookie]).await.err(), Some(403));
    let mut page = open(&at, &[origin, cookie]).await.unwrap();
    let mut tool = open(&at, &[bearer]).await.unwrap();
    page.send(Message::text("Hello")).await.unwrap();
    assert_eq!(heard(&mut tool).await, "Ada: Hello");
    assert_eq!(heard(&mut page).await, "Ada: Hello");
    let book = world.send("GET", "/", &("x-nobody", String::new()), "").await;
    assert!(book.text.contains("Hello"), "{}", book.text);

    world.send("POST", "/api/auth/sign-out", &world.cookie, "{}").await.ok();
    assert_eq!(heard(&mut page).await, "closed: 4401");
    assert_eq!(heard(&mut tool).await, "closed: 4401");
}
