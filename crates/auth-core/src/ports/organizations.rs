//! Organizations, for plugins that keep something for them without knowing who keeps the members. What
//! members may do is `access`.

use async_trait::async_trait;

use crate::{Failure, Tx};

/// A slot: something that belongs to organizations. The plugin that keeps them tells each part, in the
/// transaction that deletes one.
///
/// ```
/// use auth_core::{
///     Failure, Tx, async_trait,
///     ports::OrganizationProperty,
///     sea_orm::{
///         ConnectionTrait,
///         sea_query::{Expr, ExprTrait, Query},
///     },
/// };
///
/// struct Boards;
///
/// #[async_trait]
/// impl OrganizationProperty for Boards {
///     async fn remove(&self, tx: &Tx, organization_id: &str) -> Result<(), Failure> {
///         let mut query = Query::delete();
///         query.from_table("board").and_where(Expr::col("organizationId").eq(organization_id));
///         tx.execute(&query).await?;
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait OrganizationProperty: Send + Sync + 'static {
    /// Removes all that belongs to it.
    async fn remove(&self, tx: &Tx, organization_id: &str) -> Result<(), Failure>;
}
