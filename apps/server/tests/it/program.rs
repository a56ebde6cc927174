//! A program of somebody else's, with a plugin of its own.

use std::{
    process::ExitCode,
    sync::{Arc, Mutex},
};

use auth_core::{
    Core, Failure, Json, Key, Manifest, Plugin, Preset, Problem, Registrar,
    command::{Action, Arguments, Command},
    config::{NoConfig, PluginConfig},
    endpoint::get,
    schemars::JsonSchema,
    serde::{Deserialize, Serialize},
};
use auth_host::Sources;
use tessera::{Application, Program};

use crate::support::Folder;

/// What the command was told.
static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde", deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
struct GuestsConfig {
    limit: u32,
}

impl PluginConfig for GuestsConfig {
    fn preset(_: Preset) -> Self {
        Self { limit: 3 }
    }
}

struct Guests;

impl Plugin for Guests {
    const MANIFEST: Manifest = Manifest::new("guests", "1.0.0", "Counts guests");
    type Config = GuestsConfig;

    fn new(_: GuestsConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.endpoint(get(Key::<(), u32>::new("guestsCount"), "/guests/count", count));
        host.command(
            Command::new("guests", "Guests")
                .action(Action::new("tell", "Tells one", tell).argument("NAME", "Whom")),
        );
    }
}

async fn count() -> Result<Json<u32>, Failure> {
    Ok(Json(0))
}

async fn tell(_: Arc<Core>, arguments: Arguments) -> Result<String, Failure> {
    TOLD.lock().unwrap().push(arguments.get("NAME").to_owned());
    Ok(String::new())
}

/// Has the id of a plugin that every build of these tests has.
struct Impostor;

impl Plugin for Impostor {
    const MANIFEST: Manifest = Manifest::new("session", "1.0.0", "Another one");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, _: &mut Registrar) {}
}

fn run(folder: &Folder, program: Program, words: &[&str]) -> bool {
    let data = format!("data_dir={}", folder.path("data").display());
    let own = ["mine", "--set", &data, "--set", "database.url=sqlite::memory:"];
    let code = program.run_with(own.iter().chain(words).map(Into::into));
    format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS)
}

#[test]
fn every_command_knows_a_plugin_of_the_programs() {
    let folder = Folder::new();
    let mine = || Program::new().plugin::<Guests>();
    for words in [
        &["config", "check", "--set", "plugins.guests.limit=4"][..],
        &["config", "dump"],
        &["plugins", "list"],
        &["openapi"],
        &["doctor"],
        &["migrate", "up"],
    ] {
        assert!(run(&folder, mine(), words), "{words:?}");
    }
    assert!(!run(&folder, mine(), &["config", "check", "--set", "plugins.guests.limits=4"]));
    assert!(!run(&folder, Program::new(), &["config", "check", "--set", "plugins.guests.limit=4"]));
}

#[test]
fn a_plugin_of_the_programs_has_its_commands() {
    let folder = Folder::new();
    assert!(run(&folder, Program::new().plugin::<Guests>(), &["guests", "tell", "ada"]));
    assert_eq!(*TOLD.lock().unwrap(), ["ada"]);
    assert!(!run(&folder, Program::new(), &["guests", "tell", "grace"]));
    assert_eq!(*TOLD.lock().unwrap(), ["ada"]);
}

#[test]
fn a_plugin_of_the_programs_runs_unless_it_is_switched_off() {
    let answers = |sources: Sources| {
        let assembly = Application::new(sources).plugin::<Guests>().assemble();
        let routes = assembly.map(|assembly| assembly.plan.routes()).unwrap_or_default();
        assert!(!routes.is_empty());
        routes.iter().any(|(_, path, ..)| path == "/guests/count")
    };
    assert!(answers(Sources::empty()));
    assert!(!answers(Sources::empty().set("plugins.guests.enabled", false)));
}

#[test]
fn an_id_that_is_compiled_in_already_is_refused() {
    let problems = Application::new(Sources::empty()).plugin::<Impostor>().assemble().err().unwrap();
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("two plugins have the id session"), "{told:?}");
    assert!(!run(&Folder::new(), Program::new().plugin::<Impostor>(), &["config", "check"]));
}

#[cfg(feature = "jwt")]
#[test]
fn a_plugin_that_is_compiled_in_may_be_named() {
    let named = Program::new().plugin::<auth_plugin_jwt::Jwt>();
    assert!(run(&Folder::new(), named, &["plugins", "list"]));
    let assembly = Application::new(Sources::empty()).plugin::<auth_plugin_jwt::Jwt>().assemble();
    let plugins = assembly.map(|assembly| assembly.plan.plugins().to_vec()).unwrap_or_default();
    assert!(plugins.iter().any(|line| line.manifest.id == "jwt" && line.enabled));
}
