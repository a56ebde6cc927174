//! A guest book: everybody reads, whoever is signed in writes, and tearing it up needs a sign-in
//! of a short while ago.
//!
//! Three kinds of callers come in by three ways: browsers with a cookie (`pages`), a command line with a
//! bearer token (`tool`), and services with a signed token (`service`). The API for signing in is
//! on the same port below `/api/auth`, so a Better Auth client in the pages of this application
//! needs no configuration.
//!
//! The first edition is in a vault (`vault`) that opens for who has given a code of an authenticator app a
//! short while ago.
//!
//! Whoever is signed in can write it together, over a socket that ends with their session (`live`).
//!
//! Organizations have notice boards beside it (`boards`): who may do what there depends on roles.

mod boards;
mod book;
mod claims;
mod live;
mod notes;
mod pages;
mod refusal;
mod service;
mod tool;
mod vault;

use std::sync::Arc;

use aide::{
    axum::{ApiRouter, routing::get},
    openapi::{Info, OpenApi},
};
use auth_axum::{Auth, BearerLayer, Identity, JwtLayer, NoSuchWay, SessionLayer, openapi::describe};
use auth_host::Sources;
use axum::{Json, Router};

use book::Book;
pub use claims::UsersRead;

/// The application's configuration: plugins that are not on by themselves, roles, and its name.
#[must_use]
pub fn sources() -> Sources {
    Sources::empty().toml(include_str!("../tessera.toml"))
}

/// The application's router, with the API merged in. Fails where a plugin is switched off.
pub fn app(auth: &Auth) -> Result<Router, NoSuchWay> {
    let (browsers, tools, services) =
        (SessionLayer::new(auth), BearerLayer::new(auth)?, JwtLayer::new(auth)?);
    let book = Book::default();
    let live = live::routes(book.clone()).layer(auth.layer());
    let anybody = ApiRouter::new().api_route("/me", get(me)).merge(boards::routes()).merge(vault::routes());
    let info = Info { title: "Guest book".to_owned(), version: "1".to_owned(), ..Info::default() };
    let mut document = OpenApi { info, ..OpenApi::default() };
    let app = ApiRouter::new()
        .merge(pages::routes().with_path_items(|item| browsers.document(item)).layer(browsers.clone()))
        .merge(tool::routes().with_path_items(|item| tools.document(item)).layer(tools.clone()))
        .merge(service::routes().with_path_items(|item| services.document(item)).layer(services.clone()))
        .merge(anybody.layer(auth.layer()))
        .with_state(book)
        .finish_api_with(&mut document, describe(auth));
    let document = Arc::new(document);
    let app = app.route("/openapi.json", axum::routing::get(async move || Json(document)));
    Ok(app.merge(live).merge(auth.router()))
}

/// Whoever calls, by whatever way.
async fn me(caller: Identity) -> String {
    format!("{} by {}", caller.user_id(), caller.method())
}
