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
    /// The id of the plugin, for `plugins list` and for problems.
    pub plugin: &'static str,
    /// What it is.
    pub value: T,
}

/// A hook of the host's chain.
pub enum HookFn {
    /// Of [`Registrar::before`].
    Before(Arc<dyn BeforeHook>),
    /// Of [`Registrar::after`].
    After(Arc<dyn AfterHook>),
}

/// A hook with its place in the chain, as `plugins list` prints it.
pub struct Hook {
    /// Where in a request.
    pub phase: Phase,
    /// On which endpoints.
    pub matches: Match,
    /// The type's name, for the printed order.
    pub name: &'static str,
    /// What it does.
    pub run: HookFn,
}

/// Collects contributions, plugin by plugin, in their order. Nothing happens before the freeze.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{
///     Failure, Json, Key, Registrar, get,
///     metric::Metric,
///     schema::{Column, Table},
/// };
///
/// const PING: Key<(), String> = Key::new("ping");
/// const PINGS: Metric = Metric::counter("pings_total", "Times that somebody asked.", &[]);
///
/// async fn ping() -> Result<Json<String>, Failure> {
///     Ok(Json("pong".to_owned()))
/// }
///
/// // What `Plugin::register` does.
/// fn register(host: &mut Registrar) {
///     host.endpoint(get(PING, "/ping", ping));
///     host.metric(PINGS);
///     host.table(Table::new("ping").column(Column::date("createdAt").not_null()));
/// }
///
/// let mut host = Registrar::default();
/// register(&mut host);
/// assert_eq!((host.endpoints.len(), host.metrics.len(), host.tables.len()), (1, 1, 1));
/// ```
#[derive(Default)]
pub struct Registrar {
    plugin: &'static str,
    /// For the host: what [`endpoint`](Self::endpoint) took.
    pub endpoints: Vec<Registered<Endpoint>>,
    /// For the host: what [`before`](Self::before) and [`after`](Self::after) took.
    pub hooks: Vec<Registered<Hook>>,
    /// For the host: what [`database_hook`](Self::database_hook) took.
    pub database_hooks: Vec<Registered<Arc<dyn DatabaseHook>>>,
    /// For the host: what [`table`](Self::table) took.
    pub tables: Vec<Registered<Table>>,
    /// For the host: what [`columns`](Self::columns) and [`column`](Self::column) took.
    pub columns: Vec<Registered<(CoreTable, Column)>>,
    /// For the host: what [`extend_table`](Self::extend_table) took.
    pub extended: Vec<Registered<(&'static str, Column)>>,
    /// For the host: what [`rate`](Self::rate) took.
    pub rates: Vec<Registered<RateRule>>,
    /// For the host: what [`task`](Self::task) took.
    pub tasks: Vec<Registered<Arc<dyn Task>>>,
    /// For the host: what [`listen`](Self::listen) took.
    pub listeners: Vec<Registered<Arc<dyn Listener>>>,
    /// For the host: what [`command`](Self::command) took.
    pub commands: Vec<Registered<Command>>,
    /// For the host: what [`metric`](Self::metric) took.
    pub metrics: Vec<Registered<Metric>>,
    /// Events of plugins that are matters of security: name and risk.
    pub alarms: Vec<Registered<(&'static str, u8)>>,
    /// For the host: services and slots, to be frozen.
    pub services: ServicesBuilder,
    /// For the host: what keeps it from starting.
    pub problems: Vec<Problem>,
    /// Messages that the plugin sends, with what their data is for.
    pub mails: BTreeMap<&'static str, &'static str>,
}

/// Reacts to events, one after the other.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{Core, Event, async_trait, registrar::Listener};
///
/// struct Greeter;
///
/// #[async_trait]
/// impl Listener for Greeter {
///     async fn on(&self, core: &Arc<Core>, event: &Event) {
///         if let Event::UserCreated { user_id } = event
///             && let Ok(Some(user)) = core.users().find(core.db(), user_id).await
///         {
///             println!("{} is new", user.id);
///         }
///     }
/// }
/// # let mut host = auth_core::Registrar::default();
/// host.listen(Greeter);
/// ```
#[crate::async_trait]
pub trait Listener: Send + Sync + 'static {
    /// Something happened. It runs in a task of the listener's own, after the request: a failure is its own to
    /// log, and events wait behind it.
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

    /// An endpoint. Two with one id, or on one method and path, are a problem at the freeze, unless the manifest
    /// says that this plugin replaces the other.
    pub fn endpoint(&mut self, endpoint: Endpoint) {
        let endpoint = self.by(endpoint);
        self.endpoints.push(endpoint);
    }

    /// A hook before the handler, in `Transport`, `Identify`, `Guard` or `Before`; see [`BeforeHook`]. Any other
    /// phase is a problem at the freeze.
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

    /// A hook on the outcome, in `Challenge`, `After` or `Finish`; see [`AfterHook`]. Any other phase is a problem at
    /// the freeze.
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
    ///
    /// ```
    /// use auth_core::Registrar;
    ///
    /// auth_core::columns! {
    ///     struct Loyalty on User {
    ///         points: i64 => Column::integer("points").default_value(0),
    ///     }
    /// }
    ///
    /// let mut host = Registrar::default();
    /// host.columns::<Loyalty>();
    /// assert!(host.columns.iter().any(|column| column.value.1.name == "points"));
    /// ```
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

    /// A limit on the plugin's own paths. What the operator configures wins over it.
    pub fn rate(&mut self, rule: RateRule) {
        let rule = self.by(rule);
        self.rates.push(rule);
    }

    /// Something to do again and again, on one node at a time.
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
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use auth_core::Registrar;
    ///
    /// /// Published by the plugin that owns the service.
    /// trait Weather: Send + Sync {
    ///     fn is_fine(&self) -> bool;
    /// }
    ///
    /// struct Sun;
    ///
    /// impl Weather for Sun {
    ///     fn is_fine(&self) -> bool {
    ///         true
    ///     }
    /// }
    ///
    /// let mut host = Registrar::default();
    /// host.provide::<dyn Weather>(Arc::new(Sun));
    ///
    /// // Later, in any plugin: `core.services().get::<dyn Weather>()`.
    /// let (services, problems) = host.services.freeze();
    /// assert!(
    ///     problems.is_empty() && services.get::<dyn Weather>().is_some_and(|weather| weather.is_fine())
    /// );
    /// ```
    pub fn provide<T: ?Sized + Any + Send + Sync>(&mut self, service: Arc<T>) {
        self.services.provide(self.plugin, service);
    }

    /// A service that has to be there for what the plugin was configured to do: the server does not
    /// start without it. `what_for` is the key of the configuration, `missing` what to tell whoever wrote it.
    pub fn need<T: ?Sized + Any + Send + Sync>(&mut self, what_for: &str, missing: &'static str) {
        self.services.need::<T>(self.plugin, what_for, missing);
    }

    /// A part of a slot.
    ///
    /// Anybody may contribute, any number of parts; who owns the slot asks all of them, in plugin order, with
    /// [`Services::slot`](crate::services::Services::slot).
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use auth_core::{
    ///     Core, Failure, Registrar, async_trait,
    ///     limits::{Limits, SessionLimits},
    /// };
    ///
    /// struct OneDevice;
    ///
    /// #[async_trait]
    /// impl SessionLimits for OneDevice {
    ///     async fn limits(&self, _: &Core, _: &str) -> Result<Limits, Failure> {
    ///         Ok(Limits::of(0, 1))
    ///     }
    /// }
    ///
    /// let mut host = Registrar::default();
    /// host.contribute::<dyn SessionLimits>(Arc::new(OneDevice));
    /// ```
    pub fn contribute<T: ?Sized + Any + Send + Sync>(&mut self, part: Arc<T>) {
        self.services.contribute(part);
    }

    /// Puts an implementation around the service that another plugin provides.
    ///
    /// Where nobody provides it, that is a problem at the freeze. Of several the last plugin's is the outermost.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use auth_core::{
    ///     Registrar,
    ///     ports::{PasswordPolicy, Unmet},
    /// };
    ///
    /// /// What the policy asks for, and no password of last year.
    /// struct NoYears(Arc<dyn PasswordPolicy>);
    ///
    /// impl PasswordPolicy for NoYears {
    ///     fn unmet(&self, password: &str) -> Vec<Unmet> {
    ///         let mut unmet = self.0.unmet(password);
    ///         if password.contains("2025") {
    ///             unmet.push(Unmet { rule: "year", message: "Leave the year out".to_owned() });
    ///         }
    ///         unmet
    ///     }
    ///
    ///     fn max_length(&self) -> usize {
    ///         self.0.max_length()
    ///     }
    /// }
    ///
    /// let mut host = Registrar::default();
    /// host.wrap::<dyn PasswordPolicy>(|inner| Arc::new(NoYears(inner)));
    /// ```
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
