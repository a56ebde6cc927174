//! What carries requests.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::BoxError;

/// Sends a request and brings the whole answer. It follows no redirect and keeps no cookies.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError>;
}

#[cfg(feature = "reqwest")]
pub use self::network::Reqwest;

#[cfg(feature = "reqwest")]
mod network {
    use std::time::Duration;

    use super::{BoxError, Bytes, Request, Response, Transport, async_trait};

    /// No answer of the server is nearly as long.
    const MOST: usize = 16 * 1024 * 1024;

    /// Over the network, with rustls.
    #[derive(Clone, Debug)]
    pub struct Reqwest(reqwest::Client);

    impl Reqwest {
        /// `timeout` is for a whole call.
        pub fn new(timeout: Duration) -> Result<Self, BoxError> {
            let client = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(timeout)
                .user_agent(concat!("auth-client/", env!("CARGO_PKG_VERSION")))
                .build()?;
            Ok(Self(client))
        }
    }

    #[async_trait]
    impl Transport for Reqwest {
        async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
            // Addresses of errors would show tokens of queries.
            let request = reqwest::Request::try_from(request).map_err(reqwest::Error::without_url)?;
            let mut answer = self.0.execute(request).await.map_err(reqwest::Error::without_url)?;
            let mut whole = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
                if whole.len() + chunk.len() > MOST {
                    return Err("the answer is too long".into());
                }
                whole.extend_from_slice(&chunk);
            }
            let mut response = Response::new(Bytes::from(whole));
            *response.status_mut() = answer.status();
            *response.headers_mut() = std::mem::take(answer.headers_mut());
            Ok(response)
        }
    }
}
