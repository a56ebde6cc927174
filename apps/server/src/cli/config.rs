//! `tessera config check | dump | explain | schema`.

use std::process::ExitCode;

use anyhow::Result;
use auth_core::{
    plugin::Descriptor,
    serde_json::{Map, Value},
};
use auth_host::Plan;
use clap::{Subcommand, ValueEnum};

use crate::{
    application::Application,
    assemble::{Assembly, Problems},
    redact,
    settings::Settings,
};

use super::explain;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Reports everything that is wrong with the configuration.
    Check,
    /// Prints the configuration as it counts, defaults included and secrets left out.
    Dump {
        #[arg(long, value_enum, default_value = "toml")]
        format: Format,
    },
    /// Tells which layer gave a value, and what it beat.
    Explain {
        /// The key, such as `plugins.session.expires_in`, or a section.
        key: String,
        #[arg(long)]
        json: bool,
    },
    /// Prints the JSON Schema of the configuration.
    Schema,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    Toml,
    Json,
}

impl Command {
    pub(super) fn run(self, application: Application) -> Result<ExitCode> {
        match self {
            Self::Check => {
                application.assemble().map_err(Problems)?;
                super::print("the configuration is fine\n");
            }
            Self::Dump { format } => {
                let known = application.known();
                let Assembly { plan, settings } = application.assemble().map_err(Problems)?;
                let all = dump(&plan, &settings, &known)?;
                match format {
                    Format::Toml => super::print(&toml::to_string(&all)?),
                    Format::Json => super::print(&format!("{:#}\n", Value::Object(all))),
                }
            }
            Self::Explain { key, json } => return explain::run(application, &key, json),
            Self::Schema => {
                super::print(&format!(
                    "{:#}\n",
                    Plan::config_schema(&application.known(), Settings::schemas())
                ));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn dump(plan: &Plan, settings: &Settings, known: &[&Descriptor]) -> Result<Map<String, Value>> {
    let config = plan.config();
    let Value::Object(mut all) = serde_json::to_value(config)? else { return Ok(Map::new()) };
    all.shift_remove("plugins");
    all.extend(settings.dump()?);
    let mut plugins = Map::new();
    for line in plan.plugins() {
        let id = line.manifest.id;
        let mut section = Map::from_iter([("enabled".to_owned(), line.enabled.into())]);
        if let Some(descriptor) = known.iter().find(|d| d.manifest.id == id && line.enabled) {
            let defaults = (descriptor.defaults)(config.preset)?;
            let key = format!("plugins.{id}");
            if let Value::Object(merged) = plan.loaded().section(&key, &defaults).map_err(Problems)? {
                section.extend(merged.into_iter().filter(|(name, _)| name != "enabled"));
            }
        }
        plugins.insert(id.to_owned(), Value::Object(section));
    }
    all.insert("plugins".to_owned(), Value::Object(plugins));
    redact::secrets(&mut all);
    redact::without_nulls(&mut all);
    Ok(all)
}
