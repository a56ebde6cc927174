//! A node on a port of this machine, for what needs a connection: sockets, streams, other programs.

use std::net::SocketAddr;

use auth_axum::{EdgeOptions, ServeOptions};
use axum::{
    extract::Request,
    middleware::{Next, from_fn},
};
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
};

use crate::{TestApp, seen};

/// Serves until it is dropped; background tasks and listeners run, as on a server.
///
/// ```
/// use auth_testkit::TestApp;
/// use tokio::{
///     io::{AsyncReadExt, AsyncWriteExt},
///     net::TcpStream,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let app = TestApp::builder().start().await;
/// let listening = app.listen().await;
///
/// let mut connection = TcpStream::connect(listening.address()).await?;
/// connection.write_all(b"GET /api/auth/ok HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await?;
/// let mut answer = String::new();
/// connection.read_to_string(&mut answer).await?;
/// assert!(answer.starts_with("HTTP/1.1 200"));
/// # Ok(())
/// # }
/// ```
pub struct Listening {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<usize>,
    _background: JoinSet<()>,
}

impl TestApp {
    /// Answers on a port of the loopback interface.
    pub async fn listen(&self) -> Listening {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a port has an address");
        let (stop, told) = oneshot::channel();
        let core = self.core().clone();
        let shutdown = async move {
            // Dropping it is telling it, too.
            told.await.ok();
            core.stop_soon();
        };
        let host = self.host().clone();
        let router = auth_axum::router(host.clone(), EdgeOptions::default());
        let router = router.layer(from_fn(move |request: Request, next: Next| {
            seen::note_at(&host, request.method(), request.uri().path());
            next.run(request)
        }));
        let served = tokio::spawn(auth_axum::serve(listener, router, ServeOptions::default(), shutdown));
        Listening { address, stop: Some(stop), served, _background: self.host().spawn_background() }
    }
}

impl Listening {
    /// Where it answers, on the loopback interface.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops as a server does: how many connections had to be cut off.
    pub async fn stop(mut self) -> usize {
        drop(self.stop.take());
        self.served.await.expect("the server ends in order")
    }
}
