//! A plan that runs.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;
use auth_core::{
    AfterHook, BeforeHook, Call, Caller, Core, Db, Event, Failure, Match, Phase, Problem,
    call::Request,
    core::{Dispatcher, Parts},
    crypto::{Argon2Params, PasswordPool, PoolConfig, Rng, Scheme, Secret, Secrets},
    endpoint::{Erased, Facts, Reply, Tag},
    http::Method,
    ip::ClientIpConfig,
    metric::Metrics,
    origin::TrustedOrigins,
    ports::{CacheProvider, Clock, Mailer, Nodes},
    rate::{Limiter, RateRule},
    registrar::HookFn,
    schema::Schema,
    settings::{Checks, CookieSettings, Settings},
};

use crate::{
    config::{Config, RateLimitConfig, parse_net},
    dispatch::validate,
    limits::{Rules, Steady},
    plan::{Entry, Plan},
    router::Router,
    tasks::{Background, TaskOutcome},
};

/// What a plan needs from outside to run.
pub struct Runtime {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub mailer: Arc<dyn Mailer>,
    pub caches: Arc<dyn CacheProvider>,
    pub limiter: Arc<dyn Limiter>,
    /// Counts on this node while `limiter` does not answer.
    pub meanwhile: Arc<dyn Limiter>,
    pub nodes: Arc<dyn Nodes>,
    pub metrics: Metrics,
}

/// An endpoint with the hooks that are for it.
pub(crate) struct Route {
    pub(crate) id: &'static str,
    /// Below the base path, with `:name` for parameters; of endpoints that the network reaches.
    pub(crate) path: Option<String>,
    pub(crate) facts: Arc<Facts>,
    pub(crate) handler: Arc<dyn Erased>,
    pub(crate) forms: bool,
    pub(crate) no_store: bool,
    pub(crate) before: Vec<Arc<dyn BeforeHook>>,
    pub(crate) after: Vec<Arc<dyn AfterHook>>,
    pub(crate) finish: Vec<Arc<dyn AfterHook>>,
}

/// A running host.
pub struct Host {
    core: Arc<Core>,
    routes: Vec<Route>,
    by_id: HashMap<String, usize>,
    router: Router,
    roots: HashMap<&'static str, String>,
    rules: RwLock<Arc<Rules>>,
    /// As plugins have registered them.
    rates: Vec<RateRule>,
    disabled: HashSet<String>,
    background: Background,
    alarms: HashMap<(&'static str, &'static str), u8>,
}

impl Plan {
    /// Starts the plan on its runtime. The tables have to be there.
    pub fn start(mut self, runtime: Runtime) -> Result<Arc<Host>, Vec<Problem>> {
        let config = self.loaded.config.clone();
        let schema = Schema::new(|table| self.extras(table));
        let (services, problems) = std::mem::take(&mut self.registrar.services).freeze();
        if !problems.is_empty() {
            return Err(problems);
        }
        let rates = Rules::registered(&self.registrar);
        let rules = Rules::new(&config.rate_limit, &rates)
            .map_err(|wrong| in_rules(wrong, |key| self.loaded.place(key)))?;
        let metrics = runtime.metrics.clone();
        let limiter = Arc::new(Steady::new(runtime.limiter, runtime.meanwhile, metrics));
        let passwords = PasswordPool::new(pool_config(&config), runtime.rng.clone())
            .map_err(|e| vec![Problem::new("passwords", e.to_string())])?;
        let core = Arc::new(Core::new(Parts {
            settings: settings(&config)?,
            clock: runtime.clock,
            rng: runtime.rng,
            db: runtime.db,
            schema,
            services,
            mailer: runtime.mailer,
            passwords: Arc::new(passwords),
            caches: runtime.caches,
            nodes: runtime.nodes,
            limiter,
            metrics: runtime.metrics,
            database_hooks: self.registrar.database_hooks.iter().map(|h| h.value.clone()).collect(),
            plugins: std::mem::take(&mut self.instances),
        }));
        let routes = self.entries.iter().map(|entry| self.route(entry)).collect();
        let host = Arc::new(Host {
            routes,
            by_id: self.by_id,
            router: self.router,
            roots: self.roots,
            rules: RwLock::new(Arc::new(rules)),
            rates,
            disabled: config.disabled_paths.iter().cloned().collect(),
            background: Background::new(&self.registrar),
            alarms: self.registrar.alarms.iter().map(|a| ((a.plugin, a.value.0), a.value.1)).collect(),
            core,
        });
        let weak = Arc::downgrade(&host);
        host.core.set_dispatcher(weak);
        Ok(host)
    }

