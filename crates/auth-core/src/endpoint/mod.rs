//! Endpoints: plain async functions over extractors that describe themselves.
//!
//! ```
//! use auth_core::{
//!     Json, Key, Session,
//!     endpoint::{Tag, get},
//!     schemars::JsonSchema,
//!     serde::{Deserialize, Serialize},
//! };
//!
//! #[derive(Debug, Serialize, Deserialize, JsonSchema)]
//! #[serde(crate = "auth_core::serde")]
//! #[schemars(crate = "auth_core::schemars")]
//! struct Greeting {
//!     text: String,
//! }
//!
//! auth_core::errors! {
//!     enum GreetError {
//!         Nameless => (409, "NO_NAME", "You have no name to be greeted by"),
//!     }
//! }
//!
//! const HELLO: Key<(), Greeting> = Key::new("hello");
//!
//! async fn hello(session: Session) -> Result<Json<Greeting>, GreetError> {
//!     match session.user.name.as_str() {
//!         "" => Err(GreetError::Nameless),
//!         name => Ok(Json(Greeting { text: format!("Hello, {name}") })),
//!     }
//! }
//!
//! // In `register`: `host.endpoint(endpoint)`.
//! let endpoint = get(HELLO, "/greet/hello", hello).tag(Tag::new("greeting"));
//! # let facts = endpoint.document(Default::default()).facts;
//! # assert_eq!(facts.errors.iter().map(|e| e.code).collect::<Vec<_>>(), ["UNAUTHORIZED", "NO_NAME"]);
//! ```
//!
//! The types of the function are erased once, when it is registered. What the extractors, the reply
//! and the error enum say of themselves becomes the OpenAPI document; no schema is written by hand.
//!
//! To add an endpoint: one file in the plugin's `endpoints/`, in the order error, input, output,
//! handler, tests; then one line in `register`.

mod doc;
mod extract;
mod handler;
mod reply;

use std::{any::TypeId, borrow::Cow, fmt, marker::PhantomData, sync::Arc};

use http::Method;

pub use doc::{EndpointDoc, Facts, ReplyDoc, Schemas, SessionNeed};
pub use extract::{Body, Extract, Params, Query, ServerOnly};
pub use handler::{Erased, Handler};
pub use reply::{Either, Html, IntoReply, Json, Redirect, Rendered, Reply, ReplyBody, WithHeaders};

/// A property of endpoints that hooks match on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(&'static str);

impl Tag {
    /// Signing in with something that the user knows or owns.
    pub const CREDENTIAL_SIGN_IN: Self = Self("credential-sign-in");
    /// Makes a user.
    pub const SIGN_UP: Self = Self("sign-up");
    /// It can make a session, or give the browser another one: whoever guards sessions looks here. The
    /// host gives none out for an endpoint without this tag.
    pub const ISSUES_SESSION: Self = Self("issues-session");
    /// A first login that another site must not trigger.
    pub const FORM_LOGIN: Self = Self("form-login");
    /// Changes nothing whatever its method, so it does not matter which page asks.
    pub const QUESTION: Self = Self("question");
    /// Shows, changes or ends sessions.
    pub const SESSION: Self = Self("sessions");
    /// Sets or resets a password.
    pub const PASSWORD: Self = Self("password");
    /// Proves that an address or a number is the user's.
    pub const VERIFICATION: Self = Self("verification");
    /// Changes the caller's own user or accounts.
    pub const ACCOUNT: Self = Self("own-account");

    /// A tag of a plugin's own. It is a constant that the plugin publishes, so that others can match on it.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// As the documents group endpoints by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// An endpoint's id with the types of its body and reply, for calls in process.
///
/// The types have to be those that the handler takes and answers with; the freeze compares them. `()` stands for no
/// body.
///
/// ```no_run
/// use auth_core::{Core, Failure, Key, call::Request};
///
/// /// Published by the plugin that has the endpoint.
/// pub const COUNT: Key<(), u64> = Key::new("countNotes");
///
/// async fn notes(core: &Core) -> Result<u64, Failure> {
///     core.call(&COUNT, Request::default()).await
/// }
/// ```
pub struct Key<I, O> {
    id: &'static str,
    types: PhantomData<fn(I) -> O>,
}

impl<I, O> Key<I, O> {
    /// The id is camel case, as operation ids of OpenAPI are, and one plugin's alone.
    #[must_use]
    pub const fn new(id: &'static str) -> Self {
        Self { id, types: PhantomData }
    }

