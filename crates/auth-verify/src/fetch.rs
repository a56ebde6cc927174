//! How a key set is fetched. The default speaks HTTP/1.1 over rustls; any client can take its place.

use std::{future::Future, pin::Pin};

use thiserror::Error;

/// What a fetch gives back.
pub type FetchFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>>;

/// Fetches one document.
///
/// An implementation follows no redirect, takes status 200 alone and reads at most `limit` bytes. The
/// verifier bounds the time itself.
///
/// ```
/// use auth_verify::{Fetch, FetchFuture};
///
/// /// Keys that are part of the program: for tests, and for machines without a network.
/// struct BuiltIn(&'static str);
///
/// impl Fetch for BuiltIn {
///     fn fetch<'a>(&'a self, _: &'a str, _: usize) -> FetchFuture<'a> {
///         Box::pin(async { Ok(self.0.as_bytes().to_vec()) })
///     }
/// }
/// ```
pub trait Fetch: Send + Sync + 'static {
    /// The body of the answer.
    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> FetchFuture<'a>;
}

/// Why there is no key set.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// It is no address that this client can ask.
    #[error("the address cannot be used")]
    Url,
    /// Nobody answered, or not over TLS.
    #[error("no connection: {0}")]
    Connection(String),
    /// Anything but 200; redirects too.
    #[error("the answer has status {0}")]
    Status(u16),
    /// More than the limit.
    #[error("the answer is too large")]
    TooLarge,
    /// The verifier gave up.
    #[error("the answer took too long")]
    TimedOut,
    /// It is no JSON with `keys`.
    #[error("the answer is no key set")]
    NoKeySet,
}

#[cfg(feature = "http")]
pub use self::over_http::HttpFetch;

#[cfg(feature = "http")]
mod over_http {
    use std::{fmt, sync::Arc};

    use http::{Request, StatusCode, header};
    use http_body_util::{BodyExt as _, Empty, Limited};
    use hyper::body::Bytes;
    use hyper_util::rt::TokioIo;
    use tokio::{
        io::{AsyncRead, AsyncWrite},
        net::TcpStream,
    };
    use tokio_rustls::{
        TlsConnector,
        rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName},
    };
    use url::{Host, Url};

    use super::{Fetch, FetchError, FetchFuture};

    /// One connection a fetch: there is one an hour.
    #[derive(Clone)]
    pub struct HttpFetch {
        tls: Arc<ClientConfig>,
    }

    impl fmt::Debug for HttpFetch {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("HttpFetch")
        }
    }

    impl HttpFetch {
        /// Trusts the certificates that browsers trust.
        pub fn new() -> Result<Self, FetchError> {
            let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(connection)?
                .with_root_certificates(roots)
                .with_no_client_auth();
            Ok(Self::with_tls(Arc::new(tls)))
        }

        /// For a certificate authority of one's own, or client certificates.
        #[must_use]
        pub fn with_tls(tls: Arc<ClientConfig>) -> Self {
            Self { tls }
        }

        async fn get(&self, url: &str, limit: usize) -> Result<Vec<u8>, FetchError> {
            let url = Url::parse(url).map_err(|_| FetchError::Url)?;
            let port = url.port_or_known_default().ok_or(FetchError::Url)?;
            let stream = match url.host().ok_or(FetchError::Url)? {
                Host::Domain(name) => TcpStream::connect((name, port)).await,
                Host::Ipv4(address) => TcpStream::connect((address, port)).await,
                Host::Ipv6(address) => TcpStream::connect((address, port)).await,
            };
            let stream = stream.map_err(connection)?;
            if url.scheme() != "https" {
                return exchange(stream, &url, limit).await;
            }
            let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            let name = ServerName::try_from(name).map_err(|_| FetchError::Url)?;
            let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await;
            exchange(stream.map_err(connection)?, &url, limit).await
        }
    }

    impl Fetch for HttpFetch {
        fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> FetchFuture<'a> {
            Box::pin(self.get(url, limit))
        }
    }

    async fn exchange<S>(stream: S, url: &Url, limit: usize) -> Result<Vec<u8>, FetchError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, driver) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(connection)?;
        let request = Request::get(&url[url::Position::BeforePath..url::Position::AfterQuery])
            .header(header::HOST, &url[url::Position::BeforeHost..url::Position::AfterPort])
            .header(header::ACCEPT, "application/json")
            .body(Empty::<Bytes>::new())
            .map_err(|_| FetchError::Url)?;
        let answer = async move {
            let answer = sender.send_request(request).await.map_err(connection)?;
            // A redirect is an answer like any other that is not 200.
            if answer.status() != StatusCode::OK {
                return Err(FetchError::Status(answer.status().as_u16()));
            }
            let body = Limited::new(answer.into_body(), limit).collect().await;
            body.map(|body| body.to_bytes().to_vec()).map_err(|error| {
                if error.is::<http_body_util::LengthLimitError>() {
                    FetchError::TooLarge
                } else {
                    FetchError::Connection(error.to_string())
                }
            })
        };
        // The driver works while the answer is awaited and is dropped with it: nothing goes on behind.
        tokio::pin!(answer, driver);
        tokio::select! {
            biased;
            answer = &mut answer => answer,
            _ = &mut driver => answer.await,
        }
    }

    fn connection(error: impl fmt::Display) -> FetchError {
        FetchError::Connection(error.to_string())
    }
}
