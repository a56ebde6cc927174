//! A hyper server with one address of its own; Tessera answers all others.

use std::{convert::Infallible, future::Future, pin::pin, sync::Arc};

use anyhow::Result;
use auth_core::{
    Core, Key,
    call::Request as Call,
    http::{HeaderMap, Request, Response, header},
    serde_json::Value,
};
use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tessera::Running;
use tokio::net::TcpListener;
use tower::ServiceExt;

const GET_SESSION: Key<(), Value> = Key::new("getSession");

/// Serves until `shutdown`, and lets what runs come to its end.
pub async fn serve(
    running: Running,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    let (core, api) = (running.host().core().clone(), running.router());
    let open = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            connection = listener.accept() => connection?,
            () = &mut shutdown => break,
        };
        let (core, api) = (core.clone(), api.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            // Rate limits and lists of trusted proxies want to know who is at the other end.
            request.extensions_mut().insert(ConnectInfo(peer));
            let (core, api) = (core.clone(), api.clone());
            async move { Ok::<_, Infallible>(answer(&core, api, request).await) }
        });
        let builder = Builder::new(TokioExecutor::new());
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        let connection = open.watch(connection.into_owned());
        tokio::spawn(async move { drop(connection.await) });
    }
    open.shutdown().await;
    running.stop().await;
    Ok(())
}

async fn answer(core: &Arc<Core>, api: Router, request: Request<Incoming>) -> Response<Body> {
    if request.uri().path() == "/hello" {
        let name = name(core, request.headers()).await;
        return Response::new(Body::from(format!("hello, {}", name.as_deref().unwrap_or("stranger"))));
    }
    match api.oneshot(request.map(Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Who sends these cookies, asked in process.
async fn name(core: &Core, headers: &HeaderMap) -> Option<String> {
    let cookie = headers.get(header::COOKIE)?.clone();
    let told = core.call(&GET_SESSION, Call::default().header(header::COOKIE, cookie)).await.ok()?;
    told.pointer("/user/name").and_then(Value::as_str).map(str::to_owned)
}
