//! `tessera <command of a plugin>`: which there are is known once the plugins are.

use std::{ffi::OsString, process::ExitCode};

use anyhow::{Context, Result, bail};
use auth_core::command::{Action, Argument, ArgumentKind, Arguments, Command};
use clap::{Arg, ArgAction, ArgMatches, error::ErrorKind};

use super::explain;
use crate::{
    application::Application,
    assemble::{Assembly, Problems, Running},
    logging,
};

pub(super) async fn run(application: Application, words: Vec<OsString>) -> Result<ExitCode> {
    let name = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let Assembly { plan, .. } = application.clone().assemble().map_err(Problems)?;
    let Some((_, command)) = plan.commands().find(|(_, command)| command.name == name) else {
        let known: Vec<_> = plan.commands().map(|(_, command)| command.name).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        bail!(
            "there is no command `{name}` here. Commands of enabled plugins: {known}; `--help` has the others"
        );
    };
    let matches = match parser(command).try_get_matches_from(&words) {
        Ok(matches) => matches,
        Err(error) => {
            drop(error.print());
            let helped = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return Ok(if helped { ExitCode::SUCCESS } else { ExitCode::from(2) });
        }
    };
    let (action, matches) = matches.subcommand().context("no action was given")?;
    let action = command.actions.iter().find(|known| known.name == action).context("no such action")?.clone();
    let typed = typed(&action, matches);

    let assembly = application.with_secret()?;
    logging::start(&assembly);
    let running = assembly.start().await?;
    let done = act(&running, &action, typed).await;
    running.stop().await;
    super::print(&done?);
    Ok(ExitCode::SUCCESS)
}

async fn act(running: &Running, action: &Action, typed: Arguments) -> Result<String> {
    action.run(running.host().core().clone(), typed).await.map_err(explain)
}

fn parser(command: &Command) -> clap::Command {
    let mut parser = clap::Command::new(command.name)
        .bin_name(format!("tessera {}", command.name))
        .about(command.about)
        .subcommand_required(true)
        .disable_help_subcommand(true);
    for action in &command.actions {
        let arguments = action.arguments.iter().map(|argument| match argument.kind {
            ArgumentKind::Positional => Arg::new(argument.name).required(true).help(argument.about),
            ArgumentKind::Flag => {
                Arg::new(argument.name).long(argument.name).action(ArgAction::SetTrue).help(argument.about)
            }
        });
        parser = parser.subcommand(clap::Command::new(action.name).about(action.about).args(arguments));
    }
    parser
}

fn typed(action: &Action, matches: &ArgMatches) -> Arguments {
    let text = |argument: &Argument| match argument.kind {
        ArgumentKind::Positional => matches.get_one::<String>(argument.name).cloned(),
        ArgumentKind::Flag => matches.get_flag(argument.name).then(String::new),
    };
    action.arguments.iter().filter_map(|argument| Some((argument.name, text(argument)?))).collect()
}
