//! What needs more than a password: a code of an authenticator app, given a short while ago.

use aide::axum::{ApiRouter, routing::get};
use auth_axum::{Require, SecondFactor};

use crate::book::Book;

/// Seconds that a code opens the vault for.
const OPEN: u64 = 300;

pub(crate) fn routes() -> ApiRouter<Book> {
    ApiRouter::new().api_route("/vault", get(open))
}

async fn open(caller: Require<SecondFactor<OPEN>>) -> String {
    format!("The guest book's first edition, for {}", caller.user_id())
}
