//! Async functions as handlers: typed outside, erased once.

use std::{pin::Pin, sync::Arc};

use super::{EndpointDoc, Extract, IntoReply, Reply};
use crate::{Failure, call::Call, error::ApiError};

type ReplyFuture = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send>>;

/// An async function of up to six extractors that returns `Result<impl IntoReply, impl ApiError>`.
///
/// It is implemented for such functions; nobody implements it by hand.
///
/// ```
/// use auth_core::{Failure, Json, Key, Session, get};
///
/// // Two extractors, a reply and an error: a handler.
/// async fn greet(session: Session, other: Option<Session>) -> Result<Json<String>, Failure> {
///     # let _ = other;
///     Ok(Json(format!("Hello, {}", session.user.name)))
/// }
///
/// let endpoint = get(Key::<(), String>::new("greet"), "/greet", greet);
/// ```
#[diagnostic::on_unimplemented(
    message = "this function is no handler",
    note = "a handler is `async fn` with up to six extractors as arguments, returning \
            `Result<R, E>` with `R: IntoReply` and `E: ApiError`; its future has to be `Send`"
)]
pub trait Handler<Args>: Send + Sync + 'static {
    /// What its arguments, its reply and its error say of themselves.
    fn describe(doc: &mut EndpointDoc)
    where
        Self: Sized;
    /// Extracts the arguments one after the other, then calls the function.
    fn run(&self, call: Arc<Call>) -> ReplyFuture;
}

/// A handler without its types.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{Failure, Json, Key, endpoint::Erased, get};
///
/// async fn ping() -> Result<Json<u8>, Failure> {
///     Ok(Json(1))
/// }
///
/// // What the host keeps of it.
/// let handler: Arc<dyn Erased> = get(Key::<(), u8>::new("ping"), "/ping", ping).handler;
/// ```
pub trait Erased: Send + Sync {
    /// As [`Handler::run`].
    fn run(&self, call: Arc<Call>) -> ReplyFuture;
}

struct Boxed<H, A> {
    handler: H,
    args: std::marker::PhantomData<fn(A)>,
}

impl<A: 'static, H: Handler<A>> Erased for Boxed<H, A> {
    fn run(&self, call: Arc<Call>) -> ReplyFuture {
        self.handler.run(call)
    }
}

pub(super) fn erase<A: 'static, H: Handler<A>>(handler: H) -> Arc<dyn Erased> {
    Arc::new(Boxed { handler, args: std::marker::PhantomData })
}

macro_rules! handlers {
    ($(($($arg:ident),*);)*) => {$(
        impl<F, Fut, R, E, $($arg),*> Handler<($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output = Result<R, E>> + Send,
            R: IntoReply,
            E: ApiError,
            $($arg: Extract,)*
        {
            fn describe(doc: &mut EndpointDoc) {
                $($arg::describe(doc);)*
                R::describe(doc);
                doc.fails_with(E::specs());
            }

            #[allow(non_snake_case, reason = "each argument is named by its type")]
            fn run(&self, call: Arc<Call>) -> ReplyFuture {
                let handler = self.clone();
                Box::pin(async move {
                    $(let $arg = $arg::extract(&call).await?;)*
                    drop(call);
                    handler($($arg),*).await.map_err(Into::into)?.into_reply()
                })
            }
        }
    )*};
}

handlers! {
    ();
    (A1);
    (A1, A2);
    (A1, A2, A3);
    (A1, A2, A3, A4);
    (A1, A2, A3, A4, A5);
    (A1, A2, A3, A4, A5, A6);
}
