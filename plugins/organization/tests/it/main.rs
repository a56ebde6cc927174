//! The plugin on a whole host.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

mod invitation_races;
mod invitations;
mod matrix;
mod nodes;
mod organizations;
mod owners;
mod paging;
mod restrictions;
mod roles;
mod rules;
mod security;
mod support;
mod teams;
mod told;
mod tree;

#[tokio::test]
async fn conforms() {
    auth_testkit::check::plugin::<auth_plugin_organization::OrganizationPlugin>(support::whole_app()).await;
}
