//! How a plugin can stand to others: three plugins, of about a screen each.
//!
//! - [`EmailDomains`] stands alone. It refuses users whose address is of a blocked domain.
//! - [`SessionHints`] replaces an endpoint of another plugin, and calls the original.
//! - [`OrganizationSeats`] extends another plugin: a column on its table, a rule for its changes, other
//!   defaults for its configuration.

mod email_domains;
mod organization_seats;
mod own_session;

pub use email_domains::EmailDomains;
pub use organization_seats::{OrganizationSeats, SEATS, SET_SEATS, SetSeats};
pub use own_session::SessionHints;
