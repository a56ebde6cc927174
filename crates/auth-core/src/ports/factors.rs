//! Second factors, for plugins that know who has to have one without knowing how it is asked for.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Core, Failure, User};

/// A slot: who has to prove twice who they are.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{Core, Failure, User, async_trait, ports::FactorPolicy};
///
/// /// Staff has to prove twice who they are.
/// struct Staff;
///
/// #[async_trait]
/// impl FactorPolicy for Staff {
///     async fn demands(&self, _: &Arc<Core>, user: &User) -> Result<bool, Failure> {
///         Ok(user.email.ends_with("@example.com"))
///     }
/// }
/// ```
#[async_trait]
pub trait FactorPolicy: Send + Sync + 'static {
    /// Whether this user has to, however they sign in.
    async fn demands(&self, core: &Arc<Core>, user: &User) -> Result<bool, Failure>;
}

/// The service that keeps second factors.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{Core, Failure, User, ports::SecondFactors};
///
/// async fn is_protected(core: &Arc<Core>, user: &User) -> Result<bool, Failure> {
///     match core.services().get::<dyn SecondFactors>() {
///         Some(factors) => factors.has_any(core, user).await,
///         None => Ok(false),
///     }
/// }
/// ```
#[async_trait]
pub trait SecondFactors: Send + Sync + 'static {
    /// Whether the user has one that signing in asks for.
    async fn has_any(&self, core: &Arc<Core>, user: &User) -> Result<bool, Failure>;

    /// Takes all of a user's away, for who has lost them, and tells the user by mail. `false` where there
    /// was none.
    async fn reset(&self, core: &Arc<Core>, user: &User) -> Result<bool, Failure>;
}
