pub mod check_slug;
pub mod create;
pub mod delete;
pub mod get;
pub mod get_full;
pub mod list;
pub mod set_active;
pub mod update;
