//! Who may do what: permissions, roles that grant them, and who knows a user's roles.
//!
//! A *statement* names a resource and its actions. A role is a set of statements; so is a request, and
//! what a plugin knows of at all. The official client checks roles by the same rules. What a role grants
//! can depend on attributes of the request, which clients do not know: see [`Condition`].
//!
//! Roles are those of a user in an organization: a plugin that knows them provides [`AccessControl`].
//! Ask with [`Question`]: it respects what the caller's credential is good for, and tells the event
//! bus of denials.

mod condition;
mod grants;
mod permissions;
mod question;

pub use condition::{Attributes, Condition, Hours};
pub use grants::{Grants, Restriction, Role};
pub use permissions::Permissions;
pub use question::{AccessControl, DENIED, NO_MEMBER, Question};
