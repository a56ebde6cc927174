//! The plugins that this build knows.
//!
//! A crate that is named in `Cargo.toml` but in no `use` is dropped by the linker together with the
//! plugin in it. So each has a line here and an entry in [`COMPILED`], and every start compares the
//! list with what was really linked.

use auth_core::Problem;

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

/// What was found has to be what was compiled, and what the program names. `found` holds ids, sorted, and
/// whether the program names the plugin.
pub(crate) fn compare(compiled: &[&str], found: &[(&str, bool)]) -> Vec<Problem> {
    let problem = |what| Problem::new("this build", what);
    let lost = compiled.iter().filter(|id| !found.iter().any(|(other, _)| other == *id));
    let lost = lost.map(|id| format!("plugin {id} is compiled in and was not linked; see src/plugins.rs"));
    let extra = found.iter().filter(|(id, named)| !named && !compiled.contains(id)).map(|(id, _)| {
        format!("plugin {id} is linked, but nobody names it: a program adds it with `Program::plugin`")
    });
    let twice = found.windows(2).filter_map(|pair| match pair {
        [(id, _), (other, _)] if id == other => {
            Some(format!("two plugins have the id {id}; one of them needs another, or has to stay out"))
        }
        _ => None,
    });
    lost.chain(extra).chain(twice).map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_the_linker_dropped_is_noticed() {
        assert_eq!(compare(&["a", "b"], &[("a", false), ("b", false)]), []);
        assert_eq!(compare(&["a", "b"], &[("b", false)]).len(), 1);
    }

    #[test]
    fn a_plugin_is_compiled_in_or_named() {
        assert_eq!(compare(&["a"], &[("a", false), ("c", true)]), []);
        assert_eq!(compare(&["a"], &[("a", true)]), []);
        assert_eq!(compare(&["a"], &[("a", false), ("c", false)]).len(), 1);
    }

    #[test]
    fn an_id_is_taken_once() {
        assert_eq!(compare(&["a"], &[("a", false), ("a", true)]).len(), 1);
        assert_eq!(compare(&[], &[("a", true), ("a", true)]).len(), 1);
    }
}
