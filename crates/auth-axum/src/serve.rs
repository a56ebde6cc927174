//! A router on a socket, with limits on everything that a client can take its time with.

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use auth_core::socket::is_upgrade;
use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tower::Service;

/// Limits on connections.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Connections at the same time; further ones wait in the system's queue.
    pub max_connections: usize,
    /// How long a client may take for the head of a request. Also how long an idle HTTP/1
    /// connection is kept.
    pub header_timeout: Duration,
    /// How long requests may go on after the server was told to stop.
    pub drain: Duration,
    /// The largest head of an HTTP/1 request in bytes that is read at all.
    pub head_limit: usize,
    /// Streams of an HTTP/2 connection at the same time.
    pub max_streams: u32,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            max_connections: 16_384,
            header_timeout: Duration::from_secs(10),
            drain: Duration::from_secs(25),
            head_limit: 256 * 1024,
            max_streams: 128,
        }
    }
}

/// A connection's place among those that may be there at the same time. Requests carry it, so that a
/// connection that becomes a WebSocket keeps it, and is waited for when the server stops.
#[derive(Clone)]
pub(crate) struct Place {
    _held: Arc<OwnedSemaphorePermit>,
}

/// What connections are told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serving,
    /// Finish what runs, begin nothing.
    Draining,
    Closed,
}

/// Serves until `shutdown`, then drains. Says how many connections had to be cut off.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: ServeOptions,
    shutdown: impl Future<Output = ()>,
) -> usize {
    let most = options.max_connections.clamp(1, Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(most));
    let builder = Arc::new(builder(&options));
    let (phase, told) = watch::channel(Phase::Serving);
    let mut shutdown = pin!(shutdown);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await.ok()?;
            Some((accept(&listener).await, place))
        };
        let (stream, peer, place) = tokio::select! {
            () = &mut shutdown => break,
            next = next => match next {
                Some(((stream, peer), place)) => (stream, peer, place),
                None => break,
            },
        };
        let place = Place { _held: Arc::new(place) };
        let connection = Connection { stream, peer, place, told: told.clone() };
        tokio::spawn(connection.run(builder.clone(), router.clone(), options.header_timeout));
    }
    drop(listener);
    phase.send_replace(Phase::Draining);
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    if tokio::time::timeout(options.drain, places.acquire_many(all)).await.is_ok() {
        return 0;
    }
    let left = most.saturating_sub(places.available_permits());
    phase.send_replace(Phase::Closed);
    left
}

/// The next connection. Failures of a single one are passed over; when the system is out of file
/// descriptors or memory, waits a while instead of asking again at once.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    const LONGEST: Duration = Duration::from_secs(1);
    let mut pause = Duration::from_millis(5);
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST);
            }
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset | Interrupted)
}

fn builder(options: &ServeOptions) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_buf_size(options.head_limit.max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(options.max_streams)
        .max_header_list_size(u32::try_from(options.head_limit).unwrap_or(u32::MAX))
        // Streams that a client opens and resets at once cost as much as requests.
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(256)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
    told: watch::Receiver<Phase>,
}

impl Connection {
    async fn run(self, builder: Arc<auto::Builder<TokioExecutor>>, router: Router, patience: Duration) {
        let Self { stream, peer, place, mut told } = self;
        // Answers are small and whole; nothing is gained by waiting for more.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let spoke = Arc::new(AtomicBool::new(false));
        let heard = spoke.clone();
        let kept = place.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            spoke.store(true, Ordering::Relaxed);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            if is_upgrade(request.headers()) {
                request.extensions_mut().insert(kept.clone());
            }
            let mut router = router.clone();
            async move {
                Ok::<_, Infallible>(match router.call(request).await {
                    Ok(r) => r,
                    Err(n) => match n {},
                })
            }
        });
        let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
        // The library's own timeout begins with the first bytes.
        let mut silence = pin!(tokio::time::sleep(patience));
        let mut waiting = true;
        loop {
            tokio::select! {
                biased;
                done = connection.as_mut() => {
                    if let Err(error) = done {
                        tracing::debug!(error, "a connection ended badly");
                    }
                    break;
                }
                () = silence.as_mut(), if waiting => {
                    if !heard.load(Ordering::Relaxed) {
                        break;
                    }
                    waiting = false;
                }
                changed = told.changed() => {
                    let phase = *told.borrow_and_update();
                    if changed.is_err() || phase == Phase::Closed {
                        break;
                    }
                    if phase == Phase::Draining {
                        connection.as_mut().graceful_shutdown();
                    }
                }
            }
        }
        drop(place);
    }
}
