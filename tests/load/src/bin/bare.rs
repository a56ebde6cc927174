//! The least that axum can do: one route that answers the same bytes every time. It is what the
//! hot path is measured against.

use std::{net::Ipv4Addr, path::PathBuf};

use anyhow::Result;
use axum::{
    Router,
    http::{HeaderValue, header::CONTENT_TYPE},
    routing::get,
};
use clap::Parser;

#[derive(Parser)]
struct Args {
    /// The port of the loopback interface.
    #[arg(long)]
    port: u16,
    /// The path that answers.
    #[arg(long)]
    path: String,
    /// A file with what it answers.
    #[arg(long)]
    body: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    // Lives as long as the program: a `Bytes` of it is a pointer.
    let body: &'static [u8] = Box::leak(std::fs::read(args.body)?.into_boxed_slice());
    let answer =
        move || async move { ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body) };
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await?;
    axum::serve(listener, Router::new().route(&args.path, get(answer))).await?;
    Ok(())
}
