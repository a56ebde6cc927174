//! From configuration to frozen plugins: this build's, and those of an application around it.

use std::net::SocketAddr;

use anyhow::Result;
use auth_core::{Plugin, Problem, plugin::Descriptor};
use auth_host::{Explained, Plan, Sections, Sources};
use tokio::net::TcpListener;

use crate::{
    assemble::{Assembly, Problems, reachable},
    cli,
    observe::figures,
    program::Program,
    secret,
    settings::Settings,
};

/// A program with the server inside of it, and with plugins of its own.
///
/// ```no_run
/// # use auth_core::{Manifest, Plugin, Problem, Registrar, config::NoConfig};
/// # struct Mine;
/// # impl Plugin for Mine {
/// #     const MANIFEST: Manifest = Manifest::new("mine", "1.0.0", "");
/// #     type Config = NoConfig;
/// #     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> { Ok(Self) }
/// #     fn register(self: std::sync::Arc<Self>, _: &mut Registrar) {}
/// # }
/// # async fn run() -> anyhow::Result<()> {
/// use auth_host::Sources;
/// use tessera::Application;
///
/// let sources = Sources::empty().file("tessera.toml".into()).env();
/// let running = Application::new(sources).plugin::<Mine>().with_secret()?.start().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Application {
    sources: Sources,
    program: Program,
}

impl Application {
    /// The plugins that are linked, with a configuration from these sources.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        Self::of(Program::new(), sources)
    }

    pub(crate) fn of(program: Program, sources: Sources) -> Self {
        Self { sources, program }
    }

    /// Adds a plugin of the application's. It runs unless the configuration says `enabled = false`.
    #[must_use]
    pub fn plugin<P: Plugin>(mut self) -> Self {
        self.program = self.program.plugin::<P>();
        self
    }

    /// Without a `base_url` in the sources it is the listener's address.
    pub(crate) fn at(mut self, listener: &TcpListener) -> Result<Self> {
        if !self.sources.has("base_url") {
            self.sources = self.sources.set("base_url", reachable(listener.local_addr()?));
        }
        Ok(self)
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Every plugin that the program knows, by id.
    pub(crate) fn known(&self) -> Vec<&'static Descriptor> {
        self.program.builder.known()
    }

    /// Checks the configuration and freezes the plugins. Touches nothing but the files of the sources,
    /// and reports every problem at once.
    pub fn assemble(self) -> Result<Assembly, Vec<Problem>> {
        let Self { sources, program } = self;
        // Whoever runs the program cannot mend these, and they may be why others are reported.
        let mut problems = program.check();
        if !problems.is_empty() {
            return Err(problems);
        }
        let settings = Settings::read(&sources).map_err(|wrong| problems.extend(wrong)).ok();
        let shared = settings.as_ref().is_some_and(|settings| settings.redis.is_used());
        let sources = settings.as_ref().map(|settings| derived(sources.clone(), settings)).unwrap_or(sources);
        let plan = program.builder.sources(sources).plan().map_err(|wrong| problems.extend(wrong)).ok();
        let counts_in_redis = plan.as_ref().is_some_and(|plan| plan.config().rate_limit.storage == "redis");
        if counts_in_redis && !shared {
            problems.push(Problem::new("rate_limit.storage", "is redis, but redis.url is not set"));
        }
        for (plugin, metric) in plan.iter().flat_map(Plan::metrics) {
            if figures::own().any(|own| own.name == metric.name) {
                let what = format!("the metric `{}` is one of the server's own", metric.name);
                problems.push(Problem::new(format!("plugin {plugin}"), what));
            }
        }
        for (plugin, command) in plan.iter().flat_map(Plan::commands).filter(|(_, c)| cli::is_own(c.name)) {
            let what = format!("the command `{}` is one of the program's own", command.name);
            problems.push(Problem::new(format!("plugin {plugin}"), what));
        }
        match (plan, settings) {
            (Some(plan), Some(settings)) if problems.is_empty() => Ok(Assembly { plan, settings }),
            _ => Err(problems),
        }
    }

    /// Which layer gave the value of a key, or of each key of a section, and what it beat.
    pub fn explain(self, key: &str) -> Result<Vec<Explained>, Problem> {
        let Self { sources, program } = self;
        let sources = match Settings::read(&sources) {
            Ok(settings) => derived(sources, &settings),
            Err(_) => sources,
        };
        let sections = Sections { defaults: Settings::defaults(&sources), schemas: Settings::schemas() };
        program.builder.sources(sources).explain(key, sections)
    }

    /// As [`Application::assemble`], with the secret that the server keeps where the configuration has
    /// none. Refuses what must not be served.
    pub fn with_secret(self) -> Result<Assembly> {
        let Assembly { settings, .. } = self.clone().assemble().map_err(Problems)?;
        let sources = secret::provide(self.sources, &settings.data_dir)?;
        let assembly = Self { sources, ..self }.assemble().map_err(Problems)?;
        if let Some(problem) = assembly.plan.config().refuse_production() {
            return Err(Problems(vec![problem]).into());
        }
        Ok(assembly)
    }
}

/// What follows from other values, where nobody said it.
fn derived(sources: Sources, settings: &Settings) -> Sources {
    let sources = if sources.has("base_url") {
        sources
    } else {
        let url = reachable(SocketAddr::new(settings.server.host, settings.server.port));
        sources.set("base_url", url)
    };
    if settings.redis.is_used() && !sources.has("rate_limit.storage") {
        sources.set("rate_limit.storage", "redis")
    } else {
        sources
    }
}
