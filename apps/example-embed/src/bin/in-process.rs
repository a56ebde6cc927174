//! `cargo run -p example-embed --bin in-process -- ada@example.com 'Correct-Horse-42'`: makes a user and asks who
//! that is, without a server.

use anyhow::{Context, Result, anyhow};
use auth_core::Failure;
use auth_host::Sources;
use example_embed::in_process::{sign_up, who_is};

#[tokio::main]
async fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let (email, password) =
        words.next().zip(words.next()).context("an address and a password are missing")?;
    let running = example_embed::start(Sources::empty().env()).await?;
    let core = running.host().core().clone();
    let told = |failure: Failure| anyhow!("{}", failure.message());
    let token = sign_up(&core, "Ada", &email, &password)
        .await
        .map_err(told)?
        .context("signing up signs nobody in")?;
    let name = who_is(&core, &token).await.map_err(told)?.context("the session is gone")?;
    println!("{email} is {name}");
    running.stop().await;
    Ok(())
}
