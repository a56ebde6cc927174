//! The plugins that this build knows.
//!
//! A crate that is named in `Cargo.toml` but in no `use` is dropped by the linker together with the
//! plugin in it. So each has a line here and an entry in [`COMPILED`], and `check` compares the
//! list with what was really linked.

use auth_core::{Problem, plugin::linked};

// xtask:plugins:use:begin
#[cfg(feature = "account")]
use auth_plugin_account as _;
#[cfg(feature = "api-key")]
use auth_plugin_api_key as _;
#[cfg(feature = "bearer")]
use auth_plugin_bearer as _;
#[cfg(feature = "email-password")]
use auth_plugin_email_password as _;
#[cfg(feature = "forward-auth")]
use auth_plugin_forward_auth as _;
#[cfg(feature = "jwt")]
use auth_plugin_jwt as _;
#[cfg(feature = "multi-session")]
use auth_plugin_multi_session as _;
#[cfg(feature = "organization")]
use auth_plugin_organization as _;
#[cfg(feature = "realtime")]
use auth_plugin_realtime as _;
#[cfg(feature = "session")]
use auth_plugin_session as _;
#[cfg(feature = "two-factor")]
use auth_plugin_two_factor as _;
// xtask:plugins:use:end

/// The ids of the plugins in this build, sorted.
pub const COMPILED: &[&str] = &[
    // xtask:plugins:compiled:begin
    #[cfg(feature = "account")]
    "account",
    #[cfg(feature = "api-key")]
    "api-key",
    #[cfg(feature = "bearer")]
    "bearer",
    #[cfg(feature = "email-password")]
    "email-password",
    #[cfg(feature = "forward-auth")]
    "forward-auth",
    #[cfg(feature = "jwt")]
    "jwt",
    #[cfg(feature = "multi-session")]
    "multi-session",
    #[cfg(feature = "organization")]
    "organization",
    #[cfg(feature = "realtime")]
    "realtime",
    #[cfg(feature = "session")]
    "session",
    #[cfg(feature = "two-factor")]
    "two-factor",
    // xtask:plugins:compiled:end
];

/// Those that run unless the configuration says otherwise.
pub const ON_BY_DEFAULT: &[&str] = &["session", "email-password", "account"];

/// What was linked has to be what was compiled.
pub(crate) fn check() -> Vec<Problem> {
    let found: Vec<&str> = linked().iter().map(|d| d.manifest.id).collect();
    compare(COMPILED, &found)
}

fn compare(compiled: &[&str], found: &[&str]) -> Vec<Problem> {
    let place = "this build";
    let lost = compiled.iter().filter(|id| !found.contains(id)).map(|id| {
        Problem::new(place, format!("plugin {id} is compiled in and was not linked; see src/plugins.rs"))
    });
    let extra = found.iter().filter(|id| !compiled.contains(id)).map(|id| {
        Problem::new(place, format!("plugin {id} is linked and stands in no list; see src/plugins.rs"))
    });
    let twice = found
        .windows(2)
        .filter(|pair| pair.first() == pair.last())
        .map(|pair| Problem::new(place, format!("plugin {} is linked twice", pair.first().unwrap_or(&""))));
    lost.chain(extra).chain(twice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_the_linker_dropped_is_noticed() {
        assert_eq!(compare(&["a", "b"], &["a", "b"]), []);
        assert_eq!(compare(&["a", "b"], &["b"]).len(), 1);
        assert_eq!(compare(&["a"], &["a", "c"]).len(), 1);
        assert_eq!(compare(&["a"], &["a", "a"]).len(), 1);
    }

    #[test]
    fn the_list_is_what_is_linked() {
        assert_eq!(check(), []);
    }
}
