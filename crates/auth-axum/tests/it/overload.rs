//! More requests than can be worked on.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use auth_axum::{EdgeOptions, ServeOptions, Traffic, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{get, request, send, with};

fn few(traffic: &Arc<Traffic>) -> EdgeOptions {
    EdgeOptions { max_requests: 3, traffic: Some(traffic.clone()), ..EdgeOptions::default() }
}

async fn open(at: std::net::SocketAddr, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let text = format!("{head} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

async fn until_in_flight(traffic: &Traffic, wanted: u64) {
    let start = Instant::now();
    while traffic.sums().in_flight != wanted {
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", traffic.sums());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn beyond_the_limit_requests_are_refused_at_once_and_health_still_answers() {
    let traffic = Arc::new(Traffic::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let router = with("", few(&traffic));
    let server = tokio::spawn(serve(listener, router, ServeOptions::default(), std::future::pending()));
    for _ in 0..2 {
        let mut busy = Vec::new();
        for _ in 0..3 {
            busy.push(open(at, "GET /api/auth/slow").await);
        }
        until_in_flight(&traffic, 3).await;
        let start = Instant::now();
        let mut pauses = Vec::new();
        for _ in 0..20 {
            let refused = rest(open(at, "GET /api/auth/hi").await).await;
            assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("\"OVERLOADED\""), "{refused}");
            let pause = refused.lines().find_map(|line| line.strip_prefix("retry-after: ")).unwrap();
            pauses.push(pause.parse::<u8>().unwrap());
        }
        assert!(pauses.iter().all(|pause| (1..=3).contains(pause)), "{pauses:?}");
        assert!(
            pauses.iter().any(|pause| *pause != pauses[0]),
            "all come back at the same moment: {pauses:?}"
        );
        for page in ["/healthz", "/readyz", "/health"] {
            let answer = rest(open(at, &format!("GET {page}")).await).await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        assert!(start.elapsed() < Duration::from_millis(290), "the busy ones were not waited for");
        // Those that were there first are not harmed.
        for stream in busy {
            assert!(rest(stream).await.starts_with("HTTP/1.1 200"));
        }
        until_in_flight(&traffic, 0).await;
        assert!(rest(open(at, "GET /api/auth/hi").await).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(traffic.sums().shed, 40);
    server.abort();
}

#[tokio::test]
async fn who_hangs_up_or_takes_too_long_leaves_their_place() {
    let traffic = Arc::new(Traffic::default());
    let app = with("", EdgeOptions { request_timeout: Duration::from_millis(50), ..few(&traffic) });
    for _ in 0..5 {
        let asked = get(&app, "/api/auth/slow");
        assert!(tokio::time::timeout(Duration::from_millis(5), asked).await.is_err());
        assert_eq!(get(&app, "/api/auth/slow").await.json()["code"], "SERVICE_UNAVAILABLE");
        assert_eq!(get(&app, "/api/auth/panic").await.status(), 500);
    }
    assert_eq!((traffic.sums().in_flight, traffic.sums().shed), (0, 0));
}

#[tokio::test]
async fn who_still_sends_a_body_takes_nobodys_place() {
    let traffic = Arc::new(Traffic::default());
    let app = with("", few(&traffic));
    let slow = || {
        let never = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
        let asking = request("POST", "/api/auth/echo").header("content-type", "application/json");
        let (app, asking) = (app.clone(), asking.body(axum::body::Body::from_stream(never)).unwrap());
        tokio::spawn(async move { send(&app, asking).await })
    };
    let slow: Vec<_> = (0..10).map(|_| slow()).collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(get(&app, "/api/auth/hi").await.status(), 200);
    slow.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn no_limit_is_no_limit() {
    let traffic = Arc::new(Traffic::default());
    let app = with("", EdgeOptions { max_requests: 0, ..few(&traffic) });
    let all = futures_util::future::join_all((0..100).map(|_| get(&app, "/api/auth/slow"))).await;
    assert!(all.iter().all(|answer| answer.status() == 200));
}