    fn route(&self, entry: &Entry) -> Route {
        let (id, facts) = (entry.endpoint.id, &entry.facts);
        let mut route = Route {
            id,
            path: entry.endpoint.path.as_ref().map(ToString::to_string),
            facts: facts.clone(),
            handler: entry.endpoint.handler.clone(),
            forms: entry.endpoint.forms,
            no_store: entry.endpoint.no_store,
            before: Vec::new(),
            after: Vec::new(),
            finish: Vec::new(),
        };
        // The hooks are sorted by phase, plugin order and registration.
        for hook in
            self.registrar.hooks.iter().map(|h| &h.value).filter(|h| Match::fits(h.matches, id, &facts.tags))
        {
            match &hook.run {
                HookFn::Before(run) => route.before.push(run.clone()),
                HookFn::After(run) if hook.phase == Phase::Finish => route.finish.push(run.clone()),
                HookFn::After(run) => route.after.push(run.clone()),
            }
        }
        route
    }
}

/// Problems of the section `rate_limit.rules`.
pub(crate) fn in_rules(wrong: Vec<(String, String)>, place: impl Fn(&str) -> String) -> Vec<Problem> {
    let problem =
        |(key, what): (String, String)| Problem::new(place(&format!("rate_limit.rules.{key}")), what);
    wrong.into_iter().map(problem).collect()
}

fn pool_config(config: &Config) -> PoolConfig {
    let passwords = &config.passwords;
    let defaults = PoolConfig::default();
    PoolConfig {
        threads: if passwords.threads == 0 { defaults.threads } else { passwords.threads },
        queue: passwords.queue,
        max_wait: std::time::Duration::from_millis(passwords.max_wait_ms),
        params: Argon2Params {
            memory_kib: passwords.memory_kib,
            iterations: passwords.iterations,
            parallelism: passwords.parallelism,
        },
        scheme: if passwords.scheme == "scrypt" { Scheme::Scrypt } else { Scheme::Argon2id },
    }
}

fn settings(config: &Config) -> Result<Settings, Vec<Problem>> {
    let one = |key: &str, what: String| vec![Problem::new(key, what)];
    let base_url = url::Url::parse(&config.base_url).map_err(|e| one("base_url", e.to_string()))?;
    let secrets = if config.secrets.is_empty() {
        let secret = config.secret.clone().ok_or_else(|| {
            one("secret", "is missing; `tessera init` writes one, or set TESSERA_SECRET".to_owned())
        })?;
        Secrets::single(Secret::from(secret))
    } else {
        let versions = config.secrets.iter().map(|s| (s.version, Secret::from(s.value.clone()))).collect();
        Secrets::versioned(versions, config.secret.clone().map(Secret::from))
            .map_err(|e| one("secrets", e.to_string()))?
    };
    let origins = TrustedOrigins::new(&base_url, &config.trusted_origins)
        .map_err(|bad| bad.into_iter().map(|b| Problem::new("trusted_origins", b)).collect::<Vec<_>>())?;
    Ok(Settings {
        preset: config.preset,
        app_name: config.app_name.clone(),
        base_path: config.base_path.clone(),
        secrets,
        origins,
        client_ip: ClientIpConfig {
            headers: config.ip.headers.clone(),
            trusted_proxies: config.ip.trusted_proxies.iter().filter_map(|p| parse_net(p)).collect(),
            ipv6_subnet: config.ip.ipv6_subnet,
        },
        trust_any_peer: config.ip.trust_any_peer,
        checks: Checks { csrf: config.check_csrf, origin: config.check_origin },
        cookies: CookieSettings {
            prefix: config.cookies.prefix.clone(),
            secure: config.cookies.secure.unwrap_or(base_url.scheme() == "https"),
            domain: config.cookies.domain.clone(),
        },
        rehash_passwords: config.passwords.rehash,
        base_url,
    })
}

impl Host {
    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts other rate rules in the place of those that hold now, all at once. Rules that are wrong change
    /// nothing. Where requests are counted stays as it was at the start.
    pub fn set_rate_limits(&self, config: &RateLimitConfig) -> Result<(), Vec<Problem>> {
        let rules = Rules::new(config, &self.rates).map_err(|wrong| in_rules(wrong, str::to_owned))?;
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
        Ok(())
    }

