//! What operators see: metrics, health, budgets.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use auth_core::{
    Core, Manifest, Plugin, Problem, Registrar, breaker::Circuit, config::NoConfig, ports::Dependency,
};
use auth_host::Sources;
use tessera::Application;

use crate::{
    nodes::nowhere,
    support::{Folder, Server, ask, free_address},
};

const ADA: &str = r#"{"name":"Ada","email":"ada@example.com","password":"Correct-Horse-42"}"#;
const WRONG: &str = r#"{"email":"ada@example.com","password":"not the password"}"#;

fn sign_up(server: &Server) {
    assert!(server.send("POST /api/auth/sign-up/email", ADA).starts_with("HTTP/1.1 200"));
}

/// A server whose figures are read, and where.
fn counted(folder: &Folder, more: &[&str]) -> (Server, String) {
    let address = free_address();
    let listen = format!("metrics.listen={address}");
    (folder.serve(&[&["--set", &listen], more].concat()), address)
}

fn figures(address: &str) -> String {
    let answer = ask(address, "GET /metrics", "", "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

fn assert_lines(figures: &str, lines: &[&str]) {
    for line in lines {
        assert!(figures.lines().any(|found| found == *line), "{line} is not in\n{figures}");
    }
}

#[test]
fn requests_and_sign_ins_are_counted() {
    let folder = Folder::new();
    let (server, metrics) = counted(&folder, &[]);
    sign_up(&server);
    for _ in 0..2 {
        assert!(server.send("POST /api/auth/sign-in/email", WRONG).starts_with("HTTP/1.1 401"));
    }
    let found = figures(&metrics);
    assert_lines(
        &found,
        &[
            "http_requests_total{method=\"POST\",route=\"/api/auth/sign-up/email\",status_code=\"200\"} 1",
            "http_requests_total{method=\"POST\",route=\"/api/auth/sign-in/email\",status_code=\"401\"} 2",
            "auth_attempts_total{method=\"sign-up\",success=\"true\",provider=\"local\"} 1",
            "auth_attempts_total{method=\"email-password\",success=\"false\",provider=\"local\"} 2",
            "security_events_total{event_type=\"session.sign_in_failed\"} 2",
            "active_users_total{time_window=\"5m\"} 1",
            "active_users_total{time_window=\"24h\"} 1",
            "dependency_up{dependency=\"database\"} 1",
        ],
    );
    let bucket = "http_request_duration_seconds_bucket{method=\"POST\",route=\"/api/auth/sign-up/email\",";
    let bounds: Vec<_> = found
        .lines()
        .filter(|line| line.starts_with(bucket))
        .map(|line| line.split("le=\"").nth(1).unwrap().split('"').next().unwrap())
        .collect();
    let wanted = "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf";
    assert_eq!(bounds.join(" "), wanted);
}

#[test]
fn a_path_that_a_client_made_up_is_no_label() {
    let folder = Folder::new();
    let (server, metrics) = counted(&folder, &[]);
    for path in ["/api/auth/made-up-1", "/made-up-2", "/api/auth/reset-password/made-up-3"] {
        drop(server.send(&format!("GET {path}"), ""));
    }
    drop(server.send("BREW /api/auth/ok", ""));
    let found = figures(&metrics);
    assert!(!found.contains("made-up") && !found.contains("BREW"), "{found}");
    assert_lines(
        &found,
        &[
            "http_requests_total{method=\"GET\",route=\"unknown\",status_code=\"404\"} 2",
            "http_requests_total{method=\"other\",route=\"unknown\",status_code=\"404\"} 1",
        ],
    );
    assert!(found.contains("route=\"/api/auth/reset-password/:token\""), "{found}");
}

#[test]
fn the_rate_limiters_rule_is_named_and_not_what_was_sent() {
    let folder = Folder::new();
    let (server, metrics) = counted(&folder, &["--set", "rate_limit.max=2"]);
    for _ in 0..4 {
        drop(server.send("GET /api/auth/made-up", ""));
    }
    let found = figures(&metrics);
    assert_lines(
        &found,
        &["rate_limit_refusals_total{rule=\"default\"} 2", "rate_limit_hits_total{rule=\"default\"} 4"],
    );
    assert_lines(&found, &["security_events_total{event_type=\"rate.limited\"} 2"]);
    server.signal("TERM");
    let (_, _, log) = server.end();
    assert!(log.contains("rate.limited") && log.contains("unknown") && !log.contains("made-up"), "{log}");
}

#[test]
fn figures_are_read_at_their_own_listener_only() {
    let folder = Folder::new();
    let (server, metrics) = counted(&folder, &[]);
    assert!(server.send("GET /metrics", "").starts_with("HTTP/1.1 404"));
    assert!(ask(&metrics, "GET /api/auth/ok", "", "").starts_with("HTTP/1.1 404"));
    assert!(ask(&metrics, "POST /metrics", "", "").starts_with("HTTP/1.1 405"));
    let outcome = folder.run(&["--set", "server.port=0", "--set", &format!("metrics.listen={metrics}")]);
    assert!(outcome.code == 1 && outcome.err.contains("metrics.listen"), "{outcome:?}");
    let doctor = |listen: &str| folder.run(&["--set", &format!("metrics.listen={listen}"), "doctor"]).out;
    assert!(doctor("0.0.0.0:9464").contains("warn metrics: 0.0.0.0:9464"));
    assert!(doctor("127.0.0.1:9464").contains("ok   metrics: read at http://127.0.0.1:9464/metrics"));
    let outcome = folder.run(&["--set", "metrics.listen=everywhere", "config", "check"]);
    assert!(outcome.code == 2 && outcome.err.contains("metrics.listen"), "{outcome:?}");
}

#[test]
fn health_names_each_dependency_and_nothing_more() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let body =
        |path: &str| server.send(&format!("GET {path}"), "").split("\r\n\r\n").nth(1).unwrap().to_owned();
    let fine = r#"{"status":"ok","checks":{"database":"ok","migrations":"ok","mail":"ok","tasks":"ok"}}"#;
    assert_eq!(body("/health"), fine);
    for (old, new, text) in [("/healthz", "/health/live", "ok\n"), ("/readyz", "/health/ready", "ready\n")] {
        assert_eq!((body(old), body(new)), (text.to_owned(), text.to_owned()));
    }
}

#[test]
fn a_redis_that_is_away_leaves_the_server_ready() {
    let folder = Folder::new();
    let (server, metrics) = counted(&folder, &["--set", &nowhere()]);
    let answer = server.send("GET /health", "");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"status\":\"degraded\""), "{answer}");
    assert!(answer.contains("\"redis\":\"degraded\"") && !answer.contains("geheim"), "{answer}");
    assert!(server.send("GET /health/ready", "").starts_with("HTTP/1.1 200"));
    let found = figures(&metrics);
    assert_lines(&found, &["dependency_up{dependency=\"redis\"} 0", "bus_in_touch 0"]);
    assert!(found.contains("circuit_state{dependency=\"redis\"} "), "{found}");
}

