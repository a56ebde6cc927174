//! What goes wrong, said to the service and never to its caller.

use thiserror::Error;

/// Why a token was refused.
///
/// The reason belongs into a log. The one who sent the token learns nothing but that it does not count;
/// the layer answers that way.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    #[error("not a token: {0}")]
    Malformed(&'static str),
    #[error("the header is refused: {0}")]
    Header(&'static str),
    #[error("the algorithm is not one of those that are allowed")]
    Algorithm,
    #[error("the algorithm is not the key's")]
    AlgorithmMismatch,
    #[error("no key has this id")]
    UnknownKey,
    #[error("the signature is wrong")]
    Signature,
    #[error("the claim `{0}` is missing or of the wrong kind")]
    Claim(&'static str),
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the issuer is another")]
    Issuer,
    #[error("the audience is another")]
    Audience,
    #[error("the other claims have another shape than the service expects")]
    Extra,
    /// Nobody's token can be judged now. It says nothing about this one.
    #[error("there are no keys, and none can be had")]
    KeysUnavailable,
}

impl VerifyError {
    /// Whether the fault is the service's and a later attempt may succeed: 503 and not 401.
    #[must_use]
    pub fn is_unavailable(self) -> bool {
        self == Self::KeysUnavailable
    }
}

/// What is wrong with the configuration of a verifier.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    #[error("`{0}` is empty")]
    Empty(&'static str),
    #[error("the address of the keys is no http or https URL: {0}")]
    Url(String),
    #[error("the address of the keys is plain http on another machine; use https, or `allow_plain_http`")]
    PlainHttp,
    #[error("the leeway is at most 60 seconds")]
    Leeway,
    #[error("without the feature `http` the builder needs a `fetcher`")]
    NoFetcher,
}
