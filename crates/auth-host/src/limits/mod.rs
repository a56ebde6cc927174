//! Rate limits: which [`rules`] a request falls under, the [`stage`] that asks the limiter about it, and
//! what is done while the limiter does not answer ([`steady`]).

mod rules;
mod sender;
mod stage;
mod steady;

pub(crate) use rules::Rules;
pub(crate) use steady::Steady;
