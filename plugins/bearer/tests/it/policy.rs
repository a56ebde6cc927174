//! `[plugins.bearer.clients]`.

use auth_plugin_bearer::ClientPolicy;
use auth_testkit::auth_core::Preset;

use crate::{DAY, app};

fn problems(toml: &str) -> Vec<String> {
    match app().config(toml).plan() {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_default_client_is_always_there() {
    for preset in [Preset::Tessera, Preset::BetterAuth] {
        assert!(app().preset(preset).plan().is_ok());
    }
    assert_eq!(problems("[plugins.bearer]\nclients = {}"), [""; 0]);
    assert_eq!(problems("[plugins.bearer.clients.phone]\ntoken_expires_in = 60"), [""; 0]);
    let policy = ClientPolicy::default();
    assert_eq!((policy.token_expires_in, policy.refresh_expires_in), (900, 30 * DAY));
    assert_eq!((policy.longest, policy.reuse_leeway), (90 * DAY, 0));
}

#[test]
fn figures_that_cannot_work_are_refused_by_their_key() {
    let wrong = [
        ("token_expires_in = 0", "phone.token_expires_in: has to be at least one second"),
        (
            "token_expires_in = 60\nrefresh_expires_in = 59",
            "phone.refresh_expires_in: has to be at least `token_expires_in`",
        ),
        (
            "refresh_expires_in = 999999999999",
            "phone.refresh_expires_in: has to be at most 315360000 seconds",
        ),
        ("longest = 999999999999", "phone.longest: has to be at most 315360000 seconds"),
        ("longest = 60", "phone.longest: has to be at least `refresh_expires_in`"),
        ("reuse_leeway = 900", "phone.reuse_leeway: has to be less than `token_expires_in`"),
        ("token_expires_in = -1", "plugins.bearer: invalid value: integer `-1`"),
        ("token_expires_in = \"soon\"", "plugins.bearer: invalid type: string \"soon\""),
        ("expires_in = 5", "plugins.bearer: unknown field `expires_in`"),
    ];
    for (lines, expected) in wrong {
        let found = problems(&format!("[plugins.bearer.clients.phone]\n{lines}"));
        assert!(found.iter().any(|problem| problem.contains(expected)), "{lines}: {found:?}");
    }
    for good in
        ["token_expires_in = 60\nrefresh_expires_in = 60\nlongest = 60", "reuse_leeway = 899", "longest = 0"]
    {
        assert_eq!(problems(&format!("[plugins.bearer.clients.phone]\n{good}")), [""; 0], "{good}");
    }
}

#[test]
fn names_of_clients_are_plain() {
    for name in ["my phone", "", "a/b", "ü", &"x".repeat(65)] {
        let found = problems(&format!("[plugins.bearer.clients.\"{name}\"]\ntoken_expires_in = 60"));
        assert!(found.iter().any(|problem| problem.contains("is no name of a client")), "{name}: {found:?}");
    }
}
