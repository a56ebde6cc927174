//! Several accounts in one browser, of which one is active.
//!
//! Whoever signs in gets, beside the session's cookie, one that only keeps it: the next account that
//! signs in takes the session's cookie over, and leaves that one. The browser can go back to each.

mod config;
mod cookies;
pub mod endpoints;
mod keep;
mod sign_out;

use std::sync::Arc;

use auth_core::{Manifest, Match, Phase, Plugin, Problem, Registrar, endpoint::Tag, get, post};

pub use config::MultiSessionConfig;

pub struct MultiSession {
    config: MultiSessionConfig,
}

impl Plugin for MultiSession {
    const MANIFEST: Manifest =
        Manifest::new("multi-session", env!("CARGO_PKG_VERSION"), "Several accounts in one browser")
            .requires(&["session"]);
    type Config = MultiSessionConfig;

    fn new(config: MultiSessionConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self { config })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        use endpoints::{list, revoke, set_active};
        host.endpoint(
            get(
                list::LIST_DEVICE_SESSIONS,
                "/multi-session/list-device-sessions",
                list::list_device_sessions,
            )
            .tag(Tag::SESSION)
            .summary("The accounts that this browser is signed in with"),
        );
        host.endpoint(
            post(set_active::SET_ACTIVE, "/multi-session/set-active", set_active::set_active)
                .tag(Tag::SESSION)
                .tag(Tag::ISSUES_SESSION)
                .summary("Goes over to another account of this browser"),
        );
        host.endpoint(
            post(revoke::REVOKE_DEVICE_SESSION, "/multi-session/revoke", revoke::revoke_device_session)
                .tag(Tag::SESSION)
                .tag(Tag::ISSUES_SESSION)
                .summary("Signs one account of this browser out"),
        );
        host.after(Phase::After, Match::Tag(Tag::ISSUES_SESSION), keep::MakeRoom);
        host.after(Phase::After, Match::Id(sign_out::SIGN_OUT), sign_out::EndAll);
        host.after(Phase::Finish, Match::All, keep::Keep(self));
    }
}

auth_core::plugin!(MultiSession);
