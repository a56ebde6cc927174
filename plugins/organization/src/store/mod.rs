//! Rows. What has to hold for an organization as a whole — an owner, limits, one membership a user —
//! is decided while its row is locked, so that of two changes at the same moment one sees the other.

pub(crate) mod invitations;
pub(crate) mod members;
pub(crate) mod organizations;
pub(crate) mod roles;
pub(crate) mod security;
pub(crate) mod teams;
pub(crate) mod tree;
pub(crate) mod users;
