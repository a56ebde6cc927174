//! What a socket is held to.

use std::time::Duration;

use auth_testkit::{Actor, json};
use futures_util::SinkExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{LONG, Node, app, browser};

#[tokio::test]
async fn a_user_who_opens_too_many_loses_the_oldest_on_whichever_node() {
    let builder = || app().set("plugins.realtime.max_per_user", 3);
    let first = builder().in_touch().start().await;
    let second = builder().start_beside(&first).await;
    let (one, two) = (Node::serve(first).await, Node::serve(second).await);
    let (ada, eve) = (one.app.user("ada").await, one.app.user("eve").await);
    let mut others = one.socket_of(&eve).await;
    let mut sockets = Vec::new();
    for node in [&one, &two, &one, &two, &one] {
        sockets.push(node.socket_of(&ada).await);
    }
    for socket in &mut sockets[..2] {
        assert_eq!(socket.closed().await.0, 4429);
    }
    for socket in &mut sockets[2..] {
        socket.round_trip().await;
    }
    others.round_trip().await;
}

#[tokio::test]
async fn or_is_refused_the_new_one() {
    let node = Node::start(
        app().set("plugins.realtime.max_per_user", 1).set("plugins.realtime.when_full", "refuse"),
    )
    .await;
    let ada = node.app.user("ada").await;
    let mut kept = node.socket_of(&ada).await;
    let mut refused = node.open("/ws", &browser(&ada)).await.unwrap();
    let (code, before) = refused.closed().await;
    assert_eq!((code, before.len()), (4429, 0));
    kept.round_trip().await;
    // A place is free again once its socket has gone.
    kept.stream.close(None).await.unwrap();
    kept.closed().await;
    node.socket_of(&ada).await.round_trip().await;
}

#[tokio::test]
async fn a_full_node_refuses_before_the_handshake() {
    let node = Node::start(app().set("plugins.realtime.max_sockets", 1)).await;
    let (ada, eve) = (node.app.user("ada").await, node.app.user("eve").await);
    let _held = node.socket_of(&ada).await;
    assert_eq!(node.open("/ws", &browser(&eve)).await.err(), Some(503));
}

/// Case 277.
#[tokio::test]
async fn what_is_no_message_of_the_protocol_closes_the_socket() {
    let node = Node::start(app()).await;
    let ada = node.app.user("ada").await;
    let masked = |opcode: u8, payload: &[u8]| {
        let mut frame = vec![opcode, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
        frame.extend(payload);
        frame
    };
    for (what, frames, code) in [
        ("no UTF-8", masked(0x81, &[0xff, 0xfe]), 1007),
        ("an unmasked frame", vec![0x81, 0x02, b'h', b'i'], 1002),
        ("an unknown opcode", masked(0x83, b"hi"), 1002),
        ("a continuation of nothing", masked(0x80, b"hi"), 1002),
        ("a reserved bit, as of compression", masked(0xc1, b"hi"), 1002),
        ("a ping in fragments", masked(0x09, b"hi"), 1002),
        ("bytes", masked(0x82, b"hi"), 1003),
        // It says that there are 10 MB; nobody waits for them.
        ("a frame of 10 MB", vec![0x81, 0xff, 0, 0, 0, 0, 0, 0xa0, 0, 0, 1, 2, 3, 4, 0, 0], 1009),
    ] {
        let mut raw = raw(&node, &ada).await;
        raw.write_all(&frames).await.unwrap();
        assert_eq!(close_code(&mut raw).await, Some(code), "{what}");
    }
    let mut large = node.socket_of(&ada).await;
    large.say(json!({ "type": "ping", "more": "x".repeat(17 * 1024) })).await;
    assert_eq!(large.closed().await.0, 1009);
    // Fragments without end are one message.
    let mut endless = raw(&node, &ada).await;
    let part = {
        let mut part = vec![0x00, 0xfe, 0x10, 0x00, 0, 0, 0, 0];
        part.resize(8 + 4096, b'x');
        part
    };
    let mut first = part.clone();
    first[0] = 0x01;
    endless.write_all(&first).await.unwrap();
    for _ in 0..4 {
        // It may be closed already.
        drop(endless.write_all(&part).await);
    }
    assert_eq!(close_code(&mut endless).await, Some(1009));
}

/// A socket without a client library: what was read of it are server frames.
async fn raw(node: &Node, actor: &Actor) -> TcpStream {
    let mut stream = TcpStream::connect(node.at).await.unwrap();
    let headers = browser(actor);
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}: {}\r\n{}: {}\r\n\r\n",
        headers[0].0, headers[0].1, headers[1].0, headers[1].1
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(LONG, stream.read_u8()).await.unwrap().unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream
}

