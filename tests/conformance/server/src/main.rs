//! Tessera inside another program: the same server with `POST /__srv/<function>`, through which the
//! conformance harness calls what only the program itself may call. For tests, on loopback.
//!
//! `serve --config FILE` is answered here; every other command is the server's own.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, Result, bail};
use auth_core::{
    Core, Failure,
    call::Request,
    http::{HeaderName, HeaderValue},
};
use auth_host::Sources;
use axum::{
    Json,
    extract::{Path, State},
    routing::post,
};
use serde_json::{Map, Value, json};
use tessera::Assembly;
use tokio::net::TcpListener;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let config = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [_, "--config", file, "serve"] => PathBuf::from(file),
        _ => return tessera::Program::new().run(),
    };
    match serve(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

#[tokio::main]
async fn serve(config: PathBuf) -> Result<()> {
    let assembly = Assembly::with_secret(Sources::empty().file(config))?;
    let server = &assembly.settings.server;
    if !server.host.is_loopback() {
        bail!("the bridge trusts whoever reaches it: it listens on loopback only");
    }
    let listener =
        TcpListener::bind(SocketAddr::new(server.host, server.port)).await.context("cannot listen")?;
    let running = assembly.start().await?;
    let bridge = post(call).with_state(running.host().core().clone());
    let router = running.router().route("/__srv/{function}", bridge);
    let stop = async {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
        match &mut terminate {
            Some(terminate) => drop(terminate.recv().await),
            None => std::future::pending().await,
        }
    };
    running.serve(listener, router, stop).await;
    Ok(())
}

/// `{body?, query?, headers?}` → `{ok, status, value | error}`.
async fn call(
    State(core): State<Arc<Core>>,
    Path(function): Path<String>,
    input: Option<Json<Value>>,
) -> Json<Value> {
    let input = input.map(|Json(input)| input).unwrap_or_default();
    let reply = core.call_raw(&function, request(&input)).await;
    Json(match reply {
        Ok(reply) => json!({ "ok": true, "status": 200, "value": reply.body_value() }),
        Err(failure) => refusal(&failure),
    })
}

fn request(input: &Value) -> Request {
    let mut request = Request { body: input.get("body").cloned(), ..Request::default() };
    if let Some(Value::Object(query)) = input.get("query") {
        request.query.clone_from(query);
    }
    let headers = input.get("headers").and_then(Value::as_object);
    for (name, value) in headers.into_iter().flat_map(Map::iter) {
        let name = HeaderName::try_from(name.as_str());
        let value = value.as_str().map(HeaderValue::try_from);
        if let (Ok(name), Some(Ok(value))) = (name, value) {
            request = request.header(name, value);
        }
    }
    request
}

fn refusal(failure: &Failure) -> Value {
    json!({ "ok": false, "status": failure.status().as_u16(), "error": failure.body() })
}