    /// What hooks match on, and what the configuration disables the endpoint by.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }
}

/// An endpoint, ready to be registered.
pub struct Endpoint {
    /// The id of its key.
    pub id: &'static str,
    /// It answers each of these at its path.
    pub methods: Vec<Method>,
    /// Below the base path; `:name` stands for a parameter, `*` at the end for any rest. `None`: in process only.
    pub path: Option<Cow<'static, str>>,
    /// Further paths that answer just as well: `(method, path)`.
    pub aliases: Vec<(Method, &'static str)>,
    /// Addresses at the root of the server where `GET` answers too.
    pub at_root: Vec<&'static str>,
    /// The function, without its types.
    pub handler: Arc<dyn Erased>,
    /// What its types say of it.
    pub describe: Box<dyn Fn(&mut EndpointDoc) + Send + Sync>,
    /// What hooks match on; the documents group by the first one.
    pub tags: Vec<Tag>,
    /// One line for the documents.
    pub summary: &'static str,
    /// Its answers say `Cache-Control: no-store`.
    pub no_store: bool,
    /// HTML forms are taken besides JSON.
    pub forms: bool,
    /// The body and reply types of its key.
    pub key_types: (TypeId, TypeId),
}

fn endpoint<I: 'static, O: 'static, A: 'static, H: Handler<A>>(
    key: Key<I, O>,
    method: Method,
    path: Option<&'static str>,
    handler: H,
) -> Endpoint {
    Endpoint {
        id: key.id,
        methods: vec![method],
        path: path.map(Cow::Borrowed),
        aliases: Vec::new(),
        at_root: Vec::new(),
        handler: handler::erase(handler),
        describe: Box::new(H::describe),
        tags: Vec::new(),
        summary: "",
        no_store: false,
        forms: false,
        key_types: (TypeId::of::<I>(), TypeId::of::<O>()),
    }
}

/// An endpoint behind `GET`. It changes nothing: whatever page a browser is on may ask it.
///
/// ```
/// use auth_core::{
///     Failure, Json, Key,
///     endpoint::{Tag, get},
/// };
///
/// const VERSION: Key<(), String> = Key::new("version");
///
/// async fn version() -> Result<Json<String>, Failure> {
///     Ok(Json("1.0".to_owned()))
/// }
///
/// let endpoint = get(VERSION, "/version", version)
///     .tag(Tag::new("about"))
///     .summary("Says which version this is")
///     .no_store();
/// assert_eq!(endpoint.methods, ["GET"]);
/// ```
pub fn get<I: 'static, O: 'static, A: 'static>(
    key: Key<I, O>,
    path: &'static str,
    handler: impl Handler<A>,
) -> Endpoint {
    endpoint(key, Method::GET, Some(path), handler)
}

/// An endpoint behind `POST`. Requests with cookies have to come from a trusted origin.
///
/// ```
/// use auth_core::{Cx, Failure, Json, Key, Session, endpoint::post};
///
/// const LEAVE: Key<(), bool> = Key::new("leave");
///
/// async fn leave(session: Session) -> Result<Json<bool>, Failure> {
///     Ok(Json(session.user.email_verified))
/// }
///
/// let endpoint = post(LEAVE, "/leave", leave).summary("Leaves");
/// assert_eq!(endpoint.methods, ["POST"]);
/// ```
pub fn post<I: 'static, O: 'static, A: 'static>(
    key: Key<I, O>,
    path: &'static str,
    handler: impl Handler<A>,
) -> Endpoint {
    endpoint(key, Method::POST, Some(path), handler)
}

/// An endpoint that only the program itself can call.
pub fn internal<I: 'static, O: 'static, A: 'static>(key: Key<I, O>, handler: impl Handler<A>) -> Endpoint {
    endpoint(key, Method::POST, None, handler)
}

impl Endpoint {
    /// Answers this method too.
    #[must_use]
    pub fn also(mut self, method: Method) -> Self {
        self.methods.push(method);
        self
    }

    /// Answers this address too.
    #[must_use]
    pub fn alias(mut self, method: Method, path: &'static str) -> Self {
        self.aliases.push((method, path));
        self
    }

    /// Answers `GET` at this address of the server itself too: outside of the base path. It is below
    /// `/.well-known/`, where a standard wants it, or one word such as `/ws`, which an application that embeds
    /// the server does not get, for it may have such an address itself.
    #[must_use]
    pub fn at_root(mut self, path: &'static str) -> Self {
        self.at_root.push(path);
        self
    }

    /// Adds a property that hooks match on. See the constants of [`Tag`].
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tags.push(tag);
        self
    }

    /// One line for the documents.
    #[must_use]
    pub fn summary(mut self, text: &'static str) -> Self {
        self.summary = text;
        self
    }

    /// Answers must not be kept by any cache.
    #[must_use]
    pub fn no_store(mut self) -> Self {
        self.no_store = true;
        self
    }

    /// Takes HTML forms besides JSON.
    #[must_use]
    pub fn accepts_forms(mut self) -> Self {
        self.forms = true;
        self
    }

    /// What its types say of it.
    #[must_use]
    pub fn document(&self, schemas: Schemas) -> EndpointDoc {
        let mut doc = EndpointDoc::new(schemas);
        (self.describe)(&mut doc);
        doc.facts.tags.clone_from(&self.tags);
        doc
    }
}
