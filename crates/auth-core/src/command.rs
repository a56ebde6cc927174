//! Commands that a plugin adds to the command line, such as `tessera keys list`.
//!
//! ```
//! use std::sync::Arc;
//!
//! use auth_core::{
//!     Core, Failure,
//!     command::{Action, Arguments, Command},
//! };
//!
//! async fn show(core: Arc<Core>, arguments: Arguments) -> Result<String, Failure> {
//!     Ok(format!("{} at {}\n", arguments.get("NAME"), core.now()))
//! }
//!
//! // In `register`: `host.command(command)`.
//! let command = Command::new("greet", "Greetings")
//!     .action(Action::new("show", "Prints one", show).argument("NAME", "Whose it is"));
//! # assert_eq!(command.actions.len(), 1);
//! ```

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};

use crate::{Core, Failure};

/// A word of the command line, with what it can do.
#[derive(Clone)]
pub struct Command {
    /// What is typed behind `tessera`. Two plugins with one name are a problem at the freeze.
    pub name: &'static str,
    /// One line for `--help`.
    pub about: &'static str,
    /// At least one; each is typed behind the name.
    pub actions: Vec<Action>,
}

impl Command {
    /// A command that does nothing yet: add an [`Action`].
    #[must_use]
    pub fn new(name: &'static str, about: &'static str) -> Self {
        Self { name, about, actions: Vec::new() }
    }

    /// Adds something that it can do.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }
}

type Running = Pin<Box<dyn Future<Output = Result<String, Failure>> + Send>>;

/// One thing that a command can do. What it gives is printed; of a failure the message is.
#[derive(Clone)]
pub struct Action {
    /// What is typed behind the command's name.
    pub name: &'static str,
    /// One line for `--help`.
    pub about: &'static str,
    /// What is typed behind it, in this order.
    pub arguments: Vec<Argument>,
    run: Arc<dyn Fn(Arc<Core>, Arguments) -> Running + Send + Sync>,
}

/// What is typed behind an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// What [`Arguments::get`] finds it by; of a flag the word behind `--`.
    pub name: &'static str,
    /// One line for `--help`.
    pub about: &'static str,
    /// Whether it has to be there.
    pub kind: ArgumentKind,
}

/// How an argument is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// Has to be there, in its place.
    Positional,
    /// `--name`, or nothing.
    Flag,
}

impl Action {
    /// An action that takes no arguments yet. `run` gets a host that has started, and gives the whole text to
    /// print, its last line break too.
    pub fn new<F, R>(name: &'static str, about: &'static str, run: F) -> Self
    where
        F: Fn(Arc<Core>, Arguments) -> R + Send + Sync + 'static,
        R: Future<Output = Result<String, Failure>> + Send + 'static,
    {
        let run = Arc::new(move |core, arguments| Box::pin(run(core, arguments)) as Running);
        Self { name, about, arguments: Vec::new(), run }
    }

    /// Something that has to be typed.
    #[must_use]
    pub fn argument(mut self, name: &'static str, about: &'static str) -> Self {
        self.arguments.push(Argument { name, about, kind: ArgumentKind::Positional });
        self
    }

    /// Something that may be typed, with `--` in front.
    #[must_use]
    pub fn flag(mut self, name: &'static str, about: &'static str) -> Self {
        self.arguments.push(Argument { name, about, kind: ArgumentKind::Flag });
        self
    }

    /// Does it, on a host that runs.
    pub async fn run(&self, core: Arc<Core>, arguments: Arguments) -> Result<String, Failure> {
        (self.run)(core, arguments).await
    }
}

/// What was typed, by the names of the arguments.
#[derive(Clone, Debug, Default)]
pub struct Arguments(BTreeMap<String, String>);

impl Arguments {
    /// The text of an argument; empty where it was not declared.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Whether a flag was typed.
    #[must_use]
    pub fn has(&self, flag: &str) -> bool {
        self.0.contains_key(flag)
    }
}

impl<N: Into<String>, T: Into<String>> FromIterator<(N, T)> for Arguments {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(typed: I) -> Self {
        Self(typed.into_iter().map(|(name, text)| (name.into(), text.into())).collect())
    }
}
