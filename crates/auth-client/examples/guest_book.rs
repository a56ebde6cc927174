//! A server with a plugin that is not ours, for clients that are written from its document.
//!
//! `guest_book document` prints the document. `guest_book serve` listens on a port that it prints, until its
//! input ends.
#![allow(clippy::unwrap_used, unused_crate_dependencies, reason = "a program of tests")]

#[path = "../tests/guest_book/plugin.rs"]
mod plugin;

use auth_testkit::auth_host;
use tokio::io::AsyncReadExt;

#[tokio::main]
async fn main() {
    if std::env::args().nth(1).as_deref() == Some("document") {
        let plan = plugin::app().plan().ok().unwrap();
        println!("{}", auth_host::document(&plan));
        return;
    }
    let app = plugin::app().start().await;
    let listening = app.listen().await;
    println!("{}", listening.address().port());
    let mut rest = Vec::new();
    tokio::io::stdin().read_to_end(&mut rest).await.unwrap();
    listening.stop().await;
}
