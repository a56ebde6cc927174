//! How the server and what it depends on are doing.

use async_trait::async_trait;

use crate::{Core, breaker::Circuit};

/// How one dependency is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It answers.
    Ok,
    /// It works with losses, or others make up for it.
    Degraded,
    /// It does not work.
    Down,
}

impl Condition {
    /// As `/health` says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

/// A dependency, as strangers may see it: no address, no version, no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// A kind of thing, such as `database`.
    pub name: &'static str,
    /// How it is doing.
    pub condition: Condition,
    /// Without it no request can be answered.
    pub needed: bool,
}

/// Looks after the dependencies. Implemented by `auth-telemetry`.
///
/// ```
/// use auth_core::{
///     async_trait,
///     ports::{Checked, Condition, Health},
/// };
///
/// /// All that there is works.
/// struct Fine;
///
/// #[async_trait]
/// impl Health for Fine {
///     async fn check(&self) -> Vec<Checked> {
///         vec![Checked { name: "database", condition: Condition::Ok, needed: true }]
///     }
/// }
/// ```
#[async_trait]
pub trait Health: Send + Sync + 'static {
    /// How each is doing. Many askers at once must not mean many questions to a dependency.
    async fn check(&self) -> Vec<Checked>;
}

/// A slot: something outside of this server that a plugin asks through a circuit breaker. Figures
/// (`circuit_state`) and `/health` show it.
///
/// ```
/// use auth_core::{
///     Core,
///     breaker::{Breaker, BreakerPolicy, Circuit},
///     ports::Dependency,
/// };
///
/// struct Gateway {
///     breaker: Breaker,
/// }
///
/// impl Dependency for Gateway {
///     fn name(&self) -> &'static str {
///         "sms-gateway"
///     }
///
///     fn circuit(&self, core: &Core) -> Option<Circuit> {
///         Some(self.breaker.circuit(core.now().unix_millis()))
///     }
/// }
/// # Gateway { breaker: Breaker::new(BreakerPolicy::default()) };
/// ```
pub trait Dependency: Send + Sync + 'static {
    /// What strangers may read of it: a kind of thing, no address.
    fn name(&self) -> &'static str;

    /// How its circuit stands; `None` where there is nothing that could be asked.
    fn circuit(&self, core: &Core) -> Option<Circuit>;
}
