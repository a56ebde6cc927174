//! What goes wrong, said to the service and never to its caller.

use thiserror::Error;

/// Why a token was refused.
///
/// The reason belongs into a log. The one who sent the token learns nothing but that it does not count;
/// the layer answers that way.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// It cannot be taken apart.
    #[error("not a token: {0}")]
    Malformed(&'static str),
    /// A header that is not understood in full, or that nobody should need.
    #[error("the header is refused: {0}")]
    Header(&'static str),
    /// Such as `none`, or one that the builder left out.
    #[error("the algorithm is not one of those that are allowed")]
    Algorithm,
    /// The header names another one than the key that it names.
    #[error("the algorithm is not the key's")]
    AlgorithmMismatch,
    /// Not even after the keys were fetched anew.
    #[error("no key has this id")]
    UnknownKey,
    /// Somebody else made it, or changed it.
    #[error("the signature is wrong")]
    Signature,
    /// Which one.
    #[error("the claim `{0}` is missing or of the wrong kind")]
    Claim(&'static str),
    /// Its time is over, and the leeway too.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` is in the future, and beyond the leeway.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Another server signed it.
    #[error("the issuer is another")]
    Issuer,
    /// It is for another service.
    #[error("the audience is another")]
    Audience,
    /// They cannot be read as the type that `verify` was called with.
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
    /// A setting that has to be there.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// It cannot be used to ask for keys.
    #[error("the address of the keys is no http or https URL: {0}")]
    Url(String),
    /// Whoever stands on the way could put other keys there.
    #[error("the address of the keys is plain http on another machine; use https, or `allow_plain_http`")]
    PlainHttp,
    /// Clocks that are further apart have to be set, not tolerated.
    #[error("the leeway is at most 60 seconds")]
    Leeway,
    /// Nobody is there to ask for the keys.
    #[error("without the feature `http` the builder needs a `fetcher`")]
    NoFetcher,
}
