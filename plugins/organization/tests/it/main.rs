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
    let ambiguous = [
        ("INVITATION_NOT_FOUND", "Better Auth ends one of its messages with a mark"),
        ("USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "Better Auth answers 400, 401 and 403"),
        ("USER_IS_NOT_A_MEMBER_OF_THE_TEAM", "Better Auth answers 400 and 403"),
    ];
    auth_testkit::check::plugin_but::<auth_plugin_organization::OrganizationPlugin>(
        support::everything(),
        &ambiguous,
    )
    .await;
}
