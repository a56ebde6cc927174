//! A key server, keys, tokens and a clock.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_verify::{Clock, Verifier, VerifierBuilder};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

pub(crate) const ISSUER: &str = "https://auth.example.com";
pub(crate) const NOW: u64 = 1_800_000_000;

/// What the key server answers.
#[derive(Clone)]
pub(crate) enum Answer {
    Keys(Value),
    Redirect(String),
    Status(u16),
    /// This many bytes, with their length in front or in chunks.
    Huge {
        size: usize,
        chunked: bool,
    },
    Garbage,
    /// Nothing, for as long as the caller waits.
    Silence,
    /// The connection ends at once.
    Down,
}

pub(crate) struct KeyServer {
    pub(crate) address: SocketAddr,
    answer: Mutex<Answer>,
    fetches: AtomicUsize,
}

impl KeyServer {
    pub(crate) async fn start(answer: Answer) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::new(Self { address, answer: Mutex::new(answer), fetches: AtomicUsize::new(0) });
        let this = Arc::clone(&server);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                this.fetches.fetch_add(1, Ordering::SeqCst);
                let answer = this.answer.lock().unwrap().clone();
                tokio::spawn(serve(stream, answer));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/api/auth/jwks", self.address)
    }

    pub(crate) fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, answer: Answer) {
    if matches!(answer, Answer::Down) {
        return;
    }
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read_exact(&mut byte).await.is_err() {
            return;
        }
        request.push(byte[0]);
    }
    assert!(request.starts_with(b"GET /api/auth/jwks HTTP/1.1\r\n"));
    // Long enough for those who come together to meet.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let whole =
        |head: &str, body: &str| format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let text = match answer {
        Answer::Keys(keys) => whole("200 OK", &json!({ "keys": keys }).to_string()),
        Answer::Redirect(to) => whole(&format!("302 Found\r\nlocation: {to}"), ""),
        Answer::Status(status) => whole(&format!("{status} Odd"), "{\"keys\":[]}"),
        Answer::Huge { size, chunked: false } => whole("200 OK", &" ".repeat(size)),
        Answer::Huge { size, chunked: true } => format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{size:x}\r\n{}\r\n0\r\n\r\n",
            " ".repeat(size)
        ),
        Answer::Garbage => whole("200 OK", "<html>"),
        Answer::Silence => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            return;
        }
        Answer::Down => return,
    };
    let _ = stream.write_all(text.as_bytes()).await;
}

/// A clock that a test moves.
pub(crate) struct Frozen(AtomicU64);

impl Frozen {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(NOW)))
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn back(&self, seconds: u64) {
        self.0.fetch_sub(seconds, Ordering::SeqCst);
    }
}

impl Clock for Frozen {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// An Ed25519 key and its id.
pub(crate) struct Signing {
    kid: &'static str,
    key: SigningKey,
}

impl Signing {
    pub(crate) fn new(kid: &'static str, seed: u8) -> Self {
        Self { kid, key: SigningKey::from_bytes(&[seed; 32]) }
    }

    pub(crate) fn jwk(&self) -> Value {
        let x = encode(self.key.verifying_key().as_bytes());
        json!({ "alg": "EdDSA", "crv": "Ed25519", "x": x, "kty": "OKP", "kid": self.kid })
    }

    pub(crate) fn header(&self) -> Value {
        json!({ "alg": "EdDSA", "kid": self.kid })
    }

    /// A good signature under whatever stands in front of it.
    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
        let signature = encode(&self.key.sign(signed.as_bytes()).to_bytes());
        format!("{signed}.{signature}")
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        self.sign(&self.header().to_string(), &claims.to_string())
    }

    pub(crate) fn good(&self) -> String {
        self.token(&claims())
    }
}

/// Claims as the server writes them.
pub(crate) fn claims() -> Value {
    json!({ "iat": NOW, "name": "Ada", "email": "ada@example.com", "id": "u1", "sub": "u1",
        "exp": NOW + 900, "iss": ISSUER, "aud": ISSUER })
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// One key, its server, a verifier and its clock.
pub(crate) struct World {
    pub(crate) key: Signing,
    pub(crate) server: Arc<KeyServer>,
    pub(crate) clock: Arc<Frozen>,
    pub(crate) verifier: Verifier,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    pub(crate) async fn with(set: impl FnOnce(VerifierBuilder) -> VerifierBuilder) -> Self {
        let key = Signing::new("k1", 1);
        let server = KeyServer::start(Answer::Keys(json!([key.jwk()]))).await;
        let clock = Frozen::new();
        let builder = Verifier::builder(ISSUER, ISSUER, server.url()).clock(clock.clone());
        let verifier = set(builder).build().unwrap();
        Self { key, server, clock, verifier }
    }
}
