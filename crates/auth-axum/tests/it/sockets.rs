//! The router on a socket.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use auth_axum::{ServeOptions, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

use crate::support::app;

struct Server {
    at: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<usize>,
}

async fn start(options: ServeOptions) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let done = tokio::spawn(serve(listener, app(""), options, async {
        drop(stopped.await);
    }));
    Server { at, stop, done }
}

impl Server {
    async fn open(&self) -> TcpStream {
        TcpStream::connect(self.at).await.unwrap()
    }

    /// Everything that comes back until the server closes.
    async fn say(&self, text: &[u8]) -> String {
        let mut stream = self.open().await;
        stream.write_all(text).await.unwrap();
        rest(&mut stream).await
    }

    async fn stop(self) -> usize {
        self.stop.send(()).unwrap();
        self.done.await.unwrap()
    }
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A reset counts as the end.
    drop(timeout(Duration::from_secs(5), stream.read_to_end(&mut text)).await.expect("an end"));
    String::from_utf8_lossy(&text).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
}

fn quick() -> ServeOptions {
    ServeOptions {
        header_timeout: Duration::from_millis(200),
        drain: Duration::from_secs(2),
        ..ServeOptions::default()
    }
}

#[tokio::test]
async fn the_peers_address_is_known() {
    let server = start(ServeOptions::default()).await;
    let answer = server.say(get("/api/auth/whence").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("127.0.0.1"), "{answer}");
    assert_eq!(server.stop().await, 0);
}

#[tokio::test]
async fn strange_request_lines_are_refused() {
    // Case 286.
    let server = start(ServeOptions::default()).await;
    for line in [
        "TRACE /api/auth/hi HTTP/1.1",
        "CONNECT example.com:443 HTTP/1.1",
        "GET * HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "GET http://evil.com/ HTTP/1.1",
        "BREW /api/auth/hi HTTP/1.1",
    ] {
        let answer = server.say(format!("{line}\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 40"), "{line}: {answer}");
    }
    let answer = server.say(get("/api/auth/hi").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_cookie_of_100_kb_is_refused_with_a_trace_id() {
    let server = start(ServeOptions::default()).await;
    let request = format!(
        "GET /api/auth/me HTTP/1.1\r\nhost: x\r\ncookie: {}\r\nconnection: close\r\n\r\n",
        "a".repeat(100 * 1024)
    );
    let answer = server.say(request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431") && answer.contains("x-trace-id"), "{answer}");
    let endless = format!("GET /api/auth/me HTTP/1.1\r\nhost: x\r\ncookie: {}", "a".repeat(400 * 1024));
    let answer = server.say(endless.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn silence_and_dribbles_are_hung_up_on() {
    // Case 284.
    let server = start(quick()).await;
    let began = Instant::now();
    for beginning in ["", "P", "GET /api", "GET /api/auth/hi HTTP/1.1\r\nx: "] {
        let mut stream = server.open().await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let server = start(quick()).await;
    let mut stream = server.open().await;
    for _ in 0..3 {
        stream.write_all(b"GET /api/auth/hi HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut buffer = [0; 2048];
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(buffer[..count].starts_with(b"HTTP/1.1 200"));
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
}

#[tokio::test]
async fn what_runs_is_finished_and_nothing_begins() {
    let server = start(ServeOptions::default()).await;
    let mut idle = server.open().await;
    let mut busy = server.open().await;
    busy.write_all(get("/api/auth/slow").as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let at = server.at;
    server.stop.send(()).unwrap();
    let answer = rest(&mut busy).await;
    assert!(answer.contains("at last"), "{answer}");
    assert_eq!(rest(&mut idle).await, "");
    assert_eq!(server.done.await.unwrap(), 0);
    assert!(TcpStream::connect(at).await.is_err());
}

#[tokio::test]
async fn the_drain_has_an_end() {
    let server = start(ServeOptions { drain: Duration::from_millis(50), ..ServeOptions::default() }).await;
    let mut busy = server.open().await;
    busy.write_all(get("/api/auth/slow").as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(server.stop().await, 1);
    assert_eq!(rest(&mut busy).await, "");
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_for_a_place() {
    let server = start(ServeOptions { max_connections: 1, ..quick() }).await;
    let holder = server.open().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let asking = get("/api/auth/hi");
    let waiting = server.say(asking.as_bytes());
    let mut waiting = std::pin::pin!(waiting);
    assert!(timeout(Duration::from_millis(50), waiting.as_mut()).await.is_err());
    drop(holder);
    assert!(waiting.await.starts_with("HTTP/1.1 200"));
}
