//! `cargo run -p example-embed --bin hyper`: http://127.0.0.1:3000/hello, and Tessera below `/api/auth`.

use anyhow::Result;
use auth_host::Sources;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let running = example_embed::start(Sources::empty().env()).await?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    example_embed::bare_hyper::serve(running, listener, async { drop(tokio::signal::ctrl_c().await) }).await
}
