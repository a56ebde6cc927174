//! Errors as the wire knows them: a status, a code, a message; and whose fault they are.
//!
//! A plugin declares its errors with [`crate::errors!`]: code and status stand on the variant, so they
//! reach OpenAPI from the type and nothing is ever looked up from a message.

use std::{borrow::Cow, error::Error as StdError, fmt};

use http::{HeaderName, HeaderValue, StatusCode};
use sea_orm::DbErr;
use serde_json::{Map, Value};

type Source = Box<dyn StdError + Send + Sync>;

/// An answer that refuses. Its `source` goes to the log, never to the client.
///
/// ```
/// use auth_core::{Failure, http::StatusCode};
///
/// let gone = Failure::not_found("NOTE_NOT_FOUND", "There is no such note").with("noteId", "n1");
/// assert_eq!(gone.status(), StatusCode::NOT_FOUND);
///
/// let broken = Failure::internal("the disk is full");
/// assert_eq!(broken.message(), "Internal Server Error");
/// ```
pub struct Failure(Box<Inner>);

struct Inner {
    status: StatusCode,
    code: Option<Cow<'static, str>>,
    message: Cow<'static, str>,
    /// The answer has no body at all.
    empty: bool,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    source: Option<Source>,
}

impl Failure {
    /// A refusal. The code is what clients decide by and stays as it is; the message is for people.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Inner {
            status,
            code: Some(code.into()),
            message: message.into(),
            empty: false,
            members: Map::new(),
            headers: Vec::new(),
            source: None,
        }))
    }

    /// An answer with a message and no code.
    pub fn uncoded(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        let mut failure = Self::new(status, "", message);
        failure.0.code = None;
        failure
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        let mut failure = Self::uncoded(status, "");
        failure.0.empty = true;
        failure
    }

    /// 400: the request is wrong, and would be wrong again.
    pub fn bad_request(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 401: nobody is signed in.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Unauthorized")
    }

    /// 403: the caller is known and may not.
    pub fn forbidden(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// 404: there is none, or none that the caller may know of.
    pub fn not_found(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// Something broke on our side.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "Internal Server Error")
            .with_source(source)
    }

    /// Something we depend on is away or overloaded; trying again later is right.
    pub fn unavailable(source: impl Into<Source>, retry_after: u64) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "SERVICE_UNAVAILABLE",
            "Service temporarily unavailable. Please try again later.",
        )
        .with_source(source)
        .with_header(http::header::RETRY_AFTER, HeaderValue::from(retry_after))
    }

    /// There is one already, says a unique index.
    pub fn duplicate(source: impl Into<Source>) -> Self {
        Self::new(StatusCode::CONFLICT, "CONFLICT", "Conflict").with_source(source)
    }

    /// Whether this is [`Failure::duplicate`]: somebody else was first.
    pub fn is_duplicate(&self) -> bool {
        self.status() == StatusCode::CONFLICT && self.code() == Some("CONFLICT")
    }

    /// What caused it, for the log. It never reaches a client.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds a header to the answer, such as `Retry-After`.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// An extra member of the error body.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(key.to_owned(), value.into());
        self
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What clients decide by; `None` for an answer without one.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// What people read.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Headers of the answer, in the order in which they were added.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }

    /// What caused it, for the log alone.
    pub fn source(&self) -> Option<&(dyn StdError + Send + Sync)> {
        self.0.source.as_deref()
    }

    /// The wire's body; `None` for an empty answer.
    #[must_use]
    pub fn body(&self) -> Option<Value> {
        if self.0.empty {
            return None;
        }
        let mut body = Map::new();
        body.insert("message".into(), self.0.message.clone().into_owned().into());
        if let Some(code) = &self.0.code {
            body.insert("code".into(), code.clone().into_owned().into());
        }
        body.extend(self.0.members.clone());
        Some(Value::Object(body))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {:?}", self.0.status.as_u16(), self.0.code, self.0.message)?;
        let mut cause = StdError::source(self);
        while let Some(error) = cause {
            write!(f, " ({error})")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|s| s.as_ref() as &(dyn StdError + 'static))
    }
}

/// A database that cannot answer is a passing fault; everything else is ours.
impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Custom(text) if text == crate::store::NULL_CHARACTER => {
                Self::bad_request("VALIDATION_ERROR", "[body] Invalid input: contains a null character")
            }
            error if crate::store::is_duplicate(&error) => Self::duplicate(error),
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::unavailable(error, 5),
            DbErr::Exec(_) | DbErr::Query(_) if is_outage(&error.to_string()) => Self::unavailable(error, 5),
            other => Self::internal(other),
        }
    }
}

/// Faults of the connection or the disk that the drivers report as failed statements.
fn is_outage(text: &str) -> bool {
    const SIGNS: [&str; 16] = [
        "read-only transaction",
        "remaining connection slots",
        "could not extend file",
        "error communicating with database",
        "connection refused",
        "terminating connection",
        "the database system is",
        "pool timed out",
        "unable to open database",
        "database is locked",
        "disk is full",
        "disk i/o error",
        "readonly database",
        "connection reset",
        "broken pipe",
        "attempted to acquire a connection on a closed pool",
    ];
    let text = text.to_lowercase();
    SIGNS.iter().any(|sign| text.contains(sign))
}

