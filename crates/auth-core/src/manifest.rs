//! Who a plugin is and how it stands to others.

use std::fmt;

/// The version of the interface in this crate. A plugin names the range that it was written for.
pub const HOST_API: &str = "0.1.0";

/// A plugin's identity, as a constant: readable without running any of its code.
///
/// ```
/// use auth_core::Manifest;
///
/// const MANIFEST: Manifest = Manifest::new("badges", env!("CARGO_PKG_VERSION"), "Badges of members")
///     .requires(&["session"]) // has to be enabled
///     .after(&["organization"]); // where it is enabled, its hooks run first
///
/// assert_eq!(MANIFEST.requires, ["session"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The id on the wire, in the configuration and in `plugins list`.
    pub id: &'static str,
    /// The plugin's own version.
    pub version: &'static str,
    /// One line for `plugins list` and the generated reference.
    pub summary: &'static str,
    /// The range of [`HOST_API`] it works with, as a semver requirement.
    pub host_api: &'static str,
    /// Plugins that have to be enabled, and that come before this one.
    pub requires: &'static [&'static str],
    /// Plugins that come before this one where they are enabled.
    pub after: &'static [&'static str],
    /// Plugins that cannot be enabled beside this one.
    pub conflicts: &'static [&'static str],
    /// The plugin whose endpoints this one may take over. They stay callable in process.
    pub replaces: Option<&'static str>,
    /// The plugin to whose configuration, hooks and endpoints this one adds.
    pub extends: Option<&'static str>,
}

impl Manifest {
    /// A plugin that stands alone and works with this version of the host.
    #[must_use]
    pub const fn new(id: &'static str, version: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            version,
            summary,
            host_api: "^0.1",
            requires: &[],
            after: &[],
            conflicts: &[],
            replaces: None,
            extends: None,
        }
    }

    /// Plugins that this one cannot do without. One that is missing or disabled keeps the host from starting.
    #[must_use]
    pub const fn requires(mut self, ids: &'static [&'static str]) -> Self {
        self.requires = ids;
        self
    }

    /// Plugins whose hooks run before this one's, where they are enabled.
    #[must_use]
    pub const fn after(mut self, ids: &'static [&'static str]) -> Self {
        self.after = ids;
        self
    }

    /// Plugins that cannot be enabled beside this one.
    #[must_use]
    pub const fn conflicts(mut self, ids: &'static [&'static str]) -> Self {
        self.conflicts = ids;
        self
    }

    /// The plugin whose endpoints this one takes over, each under the id that it has there. The replaced
    /// ones are reached with [`Core::call_replaced`](crate::Core::call_replaced).
    #[must_use]
    pub const fn replaces(mut self, id: &'static str) -> Self {
        self.replaces = Some(id);
        self
    }

    /// The plugin whose defaults this one changes with [`Plugin::overlay`](crate::Plugin::overlay).
    #[must_use]
    pub const fn extends(mut self, id: &'static str) -> Self {
        self.extends = Some(id);
        self
    }

    /// The range of [`HOST_API`] that it was tried with, such as `^0.1`. Outside of it the host does not start.
    #[must_use]
    pub const fn host_api(mut self, requirement: &'static str) -> Self {
        self.host_api = requirement;
        self
    }
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.version)
    }
}