    pub(crate) fn is_disabled(&self, path: &str) -> bool {
        self.disabled.contains(path)
    }

    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<(&Route, Vec<(&'static str, String)>)> {
        let (at, params) = self.router.find(method, path)?;
        Some((self.routes.get(at)?, params))
    }

    /// The addresses of the server itself that endpoints answer too, outside of the base path.
    pub fn roots(&self) -> impl Iterator<Item = &'static str> {
        self.roots.keys().copied()
    }

    /// The path below the base path that an address of the server itself stands for.
    #[must_use]
    pub fn at_root(&self, path: &str) -> Option<&str> {
        self.roots.get(path).map(String::as_str)
    }

    /// The id of the endpoint that answers: for logs, where a path may hold a secret.
    #[must_use]
    pub fn endpoint(&self, method: &Method, path: &str) -> Option<&'static str> {
        self.find(method, path).map(|(route, _)| route.id)
    }

    /// The ids of the endpoints with a tag: whoever guards what they do can look at each.
    pub fn tagged(&self, tag: Tag) -> impl Iterator<Item = &'static str> {
        self.routes.iter().filter(move |route| route.facts.tags.contains(&tag)).map(|route| route.id)
    }

    /// The path of an endpoint below the base path, with `:name` for parameters.
    #[must_use]
    pub fn template(&self, endpoint: &str) -> Option<&str> {
        self.routes.get(*self.by_id.get(endpoint)?)?.path.as_deref()
    }

    /// How alarming an event is, from 1 to 100, where it is a matter of security.
    #[must_use]
    pub fn risk(&self, event: &Event) -> Option<u8> {
        match event {
            Event::Plugin { plugin, name, .. } => self.alarms.get(&(*plugin, *name)).copied(),
            event => event.risk(),
        }
    }

    /// How each background task that has run on this node has ended.
    #[must_use]
    pub fn tasks(&self) -> Vec<(&str, TaskOutcome)> {
        self.background.outcomes()
    }

    /// Runs every background task once, for tests and `tessera tasks run`.
    pub async fn run_tasks(&self) -> Result<(), Failure> {
        self.background.run_all(&self.core).await
    }

    /// Starts background tasks and event listeners; they end with the handle.
    #[must_use]
    pub fn spawn_background(&self) -> tokio::task::JoinSet<()> {
        self.background.spawn(&self.core)
    }

    /// Who sent these headers: for layers and extractors of applications.
    pub async fn identify(
        &self,
        request: Request,
        level: auth_core::session::Level,
    ) -> Result<(Option<auth_core::session::Identity>, Arc<Call>), Failure> {
        let facts = Arc::new(Facts::default());
        let call = Arc::new(Call::new(self.core.clone(), "identify", facts, Caller::Client, request));
        let authority = self.core.services().get::<dyn auth_core::session::SessionAuthority>();
        let identity = match authority {
            Some(authority) => authority.resolve(&call, level).await?,
            None => None,
        };
        if let Some(identity) = &identity {
            self.core.saw_user(&identity.user.id);
        }
        Ok((identity, call))
    }
}

#[async_trait]
impl Dispatcher for Host {
    async fn dispatch(&self, endpoint: &str, request: Request, caller: Caller) -> Result<Reply, Failure> {
        let route = self.route_of(endpoint)?;
        let call = Call::new(self.core.clone(), route.id, route.facts.clone(), caller, request);
        self.run(route, call).await.1
    }

    async fn original(&self, endpoint: &str, call: &Arc<Call>) -> Result<Reply, Failure> {
        let route = self.route_of(endpoint)?;
        let mut lent = call.lend(route.id, route.facts.clone());
        let checked = validate(&mut lent);
        let lent = Arc::new(lent);
        let outcome = match checked {
            Ok(()) => route.handler.run(lent.clone()).await,
            Err(refusal) => Err(refusal),
        };
        call.resume(&lent);
        outcome
    }
}

impl Host {
    fn route_of(&self, endpoint: &str) -> Result<&Route, Failure> {
        let route = self.by_id.get(endpoint).and_then(|at| self.routes.get(*at));
        route.ok_or_else(|| Failure::internal(format!("there is no endpoint {endpoint}")))
    }
}
