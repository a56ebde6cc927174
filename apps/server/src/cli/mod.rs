//! The command line. One file a command; to add one, give it a variant of [`Command`].

#[cfg(feature = "sqlite")]
mod backup;
mod config;
mod doctor;
mod explain;
mod export;
mod health;
mod import;
mod init;
mod migrate;
mod plugin_command;
mod plugins;
mod reload;
mod secret;
mod serve;
mod user;

use std::{ffi::OsString, io::Write, path::PathBuf, process::ExitCode};

use anyhow::{Result, anyhow};
use auth_core::{Failure, Problem};
use auth_host::Sources;
use clap::{Args, CommandFactory, Parser, Subcommand};
use figment::{
    Metadata, Profile, Provider,
    util::nest,
    value::{Dict, Map, Value},
};

use crate::{
    assemble::{Assembly, Problems},
    program::Program,
};

/// The file that is read where none is named.
const DEFAULT_FILE: &str = "tessera.toml";

/// Authentication server that speaks the Better Auth API.
#[derive(Parser)]
#[command(
    name = "tessera",
    version,
    disable_help_subcommand = true,
    after_help = "Enabled plugins add commands of their own; `tessera plugins list` names them."
)]
struct Cli {
    #[command(flatten)]
    layers: Layers,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where the configuration comes from.
#[derive(Args)]
struct Layers {
    /// The configuration file; `./tessera.toml` where there is one.
    #[arg(long, global = true, value_name = "FILE", env = "TESSERA_CONFIG")]
    config: Option<PathBuf>,
    /// A value of the configuration; wins over the file and the environment.
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = Set::parse)]
    set: Vec<Set>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server. The default.
    Serve,
    /// Writes a commented configuration and a secret.
    Init(init::Init),
    /// Checks, prints or describes the configuration.
    #[command(subcommand)]
    Config(config::Command),
    /// Looks at the database's tables and makes what is missing.
    #[command(subcommand)]
    Migrate(migrate::Command),
    /// Writes a copy of a SQLite database to a new file. The server may run meanwhile.
    #[cfg(feature = "sqlite")]
    Backup(backup::Backup),
    /// Puts a copy in the place of the SQLite database, and signs everybody out. The server has to be
    /// stopped.
    #[cfg(feature = "sqlite")]
    Restore(backup::Restore),
    /// What this build can do.
    #[command(subcommand)]
    Plugins(plugins::Command),
    /// Prints the OpenAPI document of the enabled plugins.
    Openapi,
    /// Looks for what is wrong or risky; ends with 1 if something is wrong.
    Doctor,
    /// Asks the server of this configuration whether it is ready; ends with 1 if it is not.
    Health,
    /// People.
    #[command(subcommand)]
    User(user::Command),
    /// The server's secret.
    #[command(subcommand)]
    Secret(secret::Command),
    /// A command of a plugin; which there are depends on the configuration.
    #[command(external_subcommand)]
    OfPlugin(Vec<OsString>),
}

/// The whole program: parses, runs, and gives the exit code. 2 stands for a wrong command line or
/// configuration, 1 for everything else that went wrong.
pub(crate) fn run<I: IntoIterator<Item = OsString>>(program: &Program, args: I) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too.
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(cli.run(program)) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    // Standard error may be closed; there is nobody left to tell.
    drop(writeln!(std::io::stderr(), "tessera: {error:#}"));
    if error.is::<Problems>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}

/// On the command line the cause may be told.
fn explain(failure: Failure) -> anyhow::Error {
    match failure.source() {
        Some(source) => anyhow!("{source}"),
        None => anyhow!("{}", failure.message()),
    }
}

/// Whether the program has a command of this name itself.
pub(crate) fn is_own(name: &str) -> bool {
    Cli::command().get_subcommands().any(|own| own.get_name() == name)
}

/// Prints to standard output. A reader that has enough is no failure.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

impl Cli {
    async fn run(self, program: &Program) -> Result<ExitCode> {
        if let Some(Command::Init(init)) = &self.command {
            return init.run(self.layers.config.as_deref());
        }
        let application = program.application(self.layers.sources()?);
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => Box::pin(serve::run(application, program, self.layers)).await,
            Command::Config(command) => command.run(application),
            Command::Migrate(command) => command.run(application).await,
            #[cfg(feature = "sqlite")]
            Command::Backup(command) => command.run(application).await,
            #[cfg(feature = "sqlite")]
            Command::Restore(command) => command.run(application).await,
            Command::Plugins(command) => command.run(application),
            Command::Openapi => {
                let Assembly { plan, .. } = application.assemble().map_err(Problems)?;
                print(&format!("{:#}\n", auth_host::document(&plan)));
                Ok(ExitCode::SUCCESS)
            }
            Command::Doctor => doctor::run(application).await,
            Command::Health => health::run(application).await,
            Command::User(command) => command.run(application).await,
            Command::Secret(command) => command.run(application),
            Command::OfPlugin(words) => Box::pin(plugin_command::run(application, words)).await,
            // Needs no configuration and ran above.
            Command::Init(init) => init.run(None),
        }
    }
}

impl Layers {
    /// The file, whether or not it is there now.
    fn file(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_FILE))
    }

    /// Defaults < file < environment < command line.
    fn sources(&self) -> Result<Sources> {
        let mut sources = Sources::empty();
        let default = PathBuf::from(DEFAULT_FILE);
        let file = self.config.as_ref().or_else(|| default.is_file().then_some(&default));
        if let Some(file) = file {
            if !file.is_file() {
                let what = "there is no such file; `tessera init` writes one".to_owned();
                return Err(Problems(vec![Problem::new(file.display().to_string(), what)]).into());
            }
            // A relative one would be looked for in parent folders as well.
            sources = sources.file(std::path::absolute(file)?);
        }
        Ok(self.set.iter().fold(sources.env(), |sources, set| sources.layer(set.clone())))
    }
}

/// `--set key=value`.
#[derive(Clone)]
struct Set {
    key: String,
    value: Value,
}

impl Set {
    fn parse(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').ok_or("has to be KEY=VALUE")?;
        let key = key.trim();
        if key.is_empty() || key.split('.').any(str::is_empty) {
            return Err(format!("`{key}` is no key path"));
        }
        let value = match value.parse::<Value>() {
            Ok(value) => value,
            Err(never) => match never {},
        };
        Ok(Self { key: key.to_owned(), value })
    }
}

impl Provider for Set {
    fn metadata(&self) -> Metadata {
        Metadata::named("--set")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let nested = nest(&self.key, self.value.clone());
        let dict = nested.into_dict().unwrap_or_default();
        Ok(Map::from([(Profile::Default, dict)]))
    }
}
