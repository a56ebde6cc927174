//! Starts the guest book on port 3000, with its users in `./data`. `TESSERA_SERVER__PORT` says another port.

use anyhow::Result;
use example_axum::UsersRead;
use tessera::Application;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let sources = example_axum::sources().env();
    let assembly = Application::new(sources).plugin::<UsersRead>().with_secret()?;
    let address = (assembly.settings.server.host, assembly.settings.server.port);
    let running = assembly.start().await?;
    let app = example_axum::app(&running.auth())?;
    let listener = TcpListener::bind(address).await?;
    running.serve(listener, app, async { drop(tokio::signal::ctrl_c().await) }).await;
    Ok(())
}
