//! Commands that start nothing.

use std::os::unix::fs::PermissionsExt;

use tessera::plugins::COMPILED;

use crate::support::Folder;

#[test]
fn init_writes_a_configuration_that_works_and_a_secret() {
    let folder = Folder::new();
    let said = folder.run(&["init"]).ok();
    assert!(said.contains("wrote tessera.toml") && said.contains("wrote data/secret"), "{said}");
    folder.run(&["config", "check"]).ok();
    let mode = |name: &str| std::fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("data/secret")), (0o700, 0o600));
    let secret = folder.read("data/secret");
    assert_eq!(secret.trim().len(), 44);

    let again = folder.run(&["init"]);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("--force"), "{again:?}");
    assert!(folder.run(&["init", "--force"]).ok().contains("kept data/secret"));
    assert_eq!(folder.read("data/secret"), secret);
}

#[test]
fn the_template_says_the_defaults() {
    let folder = Folder::new();
    let plain = folder.run(&["config", "dump"]).ok();
    folder.run(&["init"]).ok();
    assert_eq!(folder.run(&["config", "dump"]).ok(), plain);
    // With every comment on a key removed it is still a configuration.
    let lines = folder.read("tessera.toml");
    let keys = lines.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => rest,
        _ => line,
    });
    folder.write("all.toml", &keys.collect::<Vec<_>>().join("\n"));
    let mut check = folder.command(&["--config", "all.toml", "config", "check"]);
    let checked = check.env("TESSERA_MAIL__SMTP__PASSWORD", "hunter2").output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn plugins_are_listed_in_their_order() {
    let folder = Folder::new();
    insta::assert_snapshot!("plugins", folder.run(&["plugins", "list"]).ok());
    let text = folder.run(&["plugins", "list", "--json", "--set", "plugins.account.enabled=false"]).ok();
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    let states: Vec<_> = list["plugins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p["enabled"] == true))
        .collect();
    assert_eq!(states[..3], [("session", true), ("email-password", true), ("account", false)]);
}

#[test]
fn manifests_are_told_of_every_plugin_also_where_the_plugins_do_not_fit() {
    let text = Folder::new().run(&["plugins", "manifests", "--set", "plugins.session.enabled=false"]).ok();
    let build: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(build["hostApi"], auth_core::HOST_API);
    let plugins = build["plugins"].as_array().unwrap();
    assert_eq!(plugins.len(), COMPILED.len());
    let account = plugins.iter().find(|plugin| plugin["id"] == "account").unwrap();
    assert_eq!((&account["hostApi"], &account["extends"]), (&"^0.1".into(), &serde_json::Value::Null));
}

#[test]
fn a_plugin_whose_need_is_off_is_refused() {
    let outcome = Folder::new().run(&["config", "check", "--set", "plugins.session.enabled=false"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("session"), "{outcome:?}");
}

#[test]
fn openapi_is_printed() {
    let text = Folder::new().run(&["openapi"]).ok();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/sign-up/email"]["post"].is_object());
    assert_eq!(document["paths"]["/get-session"]["get"]["x-aliases"], serde_json::json!(["GET /session"]));
}

#[test]
fn the_database_is_migrated_step_by_step() {
    let folder = Folder::new();
    let missing = folder.run(&["migrate", "status"]);
    assert_eq!(missing.code, 1);
    assert!(missing.out.contains("never migrated"), "{missing:?}");
    let plan = folder.run(&["migrate", "plan"]).ok();
    assert!(plan.to_lowercase().contains("create table") && plan.contains("-- core"), "{plan}");
    assert!(!folder.path("data/tessera.sqlite").exists(), "who only looks makes no database");
    assert!(folder.run(&["migrate", "up"]).ok().contains("statements"));
    assert!(folder.run(&["migrate", "status"]).ok().contains("up to date"));
    assert_eq!(folder.run(&["migrate", "plan"]).ok(), "-- nothing is missing\n");
    assert_eq!(folder.run(&["migrate", "up"]).ok(), "nothing was missing\n");
}

#[test]
fn doctor_finds_what_is_wrong() {
    let folder = Folder::new();
    let well = folder.run(&["doctor"]).ok();
    assert!(well.lines().all(|line| line.starts_with("ok ")), "{well}");
    assert!(well.contains("data/tessera.sqlite is made by the first start"), "{well}");
    assert!(!folder.path("data/tessera.sqlite").exists(), "who only looks makes no database");

    let ill = folder.run(&[
        "doctor",
        "--set",
        "base_url=https://auth.example.com",
        "--set",
        "secret=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "--set",
        "cookies.domain=other.org",
        "--set",
        "ip.trust_any_peer=true",
        "--set",
        "check_csrf=false",
        "--set",
        "database.auto_migrate=false",
    ]);
    assert_eq!(ill.code, 1);
    for expected in [
        "fail secret:",
        "fail cookies: browsers refuse the domain other.org",
        "warn ip: trust_any_peer",
        "warn check_csrf",
        "warn mail.transport is \"console\"",
        "fail tables:",
    ] {
        assert!(ill.out.contains(expected), "{expected} in {}", ill.out);
    }
    let away = folder.run(&[
        "doctor",
        "--set",
        "database.url=postgres://u:hunter2@127.0.0.1:1/d",
        "--set",
        "database.acquire_timeout_ms=300",
    ]);
    assert_eq!(away.code, 1);
    assert!(away.out.contains("fail database:") && !away.out.contains("hunter2"), "{}", away.out);
    let broken = folder.run(&["doctor", "--set", "nonsense=1"]);
    assert_eq!((broken.code, broken.out.contains("fail the configuration has 1 problem")), (1, true));
}

#[test]
fn secrets_are_rotated_and_kept() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["secret", "rotate"]).code, 1);
    folder.run(&["init"]).ok();
    let first = folder.read("data/secret").trim().to_owned();
    let said = folder.run(&["secret", "rotate"]).ok();
    assert!(said.contains("version 1") && said.contains("sign in again"), "{said}");
    let lines = folder.read("data/secret");
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.starts_with("1:") && lines.ends_with(&format!("{first}\n")));
    assert!(!said.contains(&first));
    for _ in 0..5 {
        folder.run(&["secret", "rotate"]).ok();
    }
    let versions: Vec<_> =
        folder.read("data/secret").lines().map(|l| l.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(versions, ["6", "5", "4", "3"]);
    let mode = std::fs::metadata(folder.path("data/secret")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let elsewhere = folder.run(&["secret", "rotate", "--set", "secret=0123456789abcdef0123456789abcdef"]);
    assert_eq!((elsewhere.code, elsewhere.err.contains("`secrets`")), (1, true));
}

#[test]
fn plugins_bring_commands_of_their_own() {
    let folder = Folder::new();
    let on = ["--set", "plugins.jwt.enabled=true"];
    let keys = |words: &[&str]| folder.run(&[&on[..], &["keys"], words].concat());
    assert!(keys(&["list"]).ok().contains("no keys"));
    let made = keys(&["rotate"]).ok();
    let kid = made.split_whitespace().next().unwrap().to_owned();
    assert!(keys(&["list"]).ok().starts_with(&format!("{kid}  EdDSA   signs")));
    // The same moment still: the same key.
    assert!(keys(&["rotate", "--now"]).ok().starts_with(&kid));
    assert!(keys(&["revoke", &kid]).ok().contains("is revoked"));
    assert!(!keys(&["list"]).ok().contains(&kid));

    let missing = keys(&["revoke", &kid]);
    assert_eq!((missing.code, missing.out.as_str()), (1, ""));
    assert!(
        missing.err.contains("there is no key") && missing.err.contains("tessera keys list"),
        "{missing:?}"
    );
    for wrong in [&["revoke"][..], &["rotate", "--soon"], &["polish"], &[]] {
        let refused = keys(wrong);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.err.contains("tessera keys"), "{refused:?}");
    }
    assert!(keys(&["--help"]).ok().contains("rotate"));
    assert!(
        folder
            .run(&[&on[..], &["plugins", "list"]].concat())
            .ok()
            .contains("tessera keys list|rotate|revoke")
    );

    let off = folder.run(&["keys", "list"]);
    assert_eq!(off.code, 1);
    assert!(off.err.contains("there is no command `keys` here"), "{off:?}");
}
