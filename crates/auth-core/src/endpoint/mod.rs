//! Endpoints: plain async functions over extractors that describe themselves.
//!
//! ```ignore
//! const HELLO: Key<(), Greeting> = Key::new("hello");
//!
//! async fn hello(cx: Cx<Greet>, session: Session) -> Result<Json<Greeting>, GreetError> {
//!     Ok(Json(Greeting { text: format!("Hello, {}", session.user.name) }))
//! }
//!
//! host.endpoint(get(HELLO, "/greet/hello", hello).tag(Tag::new("greeting")));
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
    pub const SIGN_UP: Self = Self("sign-up");
    /// It can make a session, or give the browser another one: whoever guards sessions looks here. The
    /// host gives none out for an endpoint without this tag.
    pub const ISSUES_SESSION: Self = Self("issues-session");
    /// A first login that another site must not trigger.
    pub const FORM_LOGIN: Self = Self("form-login");
    /// Changes nothing whatever its method, so it does not matter which page asks.
    pub const QUESTION: Self = Self("question");
    pub const SESSION: Self = Self("sessions");
    pub const PASSWORD: Self = Self("password");
    pub const VERIFICATION: Self = Self("verification");
    pub const ACCOUNT: Self = Self("own-account");

    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

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
pub struct Key<I, O> {
    id: &'static str,
    types: PhantomData<fn(I) -> O>,
}

impl<I, O> Key<I, O> {
    #[must_use]
    pub const fn new(id: &'static str) -> Self {
        Self { id, types: PhantomData }
    }

    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }
}

/// An endpoint, ready to be registered.
pub struct Endpoint {
    pub id: &'static str,
    pub methods: Vec<Method>,
    /// Below the base path; `:name` stands for a parameter, `*` at the end for any rest. `None`: in process only.
    pub path: Option<Cow<'static, str>>,
    /// Further paths that answer just as well: `(method, path)`.
    pub aliases: Vec<(Method, &'static str)>,
    /// Addresses at the root of the server where `GET` answers too.
    pub at_root: Vec<&'static str>,
    pub handler: Arc<dyn Erased>,
    pub describe: Box<dyn Fn(&mut EndpointDoc) + Send + Sync>,
    pub tags: Vec<Tag>,
    pub summary: &'static str,
    pub no_store: bool,
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

/// An endpoint behind `GET`.
pub fn get<I: 'static, O: 'static, A: 'static>(
    key: Key<I, O>,
    path: &'static str,
    handler: impl Handler<A>,
) -> Endpoint {
    endpoint(key, Method::GET, Some(path), handler)
}

/// An endpoint behind `POST`.
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
