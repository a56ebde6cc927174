//! What a plugin hands to the host.

use std::{any::Any, collections::BTreeMap, sync::Arc};

use crate::{
    Problem,
    command::Command,
    endpoint::Endpoint,
    event::Event,
    hook::{AfterHook, BeforeHook, DatabaseHook, Match, Phase},
    metric::Metric,
    rate::RateRule,
    schema::{Column, CoreTable, Table, View},
    services::ServicesBuilder,
    task::Task,
};

/// An endpoint and who registered it.
pub struct Registered<T> {
    pub plugin: &'static str,
    pub value: T,
}

/// A hook of the host's chain.
pub enum HookFn {
    Before(Arc<dyn BeforeHook>),
    After(Arc<dyn AfterHook>),
}

pub struct Hook {
    pub phase: Phase,
    pub matches: Match,
    /// The type's name, for the printed order.
    pub name: &'static str,
    pub run: HookFn,
}

/// Collects contributions, plugin by plugin, in their order. Nothing happens before the freeze.
#[derive(Default)]
pub struct Registrar {
    plugin: &'static str,
    pub endpoints: Vec<Registered<Endpoint>>,
    pub hooks: Vec<Registered<Hook>>,
    pub database_hooks: Vec<Registered<Arc<dyn DatabaseHook>>>,
    pub tables: Vec<Registered<Table>>,
    pub columns: Vec<Registered<(CoreTable, Column)>>,
    /// Columns on tables of the plugins that their owners extend.
    pub extended: Vec<Registered<(&'static str, Column)>>,
    pub rates: Vec<Registered<RateRule>>,
    pub tasks: Vec<Registered<Arc<dyn Task>>>,
    pub listeners: Vec<Registered<Arc<dyn Listener>>>,
    pub commands: Vec<Registered<Command>>,
    pub metrics: Vec<Registered<Metric>>,
    /// Events of plugins that are matters of security: name and risk.
    pub alarms: Vec<Registered<(&'static str, u8)>>,
    pub services: ServicesBuilder,
    pub problems: Vec<Problem>,
    /// Messages that the plugin sends, with what their data is for.
    pub mails: BTreeMap<&'static str, &'static str>,
}

/// Reacts to events, one after the other.
#[crate::async_trait]
pub trait Listener: Send + Sync + 'static {
    async fn on(&self, core: &Arc<crate::Core>, event: &Event);
}

fn short_name<T>() -> &'static str {
    std::any::type_name::<T>().rsplit("::").next().unwrap_or_default()
}

impl Registrar {
    /// For the host: what follows comes from this plugin.
    pub fn enter(&mut self, plugin: &'static str) {
        self.plugin = plugin;
    }

    fn by<T>(&self, value: T) -> Registered<T> {
        Registered { plugin: self.plugin, value }
    }

    pub fn endpoint(&mut self, endpoint: Endpoint) {
        let endpoint = self.by(endpoint);
        self.endpoints.push(endpoint);
    }

    /// A hook before the handler, in `Transport`, `Identify`, `Guard` or `Before`.
    pub fn before<H: BeforeHook>(&mut self, phase: Phase, matches: Match, hook: H) {
        if phase > Phase::Before {
            self.problem(
                format!("hook {}", short_name::<H>()),
                format!("phase {phase} comes after the handler"),
            );
        }
        let run = HookFn::Before(Arc::new(hook));
        let hook = self.by(Hook { phase, matches, name: short_name::<H>(), run });
        self.hooks.push(hook);
    }

    /// A hook on the outcome, in `Challenge`, `After` or `Finish`.
    pub fn after<H: AfterHook>(&mut self, phase: Phase, matches: Match, hook: H) {
        if phase <= Phase::Before {
            self.problem(
                format!("hook {}", short_name::<H>()),
                format!("phase {phase} comes before the handler"),
            );
        }
        let run = HookFn::After(Arc::new(hook));
        let hook = self.by(Hook { phase, matches, name: short_name::<H>(), run });
        self.hooks.push(hook);
    }

    /// A hook on the rows of the core tables.
    pub fn database_hook(&mut self, hook: impl DatabaseHook) {
        let hook = self.by(Arc::new(hook) as Arc<dyn DatabaseHook>);
        self.database_hooks.push(hook);
    }

    /// A table of the plugin's own.
    pub fn table(&mut self, table: Table) {
        let table = self.by(table);
        self.tables.push(table);
    }

    /// The columns of a typed view.
    pub fn columns<V: View>(&mut self) {
        for column in V::columns() {
            self.column(V::TABLE, column);
        }
    }

    /// A column on a core table that only the configuration knows.
    pub fn column(&mut self, table: CoreTable, column: Column) {
        let column = self.by((table, column));
        self.columns.push(column);
    }

    /// A column on a table of the plugin that this one extends. That plugin does not see it: read and write
    /// it with an entity of your own that has the table's `id` and this column.
    pub fn extend_table(&mut self, table: &'static str, column: Column) {
        let column = self.by((table, column));
        self.extended.push(column);
    }

    pub fn rate(&mut self, rule: RateRule) {
        let rule = self.by(rule);
        self.rates.push(rule);
    }

    pub fn task(&mut self, task: impl Task) {
        let task = self.by(Arc::new(task) as Arc<dyn Task>);
        self.tasks.push(task);
    }

    /// Something that reacts to events.
    pub fn listen(&mut self, listener: impl Listener) {
        let listener = self.by(Arc::new(listener) as Arc<dyn Listener>);
        self.listeners.push(listener);
    }

    /// A figure that the plugin counts; see [`crate::metric`].
    pub fn metric(&mut self, metric: Metric) {
        let metric = self.by(metric);
        self.metrics.push(metric);
    }

    /// An event of this plugin's that is a matter of security: it is counted and logged as such. The
    /// risk is from 1 to 100. Its data is in the log, so it holds ids and no secrets.
    pub fn alarm(&mut self, event: &'static str, risk: u8) {
        let alarm = self.by((event, risk.clamp(1, 100)));
        self.alarms.push(alarm);
    }

    /// A command of the command line.
    pub fn command(&mut self, command: Command) {
        let command = self.by(command);
        self.commands.push(command);
    }

    /// A service that this plugin alone provides.
    pub fn provide<T: ?Sized + Any + Send + Sync>(&mut self, service: Arc<T>) {
        self.services.provide(self.plugin, service);
    }

    /// A service that has to be there for what the plugin was configured to do: the server does not
    /// start without it. `what_for` is the key of the configuration, `missing` what to tell whoever wrote it.
    pub fn need<T: ?Sized + Any + Send + Sync>(&mut self, what_for: &str, missing: &'static str) {
        self.services.need::<T>(self.plugin, what_for, missing);
    }

    /// A part of a slot.
    pub fn contribute<T: ?Sized + Any + Send + Sync>(&mut self, part: Arc<T>) {
        self.services.contribute(part);
    }

    /// Puts an implementation around the service that another plugin provides.
    pub fn wrap<T: ?Sized + Any + Send + Sync>(
        &mut self,
        wrap: impl FnOnce(Arc<T>) -> Arc<T> + Send + 'static,
    ) {
        self.services.wrap(self.plugin, wrap);
    }

    /// A kind of mail that the plugin sends: its template has this name.
    pub fn mail(&mut self, kind: &'static str, purpose: &'static str) {
        self.mails.insert(kind, purpose);
    }

    /// Something that keeps the host from starting.
    pub fn problem(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.problems.push(Problem::new(format!("plugin {}: {}", self.plugin, place.into()), what));
    }
}