#[test]
fn an_exceeded_budget_is_a_warning_and_a_figure() {
    let folder = Folder::new();
    let budgets = ["--set", "budgets.interval=1", "--set", "budgets.memory_mb=1"];
    let (server, metrics) = counted(&folder, &budgets);
    let exceeded = (0..50).any(|_| {
        thread::sleep(Duration::from_millis(100));
        figures(&metrics).contains("budget_exceeded{budget=\"memory\"} 1\n")
    });
    assert!(exceeded, "{}", figures(&metrics));
    assert_lines(&figures(&metrics), &["budget_exceeded{budget=\"errors\"} 0"]);
    server.signal("TERM");
    let (_, _, log) = server.end();
    assert!(log.contains("a budget is exceeded") && log.contains("memory"), "{log}");
}

static AWAY: AtomicBool = AtomicBool::new(false);

/// Asks something outside of the server.
struct Asks;

impl Plugin for Asks {
    const MANIFEST: Manifest = Manifest::new("asks", "1.0.0", "Asks something elsewhere");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn Dependency>(self);
    }
}

impl Dependency for Asks {
    fn name(&self) -> &'static str {
        "elsewhere"
    }

    fn circuit(&self, _: &Core) -> Option<Circuit> {
        Some(if AWAY.load(Ordering::Relaxed) { Circuit::Open } else { Circuit::Closed })
    }
}

#[tokio::test]
async fn what_a_plugin_asks_is_a_figure_and_in_health() {
    let folder = Folder::new();
    let sources = Sources::empty()
        .set("secret", "a secret that is long enough for a test")
        .set("database.url", "sqlite::memory:")
        .set("data_dir", folder.path("data").to_str().unwrap())
        .set("metrics.listen", "127.0.0.1:0");
    let running = Application::new(sources).plugin::<Asks>().with_secret().unwrap().start().await.unwrap();
    let page = running.metrics().await.unwrap();
    assert_lines(
        &page,
        &["circuit_state{dependency=\"elsewhere\"} 0", "dependency_up{dependency=\"elsewhere\"} 1"],
    );
    // Without a mail server, Redis or a signer there is nothing else.
    assert_eq!(page.matches("\ncircuit_state{").count(), 1, "{page}");
    AWAY.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let page = running.metrics().await.unwrap();
    assert_lines(
        &page,
        &["circuit_state{dependency=\"elsewhere\"} 2", "dependency_up{dependency=\"elsewhere\"} 0"],
    );
    running.stop().await;
}
