//! The verifier and how it is built.

use std::{fmt, sync::Arc, time::Duration};

use serde::de::DeserializeOwned;
use url::{Host, Url};

use crate::{
    Algorithm, Claims, Clock, ConfigError, Fetch, SystemClock, VerifyError,
    claims::Expected,
    jws::Jws,
    source::{KeySource, Times},
};

/// Verifies tokens of one issuer for one audience. Clones share their keys.
#[derive(Clone)]
pub struct Verifier {
    inner: Arc<Inner>,
}

struct Inner {
    expected: Expected,
    algorithms: Vec<Algorithm>,
    typ: Option<String>,
    clock: Arc<dyn Clock>,
    source: Arc<KeySource>,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("expected", &self.inner.expected).finish_non_exhaustive()
    }
}

impl Verifier {
    /// `issuer` and `audience` are compared letter by letter; Tessera's default for both is the origin of
    /// its base URL. `jwks_url` is `<origin>/api/auth/jwks`.
    pub fn builder(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        jwks_url: impl Into<String>,
    ) -> VerifierBuilder {
        VerifierBuilder {
            issuer: issuer.into(),
            audience: audience.into(),
            jwks_url: jwks_url.into(),
            leeway: Duration::from_secs(30),
            times: Times {
                cache: Duration::from_secs(60 * 60),
                stale: Duration::from_secs(60 * 60),
                floor: Duration::from_secs(30),
                timeout: Duration::from_secs(5),
            },
            algorithms: Algorithm::ALL.to_vec(),
            typ: None,
            plain_http: false,
            clock: Arc::new(SystemClock),
            fetcher: None,
        }
    }

    /// Says who the token is about, or why it does not count.
    ///
    /// With the key in the cache it costs one check of a signature and waits for nothing.
    pub async fn verify<T: DeserializeOwned>(&self, token: &str) -> Result<Claims<T>, VerifyError> {
        self.verify_untyped(token).await?.into_typed()
    }

    /// As [`verify`](Self::verify), with the further claims as they came.
    pub async fn verify_untyped(&self, token: &str) -> Result<Claims, VerifyError> {
        let inner = &*self.inner;
        let jws = Jws::parse(token, inner.typ.as_deref())?;
        if !inner.algorithms.contains(&jws.algorithm) {
            return Err(VerifyError::Algorithm);
        }
        let judged = inner.source.with_key(&jws.kid, |key| {
            if key.algorithm() != jws.algorithm {
                return Err(VerifyError::AlgorithmMismatch);
            }
            let is_good = key.is_signature_of(jws.signed.as_bytes(), &jws.signature);
            if is_good { Ok(()) } else { Err(VerifyError::Signature) }
        });
        judged.await??;
        Claims::check(jws.claims()?, &inner.expected, inner.clock.now())
    }
}

/// Builds a [`Verifier`].
#[must_use = "a builder does nothing before `build`"]
pub struct VerifierBuilder {
    issuer: String,
    audience: String,
    jwks_url: String,
    leeway: Duration,
    times: Times,
    algorithms: Vec<Algorithm>,
    typ: Option<String>,
    plain_http: bool,
    clock: Arc<dyn Clock>,
    fetcher: Option<Arc<dyn Fetch>>,
}

impl VerifierBuilder {
    /// How far the clocks of the two machines may differ: 30 seconds, at most 60.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// How long keys count without a question: an hour. Never less than the floor.
    pub fn cache_for(mut self, time: Duration) -> Self {
        self.times.cache = time;
        self
    }

    /// How much longer they count where the server does not answer: an hour.
    pub fn stale_if_error(mut self, time: Duration) -> Self {
        self.times.stale = time;
        self
    }

    /// The least time between two questions, whatever ids of keys tokens bring: 30 seconds, at least one.
    pub fn refetch_floor(mut self, time: Duration) -> Self {
        self.times.floor = time;
        self
    }

    /// How long one question may take: 5 seconds.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.times.timeout = time;
        self
    }

    /// Only these, in place of all that are known.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// The type that the header must name, such as `at+jwt`. Without one it may name `JWT` or nothing.
    pub fn typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = Some(typ.into());
        self
    }

    /// Fetches keys over plain http from another machine too. Who stands on the way can then replace them.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Another clock than the system's, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Another HTTP client than the built-in one.
    pub fn fetcher(mut self, fetcher: Arc<dyn Fetch>) -> Self {
        self.fetcher = Some(fetcher);
        self
    }

    /// Checks the settings. It asks the server for nothing yet.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        for (name, value) in [("issuer", &self.issuer), ("audience", &self.audience)] {
            if value.is_empty() {
                return Err(ConfigError::Empty(name));
            }
        }
        if self.algorithms.is_empty() {
            return Err(ConfigError::Empty("algorithms"));
        }
        if self.leeway > Duration::from_secs(60) {
            return Err(ConfigError::Leeway);
        }
        check_url(&self.jwks_url, self.plain_http)?;
        let fetcher = match self.fetcher {
            Some(fetcher) => fetcher,
            None => default_fetcher()?,
        };
        let mut times = self.times;
        times.floor = times.floor.max(Duration::from_secs(1));
        times.cache = times.cache.max(times.floor);
        let source = KeySource::new(self.jwks_url, fetcher, Arc::clone(&self.clock), times);
        let expected = Expected { issuer: self.issuer, audience: self.audience, leeway: self.leeway };
        let (algorithms, typ, clock, source) = (self.algorithms, self.typ, self.clock, Arc::new(source));
        Ok(Verifier { inner: Arc::new(Inner { expected, algorithms, typ, clock, source }) })
    }
}

fn check_url(text: &str, plain_http: bool) -> Result<(), ConfigError> {
    let wrong = || ConfigError::Url(text.to_owned());
    let url = Url::parse(text).map_err(|_| wrong())?;
    let is_here = match url.host().ok_or_else(wrong)? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_here || plain_http => Ok(()),
        "http" => Err(ConfigError::PlainHttp),
        _ => Err(wrong()),
    }
}

#[cfg(feature = "http")]
fn default_fetcher() -> Result<Arc<dyn Fetch>, ConfigError> {
    crate::HttpFetch::new().map(|fetch| Arc::new(fetch) as _).map_err(|_| ConfigError::NoFetcher)
}

#[cfg(not(feature = "http"))]
fn default_fetcher() -> Result<Arc<dyn Fetch>, ConfigError> {
    Err(ConfigError::NoFetcher)
}
