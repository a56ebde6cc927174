//! The whole program: which plugins there are beside those that are compiled in, and the command line.

use std::{any::TypeId, ffi::OsString, process::ExitCode};

use auth_core::{Plugin, Problem};
use auth_host::{Builder, Sources};

use crate::{
    application::Application,
    cli,
    plugins::{self, ON_BY_DEFAULT},
    settings::SECTIONS,
};

/// The server with its command line, and with plugins of one's own.
///
/// ```no_run
/// # use auth_core::{Manifest, Plugin, Problem, Registrar, config::NoConfig};
/// # struct GuestBook;
/// # impl Plugin for GuestBook {
/// #     const MANIFEST: Manifest = Manifest::new("guest-book", "1.0.0", "");
/// #     type Config = NoConfig;
/// #     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> { Ok(Self) }
/// #     fn register(self: std::sync::Arc<Self>, _: &mut Registrar) {}
/// # }
/// fn main() -> std::process::ExitCode {
///     tessera::Program::new().plugin::<GuestBook>().run()
/// }
/// ```
///
/// To serve from within another program's own router, see [`Application`].
#[derive(Clone)]
pub struct Program {
    pub(crate) builder: Builder,
    named: Vec<TypeId>,
}

impl Default for Program {
    fn default() -> Self {
        let builder = Builder::default().linked().on_by_default(ON_BY_DEFAULT).sections(SECTIONS);
        Self { builder, named: Vec::new() }
    }
}

impl Program {
    /// The plugins that this build of the server has.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a plugin. It runs unless the configuration says `enabled = false`.
    #[must_use]
    pub fn plugin<P: Plugin>(mut self) -> Self {
        self.builder = self.builder.plugin::<P>();
        self.named.push(TypeId::of::<P>());
        self
    }

    /// Does what the command line says; `serve` where it says nothing.
    #[must_use]
    pub fn run(self) -> ExitCode {
        self.run_with(std::env::args_os())
    }

    /// As [`Program::run`], with the program's name and its arguments.
    #[must_use]
    pub fn run_with<I: IntoIterator<Item = OsString>>(self, args: I) -> ExitCode {
        cli::run(&self, args)
    }

    pub(crate) fn application(&self, sources: Sources) -> Application {
        Application::of(self.clone(), sources)
    }

    /// What is wrong with how the program was put together.
    pub(crate) fn check(&self) -> Vec<Problem> {
        let known = self.builder.known();
        let found = known.iter().map(|d| (d.manifest.id, self.named.contains(&d.plugin)));
        plugins::compare(plugins::COMPILED, &found.collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compiled_is_what_is_linked() {
        assert_eq!(Program::new().check(), []);
    }
}
