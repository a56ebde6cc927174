//! A typed client of the server, with its cookies, tokens and keys.
//!
//! ```no_run
//! use auth_client::{
//!     Client, Connection, Error,
//!     api::{EmailPasswordSignIn, OrganizationCreate, CreateOrganizationCode},
//! };
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(Connection::new("https://auth.example.com/api/auth")?);
//! let ada = EmailPasswordSignIn {
//!     email: "ada@example.com".to_owned(),
//!     password: "correct horse battery".to_owned(),
//!     ..EmailPasswordSignIn::default()
//! };
//! client.email_password().sign_in_email(&ada).await?;
//!
//! let mosaic = OrganizationCreate {
//!     name: "Mosaic".to_owned(),
//!     slug: "mosaic".to_owned(),
//!     ..OrganizationCreate::default()
//! };
//! match client.organization().create(&mosaic).await {
//!     Ok(created) => println!("{}", created.id),
//!     Err(error) if error.code() == Some(&CreateOrganizationCode::OrganizationAlreadyExists) => {
//!         println!("the name is taken");
//!     }
//!     Err(error) => println!("{error} (trace {:?})", error.trace_id()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`api`] is written by `auth-codegen` from the document of every plugin of this workspace. Plugins of
//! others come with a client of their own, which is written the same way and stands on the same
//! [`Connection`]: sign in through one, and the other is signed in.

#[rustfmt::skip]
pub mod api;
mod call;
mod connection;
mod cookies;
mod credentials;
mod error;
mod transport;

use std::collections::BTreeMap;

pub use bytes::Bytes;
pub use http;
pub use serde;
use serde::{Deserialize, Deserializer};
pub use serde_json::{self, Value as Json};

#[cfg(feature = "reqwest")]
pub use self::transport::Reqwest;
pub use self::{
    api::Client,
    call::Call,
    connection::{Builder, Connection},
    error::{BoxError, Error, Refusal, Unexpected},
    transport::Transport,
};

/// An object whose keys are not known beforehand.
pub type Map<T> = BTreeMap<String, T>;

/// The server sends the client elsewhere; the client does not go there by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    pub location: String,
}

/// Either data or an address to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonOrRedirect<T> {
    Json(T),
    Redirect(Redirect),
}

/// Either a page or an address to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextOrRedirect {
    Text(String),
    Redirect(Redirect),
}

/// Reads a field that is there, so that `null` differs from what is absent. For written clients.
#[doc(hidden)]
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
