//! The HTTP edge: a router from the frozen table, and what applications embed.
//!
//! [`router`] is a whole server's router: Better Auth's wire below the base path, the same
//! endpoints in the envelope below `/api/v1`, and the health pages (`health`). [`serve`] puts it on a socket
//! with limits on everything a client can take its time with. An application that has a router of
//! its own merges [`Auth::router`] into it and puts [`Auth::layer`] around its handlers, or
//! [`SessionLayer`], [`BearerLayer`], [`ApiKeyLayer`] or [`JwtLayer`] where not every way to sign in counts. Handlers
//! take what they need as arguments:
//!
//! | Argument | Is | or else |
//! |---|---|---|
//! | [`Identity`], `Option<Identity>` | whoever calls, by any way | 401, `None` |
//! | [`Session`], `Option<Session>` | the owner of a session | 401, `None` |
//! | [`StrictSession`] | the same, as the database has it now | 401 |
//! | [`FreshSession`] | the same, proved a short while ago | 401, 403 |
//! | [`Claims<T>`](Claims) | what a signed token says | 401 |
//! | [`Scoped<S>`](Scoped) | a caller whose credential is good for `S` | 401, 403 |
//! | [`Member`] | a member of the organization that the request is about | 401, 400, 403 |
//! | [`Require<P>`](Require) with a [`Permission`] | a member who may do it | 401, 400, 403 |
//! | [`Require<SecondFactor>`](Require) | a caller who has proved twice who they are | 401, 403 |
//!
//! With the feature `openapi` they say so in the application's document: see `openapi`.
//!
//! The edge decides nothing about endpoints: it reads, limits, hands an
//! [`Incoming`](auth_host::Incoming) to the host, and dresses the reply. To add a header to every
//! answer, see `dress`; to count something of requests, see `requests`.

#![deny(missing_docs)]

mod auth;
mod body;
mod compress;
mod cors;
mod dress;
mod edge;
mod extract;
mod health;
mod identity;
mod layer;
#[cfg(feature = "openapi")]
pub mod openapi;
mod options;
mod refusal;
mod requests;
mod serve;
mod socket;
mod trace;

pub use auth_core;

pub use auth::Auth;
pub use edge::router;
pub use extract::{
    AuthenticatedSocket, Claims, Closed, Demand, Denied, FreshSession, LiveSocket, Member, Permission,
    Require, Scope, Scoped, SecondFactor, Session, StrictSession,
};
pub use identity::Identity;
pub use layer::{
    ApiKeyLayer, AuthService, Authenticate, BearerLayer, JwtLayer, NoSuchWay, SessionLayer, Visitor,
};
pub use options::EdgeOptions;
pub use requests::{METRICS, Traffic, TrafficSums};
pub use serve::{ServeOptions, serve};
