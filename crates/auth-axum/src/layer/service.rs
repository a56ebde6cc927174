//! The service that the layers make.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use tower::Service;

use super::{Authenticate, Visitor};

/// The service that [`Authenticate`] and its kin make.
#[derive(Clone)]
pub struct AuthService<S> {
    layer: Authenticate,
    inner: S,
}

impl<S> AuthService<S> {
    pub(super) fn new(layer: Authenticate, inner: S) -> Self {
        Self { layer, inner }
    }
}

impl<S> Service<Request> for AuthService<S>
where
    S: Service<Request, Error = Infallible>,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let Authenticate { edge, ways } = &self.layer;
        let outer = request.extensions().get::<Visitor>().filter(|outer| outer.is_of(edge));
        let is_outermost = outer.is_none();
        let visitor = outer.map_or_else(|| Visitor::new(edge.clone(), *ways), |outer| outer.with(*ways));
        request.extensions_mut().insert(visitor.clone());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut response = answer.await?.into_response();
            // An error of the application's sets no cookies, as with the API's own.
            if is_outermost && !response.status().is_server_error() {
                visitor.leave(&mut response).await;
            }
            Ok(response)
        })
    }
}
