//! Server-sent events.

use auth_core::model::UserPatch;
use auth_testkit::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpStream,
    time::timeout,
};

use crate::support::{LONG, Node, ORIGIN, app, browser};

struct Feed {
    lines: Lines<BufReader<TcpStream>>,
    head: Vec<String>,
}

impl Feed {
    async fn open(node: &Node, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut stream = TcpStream::connect(node.at).await.unwrap();
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let headers = lines.collect::<Vec<_>>().concat();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut feed = Self { lines: BufReader::new(stream).lines(), head: Vec::new() };
        loop {
            let line = feed.line().await.unwrap();
            if line.is_empty() {
                return feed;
            }
            feed.head.push(line);
        }
    }

    fn status(&self) -> &str {
        self.head[0].split(' ').nth(1).unwrap()
    }

    async fn line(&mut self) -> Option<String> {
        timeout(LONG, self.lines.next_line()).await.expect("a line in time").unwrap()
    }

    /// The next line that begins with this.
    async fn next(&mut self, start: &str) -> String {
        loop {
            let line = self.line().await.expect("an open feed");
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        }
    }
}

#[tokio::test]
async fn the_same_news_come_as_events_until_the_session_ends() {
    let node = Node::start(app()).await;
    let mut ada = node.app.user("ada").await;
    let headers = browser(&ada);
    let mut feed =
        Feed::open(&node, "/api/auth/realtime/events?topics=activity,%20unheard-of", &headers[1..]).await;
    assert_eq!(feed.status(), "200");
    let head = feed.head.join("\n").to_lowercase();
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    assert!(head.contains("cache-control: no-store") && head.contains("x-accel-buffering: no"), "{head}");
    assert!(feed.next("data: ").await.starts_with(r#"{"type":"welcome""#));
    assert_eq!(feed.next("data: ").await, r#"{"type":"subscribed","topic":"activity"}"#);
    assert!(feed.next("data: ").await.contains("TOPIC_NOT_FOUND"));
    node.app.change_user(&ada.user().id, UserPatch { name: Some("A".into()), ..UserPatch::default() }).await;
    assert!(feed.next("data: ").await.contains(r#""name":"user.updated""#));
    ada.post("/sign-out", json!({})).await.expect(200);
    assert_eq!(feed.next("event: ").await, "close");
    assert_eq!(feed.next("data: ").await, r#"{"code":4401,"reason":"signed out"}"#);
}

#[tokio::test]
async fn pages_of_foreign_origins_and_strangers_get_none() {
    let node = Node::start(app()).await;
    let ada = node.app.user("ada").await;
    let cookie = browser(&ada)[1];
    let path = "/api/auth/realtime/events";
    for (headers, status) in [
        (vec![("origin", "https://evil.example"), cookie], "403"),
        (vec![("origin", ORIGIN), cookie], "200"),
        (vec![cookie], "200"),
        (vec![], "401"),
    ] {
        assert_eq!(Feed::open(&node, path, &headers).await.status(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn a_server_that_stops_ends_its_feeds() {
    let node = Node::start(app()).await;
    let ada = node.app.user("ada").await;
    let mut feed = Feed::open(&node, "/api/auth/realtime/events", &browser(&ada)).await;
    feed.next("data: ").await;
    let stopped = tokio::spawn(node.stop());
    assert!(feed.next("data: ").await.contains("1012"));
    assert_eq!(stopped.await.unwrap(), 0);
}
