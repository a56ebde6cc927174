//! The programs do what their pages say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use auth_host::Sources;
use example_embed::{bare_hyper, in_process};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

/// A folder of a test's own.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("embed-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
    }

    fn sources(&self) -> Sources {
        Sources::empty().set("data_dir", &self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

const PASSWORD: &str = "Correct-Horse-42";

#[tokio::test]
async fn endpoints_are_functions() {
    let folder = Folder::new();
    let running = example_embed::start(folder.sources()).await.unwrap();
    let core = running.host().core().clone();
    let token = in_process::sign_up(&core, "Ada", "ada@example.com", PASSWORD).await.unwrap().unwrap();
    assert_eq!(in_process::who_is(&core, &token).await.unwrap().as_deref(), Some("Ada"));
    let weak = in_process::sign_up(&core, "Eve", "eve@example.com", "x").await.unwrap_err();
    assert_eq!(weak.status().as_u16(), 400);
    in_process::sign_out(&core, &token).await.unwrap();
    assert_eq!(in_process::who_is(&core, &token).await.unwrap(), None);
    running.stop().await;
}

async fn ask(at: std::net::SocketAddr, line: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_hyper_server_has_addresses_of_its_own_and_tesseras() {
    let folder = Folder::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let running =
        example_embed::start(folder.sources().set("base_url", format!("http://{at}"))).await.unwrap();
    let (stop, told) = oneshot::channel::<()>();
    let served = tokio::spawn(bare_hyper::serve(running, listener, async { drop(told.await) }));

    assert!(ask(at, "GET /hello", "", "").await.ends_with("hello, stranger"));
    let body = format!(r#"{{"name":"Ada","email":"ada@example.com","password":"{PASSWORD}"}}"#);
    let headers = format!("content-type: application/json\r\norigin: http://{at}\r\n");
    let signed_up = ask(at, "POST /api/auth/sign-up/email", &headers, &body).await;
    assert!(signed_up.starts_with("HTTP/1.1 200"), "{signed_up}");
    let cookies = signed_up.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    let cookies = format!("cookie: {}\r\n", cookies.collect::<Vec<_>>().join("; "));
    assert!(ask(at, "GET /hello", &cookies, "").await.ends_with("hello, Ada"));
    assert!(ask(at, "GET /elsewhere", "", "").await.starts_with("HTTP/1.1 404"));

    drop(stop);
    served.await.unwrap().unwrap();
    assert!(TcpStream::connect(at).await.is_err());
}
