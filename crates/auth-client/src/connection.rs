//! The way to a server, and who the client is there.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    BoxError, Call, Error, JsonOrRedirect, Redirect, Refusal, TextOrRedirect, Transport, Unexpected,
    credentials::Credentials,
    error::{text, trace_id},
};

/// A server and a client's credentials there. Cloning gives the same one.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    base: Url,
    credentials: Credentials,
    transport: Box<dyn Transport>,
}

/// Says how to reach a server.
pub struct Builder {
    base: String,
    credentials: Credentials,
    timeout: Duration,
    transport: Option<Box<dyn Transport>>,
}

impl Connection {
    /// To the address below which the endpoints are (`https://auth.example.com/api/auth`), with a cookie jar
    /// of its own.
    #[cfg(feature = "reqwest")]
    pub fn new(base: &str) -> Result<Self, Error> {
        Self::builder(base).build()
    }

    pub fn builder(base: &str) -> Builder {
        Builder {
            base: base.to_owned(),
            credentials: Credentials::Cookies(Mutex::default()),
            timeout: Duration::from_secs(30),
            transport: None,
        }
    }

    /// The token of a [`Builder::bearer`] connection, to be kept for the next run.
    pub fn bearer_token(&self) -> Option<SecretString> {
        self.0.credentials.bearer()
    }

    /// The JSON of a success.
    pub async fn json<T: DeserializeOwned, C: DeserializeOwned>(&self, call: Call) -> Result<T, Error<C>> {
        let answer = self.success(call).await?;
        read(&answer)
    }

    /// A success without a body.
    pub async fn empty<C: DeserializeOwned>(&self, call: Call) -> Result<(), Error<C>> {
        self.success(call).await.map(|_| ())
    }

    pub async fn text<C: DeserializeOwned>(&self, call: Call) -> Result<String, Error<C>> {
        let answer = self.success(call).await?;
        letters(&answer)
    }

    pub async fn bytes<C: DeserializeOwned>(&self, call: Call) -> Result<Bytes, Error<C>> {
        self.success(call).await.map(Response::into_body)
    }

    pub async fn redirect<C: DeserializeOwned>(&self, call: Call) -> Result<Redirect, Error<C>> {
        let answer = self.answer(call).await?;
        redirected(&answer).ok_or_else(|| unexpected(&answer, "it should have redirected".into()))
    }

    pub async fn json_or_redirect<T: DeserializeOwned, C: DeserializeOwned>(
        &self,
        call: Call,
    ) -> Result<JsonOrRedirect<T>, Error<C>> {
        let answer = self.answer(call).await?;
        match redirected(&answer) {
            Some(redirect) => Ok(JsonOrRedirect::Redirect(redirect)),
            None => read(&answer).map(JsonOrRedirect::Json),
        }
    }

    pub async fn text_or_redirect<C: DeserializeOwned>(
        &self,
        call: Call,
    ) -> Result<TextOrRedirect, Error<C>> {
        let answer = self.answer(call).await?;
        match redirected(&answer) {
            Some(redirect) => Ok(TextOrRedirect::Redirect(redirect)),
            None => letters(&answer).map(TextOrRedirect::Text),
        }
    }

    async fn success<C: DeserializeOwned>(&self, call: Call) -> Result<Response<Bytes>, Error<C>> {
        let answer = self.answer(call).await?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(unexpected(&answer, "a success was expected".into()))
    }

    /// Whatever is no refusal.
    async fn answer<C: DeserializeOwned>(&self, call: Call) -> Result<Response<Bytes>, Error<C>> {
        let request = self.request(call).map_err(Error::Request)?;
        let answer = self.0.transport.send(request).await.map_err(Error::Transport)?;
        self.0.credentials.read(answer.headers());
        let status = answer.status();
        if status.is_client_error() || status.is_server_error() {
            let refusal = Refusal::read(status, answer.headers(), answer.body());
            return Err(Error::Refused(Box::new(refusal)));
        }
        Ok(answer)
    }

    fn request(&self, call: Call) -> Result<Request<Bytes>, BoxError> {
        if let Some(problem) = call.problem {
            return Err(problem);
        }
        let address = format!("{}{}", self.0.base.as_str().trim_end_matches('/'), call.path);
        let url = Url::parse(&address)?;
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = call.method;
        *request.uri_mut() = url.as_str().parse()?;
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        self.0.credentials.write(&url, headers)?;
        if let Some(body) = call.body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = body.into();
        }
        Ok(request)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("base", &self.0.base.as_str()).finish_non_exhaustive()
    }
}

impl Builder {
    /// The session's token instead of cookies. Without one the client signs in first; what the server
    /// hands over in `set-auth-token` is taken.
    #[must_use]
    pub fn bearer(mut self, token: Option<SecretString>) -> Self {
        self.credentials = Credentials::Bearer(Mutex::new(token));
        self
    }

    /// A key for programs.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.credentials = Credentials::Key(key.into());
        self
    }

    /// How long a whole call may take; half a minute without it. A transport of your own has its own.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Another way to the server, such as a call in process.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Box::new(transport));
        self
    }

    /// Fails where the address is none of a server's.
    pub fn build(self) -> Result<Connection, Error> {
        let base = Url::parse(&self.base).map_err(|error| Error::Request(error.into()))?;
        if !matches!(base.scheme(), "http" | "https") || base.query().is_some() || base.fragment().is_some() {
            return Err(Error::Request("the address of a server is http or https, without a query".into()));
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => network(self.timeout)?,
        };
        Ok(Connection(Arc::new(Inner { base, credentials: self.credentials, transport })))
    }
}

#[cfg(feature = "reqwest")]
fn network(timeout: Duration) -> Result<Box<dyn Transport>, Error> {
    Ok(Box::new(crate::Reqwest::new(timeout).map_err(Error::Request)?))
}

#[cfg(not(feature = "reqwest"))]
fn network(_: Duration) -> Result<Box<dyn Transport>, Error> {
    Err(Error::Request("there is no transport: bring one, or enable the feature `reqwest`".into()))
}

fn redirected(answer: &Response<Bytes>) -> Option<Redirect> {
    let location = text(answer.headers(), header::LOCATION.as_str());
    let location = location.filter(|_| answer.status().is_redirection());
    location.map(|location| Redirect { location: location.to_owned() })
}

fn read<T: DeserializeOwned, C>(answer: &Response<Bytes>) -> Result<T, Error<C>> {
    serde_json::from_slice(answer.body()).map_err(|error| unexpected(answer, error.into()))
}

fn letters<C>(answer: &Response<Bytes>) -> Result<String, Error<C>> {
    String::from_utf8(answer.body().to_vec()).map_err(|_| unexpected(answer, "it is no text".into()))
}

fn unexpected<C>(answer: &Response<Bytes>, source: BoxError) -> Error<C> {
    let status: StatusCode = answer.status();
    let trace_id = trace_id(answer.headers());
    Error::Unexpected(Box::new(Unexpected { status, trace_id, body: answer.body().clone(), source }))
}
