//! Verifies Tessera's JSON Web Tokens in other services.
//!
//! It asks the server for nothing but its public keys (the JWKS), once an hour: there is no database and
//! no shared secret. The signatures are checked in pure Rust; only the built-in fetcher's TLS is not
//! (rustls over aws-lc-rs), and without the feature `http` that is gone too.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use auth_verify::Verifier;
//!
//! #[derive(serde::Deserialize)]
//! struct Profile {
//!     email: String,
//! }
//!
//! let origin = "https://auth.example.com";
//! let verifier = Verifier::builder(origin, origin, format!("{origin}/api/auth/jwks")).build()?;
//!
//! let claims = verifier.verify::<Profile>("eyJhbGciOiJFZERTQSIs…").await?;
//! println!("{} is {}", claims.sub, claims.extra.email);
//! # Ok(())
//! # }
//! ```
//!
//! Build one verifier for the life of the process and clone it: clones share their keys.
//!
//! # In front of axum
//!
//! With the feature `axum` `JwtLayer` lets nobody through without a token, and a handler takes the
//! claims as a `Token`.
//!
//! ```
//! # #[cfg(feature = "axum")]
//! # fn app(verifier: auth_verify::Verifier) -> axum::Router {
//! use auth_verify::{JwtLayer, Token};
//! use axum::{Router, routing::get};
//!
//! # #[derive(Clone, serde::Deserialize)]
//! # struct Profile { email: String }
//! let app = Router::new()
//!     .route("/me", get(async |Token(claims): Token<Profile>| claims.extra.email))
//!     .layer(JwtLayer::new(verifier));
//! # app
//! # }
//! ```
//!
//! # What is refused
//!
//! Every algorithm but EdDSA (Ed25519), ES256, ES512, RS256 and PS256, and each of these with a key of
//! another; tokens without `kid`, `iss`, `aud`, `sub` or `exp`; times that are not whole seconds; critical
//! extensions, encrypted tokens, more than 16 KiB, a member said twice, every other spelling of base64url;
//! keys that are weak (RSA below 2048 bits, small order) or published with their private part. `jku`,
//! `x5u`, `x5c` and `jwk` in a header are not read. Clocks may differ by 30 seconds.
//!
//! # When the server is away
//!
//! Keys count for an hour and, while the server does not answer, for one more. Then every token is refused
//! with [`VerifyError::KeysUnavailable`], for which the layer answers 503. A token that names an unknown
//! key makes the verifier ask once, and no more often than every 30 seconds whatever tokens come.
//!
//! A token that was signed out stays good until it expires, which is 15 minutes after it was issued: no
//! service that verifies alone can know better.

#![deny(missing_docs)]

mod claims;
mod clock;
mod error;
mod fetch;
mod json;
mod jws;
mod key;
#[cfg(feature = "axum")]
mod layer;
mod source;
mod verifier;

pub use self::{
    claims::Claims,
    clock::{Clock, SystemClock},
    error::{ConfigError, VerifyError},
    fetch::{Fetch, FetchError, FetchFuture},
    key::Algorithm,
    verifier::{Verifier, VerifierBuilder},
};
#[cfg(feature = "http")]
pub use fetch::HttpFetch;
#[cfg(feature = "axum")]
pub use layer::{JwtLayer, JwtService, Refusal, Token};