/// The code of the close frame that comes, after other frames.
async fn close_code(stream: &mut TcpStream) -> Option<u16> {
    loop {
        let opcode = timeout(LONG, stream.read_u8()).await.unwrap().ok()? & 0x0f;
        let length = match stream.read_u8().await.ok()? {
            126 => usize::from(stream.read_u16().await.ok()?),
            length => usize::from(length),
        };
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).await.ok()?;
        if opcode == 8 {
            return Some(u16::from_be_bytes([payload[0], payload[1]]));
        }
    }
}

/// Case 281.
#[tokio::test]
async fn a_flood_of_messages_closes_the_socket() {
    let node = Node::start(app().set("plugins.realtime.max_rate", 1)).await;
    let ada = node.app.user("ada").await;
    for message in [Message::text(r#"{"type":"ping"}"#), Message::Ping("x".into())] {
        let mut socket = node.socket_of(&ada).await;
        for _ in 0..50 {
            // It may be closed already.
            drop(socket.stream.send(message.clone()).await);
        }
        let (code, texts) = socket.closed().await;
        assert_eq!(code, 1008);
        assert!(texts.len() <= 10, "{} were answered", texts.len());
    }
}

/// Case 278: a client that answers no ping.
#[tokio::test]
async fn who_gives_no_sign_of_life_is_closed() {
    let node = Node::start(app().set("plugins.realtime.heartbeat", 1)).await;
    let ada = node.app.user("ada").await;
    let mut dead = raw(&node, &ada).await;
    let mut alive = node.socket_of(&ada).await;
    // Whoever reads answers pings, and is alive.
    let ended = tokio::select! {
        code = close_code(&mut dead) => code,
        (code, _) = alive.closed() => panic!("the other one was closed: {code}"),
    };
    assert_eq!(ended, Some(4408));
    alive.round_trip().await;
}

#[tokio::test]
async fn who_says_nothing_is_closed_where_that_is_wanted() {
    let node =
        Node::start(app().set("plugins.realtime.idle_timeout", 1).set("plugins.realtime.heartbeat", 10))
            .await;
    let ada = node.app.user("ada").await;
    assert_eq!(node.socket_of(&ada).await.closed().await.0, 4408);
}

/// Case 278: a client that reads nothing is cut off, and costs a bounded queue until then.
#[tokio::test]
async fn who_does_not_read_the_news_is_closed() {
    let node = Node::start(app().set("plugins.realtime.queue", 4)).await;
    let ada = node.app.user("ada").await;
    let mut silent = raw(&node, &ada).await;
    // `{"type":"subscribe","topic":"activity"}`, masked with zeros.
    let text = br#"{"type":"subscribe","topic":"activity"}"#;
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
    frame.extend(text);
    silent.write_all(&frame).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    // News without a pause between them: more than the queue holds before the socket has its turn.
    for _ in 0..2000 {
        node.app
            .core()
            .events()
            .publish(auth_core::Event::PasswordChanged { user_id: ada.user().id.clone() });
    }
    assert_eq!(close_code(&mut silent).await, Some(1013));
}
