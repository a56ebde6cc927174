//! Organizations below organizations.

pub mod get;
pub mod set_parent;
