//! `tessera doctor`: one line a thing, `ok`, `warn` or `fail`.

use std::{fmt::Write, process::ExitCode};

use anyhow::Result;
use auth_host::{Config, Sources};
use auth_store::{Store, migrate};
use axum::http::Uri;

use crate::{
    application::Application,
    assemble::{Assembly, Problems},
    banner, secret,
};

#[derive(Default)]
struct Findings {
    text: String,
    failed: bool,
}

impl Findings {
    fn say(&mut self, verdict: &str, what: &str) {
        self.failed |= verdict == "fail";
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{verdict:<5}{what}");
    }

    fn ok(&mut self, what: impl AsRef<str>) {
        self.say("ok", what.as_ref());
    }

    fn warn(&mut self, what: impl AsRef<str>) {
        self.say("warn", what.as_ref());
    }

    fn fail(&mut self, what: impl AsRef<str>) {
        self.say("fail", what.as_ref());
    }
}

pub(super) async fn run(application: Application) -> Result<ExitCode> {
    let mut findings = Findings::default();
    match application.clone().assemble() {
        Ok(assembly) => {
            findings.ok("configuration: no problems");
            look_at_secret(application.sources(), &assembly, &mut findings);
            look_at_config(assembly.plan.config(), &mut findings);
            look_at_mail(&assembly, &mut findings);
            look_at_metrics(&assembly, &mut findings);
            look_at_database(&assembly, &mut findings).await;
            look_at_redis(&assembly, &mut findings).await;
        }
        Err(problems) => findings.fail(Problems(problems).to_string()),
    }
    super::print(&findings.text);
    Ok(if findings.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn look_at_secret(sources: &Sources, assembly: &Assembly, findings: &mut Findings) {
    let config = assembly.plan.config();
    if secret::is_configured(sources) {
        match (config.has_weak_secret(), config.is_production()) {
            (false, _) => findings.ok("secret: from the configuration"),
            (true, false) => findings.warn("secret: looks like one from an example"),
            (true, true) => findings.fail("secret: looks like one from an example, and https is production"),
        }
        return;
    }
    let path = secret::path(&assembly.settings.data_dir);
    match secret::Kept::read(&path) {
        Ok(Some(_)) if open_to_others(&path) => {
            findings.fail(format!("secret: others can read {}; `chmod 600` it", path.display()));
        }
        Ok(Some(_)) => findings.ok(format!("secret: kept in {}", path.display())),
        Ok(None) => findings.ok(format!("secret: the first start makes {}", path.display())),
        Err(error) => findings.fail(format!("secret: {error:#}")),
    }
}

#[cfg(unix)]
fn open_to_others(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_: &std::path::Path) -> bool {
    false
}

fn look_at_config(config: &Config, findings: &mut Findings) {
    let uri = config.base_url.parse::<Uri>().unwrap_or_default();
    let local = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match (config.is_production(), local) {
        (true, _) | (false, true) => findings.ok(format!("base_url: {}", config.base_url)),
        (false, false) => findings.warn(format!(
            "base_url: {} is not https; passwords and cookies are readable on the way",
            config.base_url
        )),
    }
    match (config.cookies.secure, config.is_production()) {
        (Some(true), false) if !local => {
            findings.fail("cookies: secure cookies never come back over http; make base_url https");
        }
        (Some(false), true) => findings.warn("cookies: secure is off although base_url is https"),
        _ => findings.ok("cookies: fit base_url"),
    }
    if let Some(domain) = &config.cookies.domain {
        let bare = domain.trim_start_matches('.');
        let host = uri.host().unwrap_or_default();
        if host != bare && !host.ends_with(&format!(".{bare}")) {
            findings.fail(format!("cookies: browsers refuse the domain {domain} from {host}"));
        }
    }
    if config.ip.trust_any_peer {
        findings.warn(
            "ip: trust_any_peer takes addresses from headers of anybody, so rate limits can be passed by; name \
             your proxies in ip.trusted_proxies and set it to false",
        );
    }
    for (on, what) in [
        (config.check_csrf, "check_csrf is off: pages anywhere can send requests with your users' cookies"),
        (config.check_origin, "check_origin is off: mails can carry links to anywhere"),
        (config.rate_limit.enabled, "rate_limit is off: passwords can be guessed as fast as they are hashed"),
    ] {
        if !on {
            findings.warn(what);
        }
    }
}

async fn look_at_redis(assembly: &Assembly, findings: &mut Findings) {
    let shown = assembly.settings.redis.shown();
    match assembly.redis() {
        Ok(None) => {}
        Ok(Some(redis)) => match redis.ping().await {
            Ok(()) => findings.ok(format!("redis: {shown} answers")),
            Err(away) => findings.fail(format!("redis: {shown}: {away}")),
        },
        Err(error) => findings.fail(format!("redis: {error:#}")),
    }
}

fn look_at_mail(assembly: &Assembly, findings: &mut Findings) {
    let mail = &assembly.settings.mail;
    let warnings = auth_notify::warnings(mail, assembly.plan.config().is_production());
    if warnings.is_empty() {
        findings.ok(format!("mail: {}", banner::mail(mail)));
    }
    for warning in &warnings {
        findings.warn(warning);
    }
}

fn look_at_metrics(assembly: &Assembly, findings: &mut Findings) {
    match assembly.settings.metrics.address() {
        None => {}
        Some(at) if at.ip().is_unspecified() => findings.warn(format!(
            "metrics: {at} is every network of this machine, and whoever reaches it may read; listen on one of yours"
        )),
        Some(at) => findings.ok(format!("metrics: read at http://{at}/metrics")),
    }
}

async fn look_at_database(assembly: &Assembly, findings: &mut Findings) {
    let url = auth_store::redact_url(&assembly.settings.database.url);
    let absent = assembly.settings.database.absent_file();
    let store = match assembly.store_to_look_at().await {
        Ok(store) => store,
        Err(error) => return findings.fail(format!("database: {error:#}")),
    };
    match store.db().ping().await {
        Ok(()) if absent.is_some() => findings.ok(format!("database: {url} is made by the first start")),
        Ok(()) => findings.ok(format!("database: {url} answers{}", version(&store).await)),
        Err(error) => return findings.fail(format!("database: {url} does not answer: {error}")),
    }
    match migrate::status(&store.db(), &assembly.plan.owners()).await {
        Ok(status) => {
            status.refusals.iter().for_each(|r| findings.fail(format!("tables: {r}")));
            status.warnings.iter().for_each(|w| findings.warn(format!("tables: {w}")));
            let missing: usize = status.owners.iter().map(|o| o.pending).sum();
            match (missing, assembly.settings.database.auto_migrate) {
                (0, _) => findings.ok("tables: nothing is missing"),
                (n, true) => {
                    findings.ok(format!("tables: the next start makes what is missing ({n} statements)"));
                }
                (n, false) => {
                    findings.fail(format!("tables: {n} statements are missing; run `tessera migrate up`"));
                }
            }
        }
        Err(error) => findings.fail(format!("tables: {error}")),
    }
    store.db().close().await;
}

/// What the database says of itself, as far as it does.
async fn version(store: &Store) -> String {
    use auth_core::sea_orm::{ConnectionTrait, DbBackend, Statement};
    let db = store.db();
    let backend = db.get_database_backend();
    let (name, sql) = match backend {
        DbBackend::Sqlite => ("SQLite ", "SELECT sqlite_version() AS v"),
        DbBackend::Postgres => ("", "SELECT version() AS v"),
        _ => ("MySQL ", "SELECT version() AS v"),
    };
    let row = db.query_one_raw(Statement::from_string(backend, sql)).await.ok().flatten();
    let found = row.and_then(|row| row.try_get::<String>("", "v").ok());
    found.map(|v| format!(" ({name}{})", v.split(" on ").next().unwrap_or_default())).unwrap_or_default()
}
