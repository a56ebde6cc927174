//! Bodies, headers, time, and handlers that break.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use auth_axum::EdgeOptions;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use bytes::Bytes;
use hyper::body::Frame;

use crate::support::{app, get, request, send, with};

fn echo(body: impl Into<Body>) -> Request<Body> {
    request("POST", "/api/auth/echo").header("content-type", "application/json").body(body.into()).unwrap()
}

fn small() -> EdgeOptions {
    EdgeOptions { body_limit: 100, body_timeout: Duration::from_millis(50), ..EdgeOptions::default() }
}

/// A body that arrives in pieces, and then perhaps never ends.
struct Pieces {
    left: usize,
    stuck: bool,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left == 0 {
            return if self.stuck { Poll::Pending } else { Poll::Ready(None) };
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"0123456789")))))
    }
}

#[tokio::test]
async fn bodies_pass_up_to_the_limit() {
    let app = with("", small());
    let fits = format!("{{\"text\":\"{}\"}}", "x".repeat(89));
    assert_eq!(fits.len(), 100);
    assert_eq!(send(&app, echo(fits.clone())).await.status(), StatusCode::OK);
    let answer = send(&app, echo(fits.replace("xx", "xxx"))).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.json()["code"], "PAYLOAD_TOO_LARGE");
    assert_eq!(answer.header("connection"), Some("close"));
}

#[tokio::test]
async fn a_body_that_does_not_say_its_length_is_cut_off() {
    let app = with("", small());
    let endless = Body::new(Pieces { left: usize::MAX, stuck: false });
    assert_eq!(send(&app, echo(endless)).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_announced_body_is_refused_unread() {
    let app = with("", small());
    let mut asking = echo(Body::new(Pieces { left: 1, stuck: true }));
    asking.headers_mut().insert("content-length", "101".parse().unwrap());
    assert_eq!(send(&app, asking).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_slow_body_is_given_up() {
    // Case 284.
    let app = with("", small());
    let answer = send(&app, echo(Body::new(Pieces { left: 1, stuck: true }))).await;
    assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(answer.json()["code"], "REQUEST_TIMEOUT");
}

#[tokio::test]
async fn nobody_waits_for_the_body_of_an_unknown_path() {
    let app = with("", EdgeOptions { body_timeout: Duration::from_hours(1), ..small() });
    let stuck = Body::new(Pieces { left: 1, stuck: true });
    let answer = send(&app, request("POST", "/api/auth/nope").body(stuck).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn compressed_bodies_are_refused() {
    // Case 253.
    let mut asking = echo("{\"text\":\"x\"}");
    asking.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    assert_eq!(send(&app(""), asking).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_late_answer_is_replaced() {
    let app = with("", EdgeOptions { request_timeout: Duration::from_millis(20), ..EdgeOptions::default() });
    let answer = get(&app, "/api/auth/slow").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.header("retry-after").is_some());
    assert_eq!(get(&app, "/api/v1/slow").await.json()["error"]["type"], "SYSTEM");
}

#[tokio::test]
async fn a_panic_is_one_requests_problem() {
    let app = app("");
    for path in ["/api/auth/panic", "/api/v1/panic"] {
        let answer = get(&app, path).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!String::from_utf8_lossy(&answer.body).contains("cellar"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(get(&app, "/api/auth/hi").await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn large_headers_are_refused_and_odd_cookies_are_nobody() {
    let app = app("");
    let with_cookie = |cookie: Vec<u8>| {
        let mut asking = request("GET", "/api/auth/me").body(Body::empty()).unwrap();
        asking.headers_mut().insert("cookie", axum::http::HeaderValue::from_bytes(&cookie).unwrap());
        asking
    };
    let huge = send(&app, with_cookie(vec![b'a'; 100 * 1024])).await;
    assert_eq!(huge.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    assert_eq!(huge.json()["code"], "REQUEST_HEADER_FIELDS_TOO_LARGE");
    let many = "a=b; ".repeat(6_000).into_bytes();
    for cookie in [b"=".to_vec(), b";;;=;a".to_vec(), vec![0xff, b'=', 0xfe], many] {
        assert_eq!(send(&app, with_cookie(cookie)).await.status(), StatusCode::UNAUTHORIZED);
    }
}