impl From<auth_crypto::PasswordError> for Failure {
    fn from(error: auth_crypto::PasswordError) -> Self {
        match &error {
            auth_crypto::PasswordError::Overloaded { retry_after } => {
                let seconds = retry_after.as_secs().max(1);
                Self::unavailable(error, seconds)
            }
            _ => Self::internal(error),
        }
    }
}

/// One error of an endpoint, for the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ErrorSpec {
    /// The HTTP status, 4xx or 5xx.
    pub status: u16,
    /// Capital letters and `_`. Within an endpoint a code has one status.
    pub code: &'static str,
    /// A sentence for people, in English; clients translate by the code.
    pub message: &'static str,
}

/// An error enum of a plugin. Made by [`crate::errors!`].
///
/// ```
/// use auth_core::ApiError;
///
/// auth_core::errors! {
///     enum NoteError {
///         Empty => (400, "NOTE_IS_EMPTY", "A note needs text"),
///     }
/// }
/// assert_eq!(NoteError::specs()[0].code, "NOTE_IS_EMPTY");
/// ```
pub trait ApiError: Into<Failure> {
    /// All of them, for the documents.
    fn specs() -> &'static [ErrorSpec];
}

impl ApiError for Failure {
    fn specs() -> &'static [ErrorSpec] {
        &[]
    }
}

/// Declares an endpoint's errors: `Variant => (status, "CODE", "Message")`.
///
/// A variant `Other` for failures from below is added, with conversions for `?`.
///
/// ```
/// use auth_core::{Cx, Failure, Json, Session};
/// # use auth_core::{Manifest, Plugin, Problem, Registrar, config::NoConfig};
/// # struct Notes;
/// # impl Plugin for Notes {
/// #     const MANIFEST: Manifest = Manifest::new("notes", "1.0.0", "");
/// #     type Config = NoConfig;
/// #     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> { Ok(Self) }
/// #     fn register(self: std::sync::Arc<Self>, _: &mut Registrar) {}
/// # }
///
/// auth_core::errors! {
///     /// What can be wrong with a note.
///     pub enum NoteError {
///         /// Nothing but spaces.
///         Empty => (400, "NOTE_IS_EMPTY", "A note needs text"),
///         Gone => (404, "NOTE_NOT_FOUND", "There is no such note"),
///     }
/// }
///
/// async fn show(cx: Cx<Notes>, session: Session) -> Result<Json<String>, NoteError> {
///     // A database that is away is `Other`, and 503.
///     let user = cx.users().find(cx.db(), &session.user.id).await?;
///     user.map(|user| Json(user.name)).ok_or(NoteError::Gone)
/// }
///
/// assert_eq!(Failure::from(NoteError::Empty).code(), Some("NOTE_IS_EMPTY"));
/// ```
#[macro_export]
macro_rules! errors {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$vmeta:meta])* $variant:ident => ($status:literal, $code:literal, $message:literal)),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug)]
        $vis enum $name {
            $($(#[$vmeta])* $variant,)*
            /// A failure from below: the database, an extractor, another service.
            Other($crate::Failure),
        }

        impl From<$name> for $crate::Failure {
            fn from(error: $name) -> Self {
                match error {
                    $($name::$variant => $crate::Failure::new(
                        $crate::http::StatusCode::from_u16($status).unwrap_or($crate::http::StatusCode::BAD_REQUEST),
                        $code,
                        $message,
                    ),)*
                    $name::Other(failure) => failure,
                }
            }
        }

        impl<E: Into<$crate::Failure>> From<E> for $name
        where
            E: $crate::error::Below,
        {
            fn from(error: E) -> Self {
                $name::Other(error.into())
            }
        }

        impl $crate::ApiError for $name {
            fn specs() -> &'static [$crate::error::ErrorSpec] {
                &[$($crate::error::ErrorSpec { status: $status, code: $code, message: $message }),*]
            }
        }
    };
}

/// Errors from below an endpoint, which `?` turns into its `Other`.
///
/// A plugin's own error from below is one of these where it says which [`Failure`] it is:
///
/// ```
/// use auth_core::{Failure, error::Below};
///
/// #[derive(Debug)]
/// struct GatewayAway;
///
/// impl Below for GatewayAway {}
///
/// impl From<GatewayAway> for Failure {
///     fn from(_: GatewayAway) -> Self {
///         Failure::unavailable("the gateway does not answer", 10)
///     }
/// }
///
/// auth_core::errors! {
///     enum SendError {
///         NoNumber => (400, "NO_PHONE_NUMBER", "There is no number to send to"),
///     }
/// }
///
/// fn send(number: Option<&str>) -> Result<(), SendError> {
///     number.ok_or(SendError::NoNumber)?;
///     Err(GatewayAway)?
/// }
///
/// assert!(matches!(send(Some("+49 1")), Err(SendError::Other(away)) if away.status() == 503));
/// ```
pub trait Below {}
impl Below for Failure {}
impl Below for DbErr {}
impl Below for auth_crypto::PasswordError {}
