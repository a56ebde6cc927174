//! The client against servers on ports.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

mod credentials;
mod journey;
mod third_party;

use auth_client::{Client, Connection};
use auth_plugin_account::AccountPlugin;
use auth_plugin_api_key::ApiKey;
use auth_plugin_bearer::Bearer;
use auth_plugin_email_password::EmailPassword;
use auth_plugin_jwt::Jwt;
use auth_plugin_organization::OrganizationPlugin;
use auth_plugin_session::SessionPlugin;
use auth_testkit::{Builder, Listening, TestApp};

const PASSWORD: &str = "A long enough secret 1";

fn app() -> Builder {
    TestApp::builder()
        .plugin::<SessionPlugin>()
        .plugin::<EmailPassword>()
        .plugin::<AccountPlugin>()
        .plugin::<Bearer>()
        .plugin::<Jwt>()
        .plugin::<ApiKey>()
        .plugin::<OrganizationPlugin>()
        // Cookies are for https where the address is.
        .set("base_url", "http://127.0.0.1")
        .set("trusted_origins", ["http://127.0.0.1:*"])
}

/// A host on a port; its database lives as long.
struct Server {
    listening: Listening,
    _app: TestApp,
}

async fn serve(builder: Builder) -> Server {
    let app = builder.start().await;
    Server { listening: app.listen().await, _app: app }
}

fn address(server: &Server) -> String {
    format!("http://{}/api/auth", server.listening.address())
}

/// A client with cookies of its own.
fn browser(server: &Server) -> Client {
    Client::new(Connection::new(&address(server)).unwrap())
}

async fn sign_up(client: &Client, name: &str) -> auth_client::api::EmailPasswordSignedUp {
    let input = auth_client::api::EmailPasswordSignUp {
        name: name.to_owned(),
        email: format!("{name}@example.com"),
        password: PASSWORD.to_owned(),
        ..Default::default()
    };
    client.email_password().sign_up_email(&input).await.unwrap()
}
