//! Starts the guest book on port 3000, with its users in `./data`.

use anyhow::Result;
use example_axum::UsersRead;
use tessera::Application;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let sources = example_axum::sources().env();
    let running = Application::new(sources).plugin::<UsersRead>().with_secret()?.start().await?;
    let app = example_axum::app(&running.auth())?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    running.serve(listener, app, async { drop(tokio::signal::ctrl_c().await) }).await;
    Ok(())
}
