//! Figures as they are printed.

use auth_core::{Event, metric::Metric};
use auth_telemetry::{Exporter, security};

const WAIT: Metric = Metric::histogram("wait_seconds", "How long.", &["kind"], &[0.1, 1.0]);
const PEOPLE: Metric = Metric::gauge("people", "How many.", &[]);

fn exporter() -> Exporter {
    Exporter::new(security::METRICS.iter().copied().chain([WAIT, PEOPLE])).unwrap()
}

#[test]
fn declarations_give_help_type_and_buckets() {
    let exporter = exporter();
    let metrics = exporter.metrics();
    for seconds in [0.05, 0.5, 5.0] {
        metrics.histogram(&WAIT, &["long"]).record(seconds);
    }
    metrics.gauge(&PEOPLE, &[]).set(3.0);
    exporter.tidy();
    let text = exporter.render();
    for line in [
        "# HELP wait_seconds How long.",
        "# TYPE wait_seconds histogram",
        "wait_seconds_bucket{kind=\"long\",le=\"0.1\"} 1",
        "wait_seconds_bucket{kind=\"long\",le=\"1\"} 2",
        "wait_seconds_bucket{kind=\"long\",le=\"+Inf\"} 3",
        "wait_seconds_count{kind=\"long\"} 3",
        "people 3",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
}

#[test]
fn two_servers_in_a_process_do_not_share_figures() {
    let (one, other) = (exporter(), exporter());
    one.metrics().gauge(&PEOPLE, &[]).set(1.0);
    assert!(one.render().contains("people 1") && !other.render().contains("people"));
}

#[test]
fn events_are_counted_by_method_and_kind() {
    let exporter = exporter();
    let risk = |event: &Event| if event.name() == "key.leaked" { Some(90) } else { event.risk() };
    let watch = security::Watch::new(exporter.metrics().clone(), risk);
    let signed_in = |method| Event::SignedIn { user_id: "u".to_owned(), session_id: "s".to_owned(), method };
    watch.see(&signed_in("password"));
    watch.see(&signed_in("social/github"));
    for _ in 0..30 {
        watch.see(&Event::SignInFailed { method: "password", reason: "wrong", user_id: None, ip: None });
    }
    for name in ["key.leaked", "key.made"] {
        watch.see(&Event::Plugin { plugin: "keys", name, data: serde_json::json!({}) });
    }
    let text = exporter.render();
    for line in [
        "auth_attempts_total{method=\"password\",success=\"true\",provider=\"local\"} 1",
        "auth_attempts_total{method=\"social\",success=\"true\",provider=\"github\"} 1",
        "auth_attempts_total{method=\"password\",success=\"false\",provider=\"local\"} 30",
        "security_events_total{event_type=\"session.sign_in_failed\"} 30",
        "security_events_total{event_type=\"key.leaked\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    assert!(!text.contains("key.made"), "{text}");
}
