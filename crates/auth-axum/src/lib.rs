//! The HTTP edge: a router from the frozen table, and what applications embed.
//!
//! [`router`] is a whole server's router: Better Auth's wire below the base path, the same
//! endpoints in the envelope below `/api/v1`, and the health pages. [`serve`] puts it on a socket
//! with limits on everything a client can take its time with. An application that has a router of
//! its own merges [`Auth::router`] into it, puts [`Auth::layer`] around its handlers, and takes
//! [`Session`], `Option<Session>` or [`FreshSession`] as arguments.
//!
//! The edge decides nothing about endpoints: it reads, limits, hands an
//! [`Incoming`](auth_host::Incoming) to the host, and dresses the reply. To add a header to every
//! answer, see `dress`; to add a page beside the API, see `edge`.

mod auth;
mod body;
mod compress;
mod cors;
mod dress;
mod edge;
mod extract;
mod layer;
mod options;
mod serve;
mod trace;

pub use auth::Auth;
pub use edge::router;
pub use extract::{FreshSession, Session, StrictSession};
pub use layer::{AuthLayer, AuthService, Visitor};
pub use options::EdgeOptions;
pub use serve::{ServeOptions, serve};
