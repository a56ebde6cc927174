pub mod active;
pub mod active_role;
pub mod add;
pub mod has_permission;
pub mod leave;
pub mod list;
pub mod remove;
pub mod update_role;
