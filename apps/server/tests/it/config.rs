//! What is said about configurations.

use crate::support::Folder;

#[test]
fn every_problem_is_told_at_once_with_its_place_and_the_nearest_key() {
    let folder = Folder::new();
    folder.write(
        "tessera.toml",
        "base_ur = \"http://x\"\napp_name = 7\n\n[server]\nportt = 1\n\n[database]\nurl = \"mongodb://h/d\"\n\n\
         [mail]\ntransport = \"smtp\"\n\n[log]\nlevel = \"in=fo=x\"\n\n[plugins.sesion]\nenabled = true\n",
    );
    let outcome = folder.run(&["config", "check"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
    insta::assert_snapshot!("problems", outcome.err);
}

#[test]
fn plugins_check_their_own_sections() {
    let folder = Folder::new();
    folder.write(
        "tessera.toml",
        "[plugins.session]\nexpire_in = 5\n\n[plugins.email-pasword]\nenabled = true\n",
    );
    let outcome = folder.run(&["config", "check"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.err.contains("plugins.session.expire_in: no such key; did you mean `expires_in`?"),
        "{outcome:?}"
    );
    assert!(outcome.err.contains("did you mean `email-password`?"), "{outcome:?}");
}

#[test]
fn later_layers_win() {
    let folder = Folder::new();
    folder.write("tessera.toml", "app_name = \"file\"\n");
    folder.write("other.toml", "app_name = \"other\"\n");
    let name = |args: &[&str], variable: Option<&str>| {
        let mut command = folder.command(args);
        command.args(["config", "dump", "--format", "json"]);
        if let Some(value) = variable {
            command.env("TESSERA_APP_NAME", value);
        }
        let output = command.output().unwrap();
        let dump: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        dump["app_name"].as_str().unwrap().to_owned()
    };
    assert_eq!(name(&[], None), "file");
    assert_eq!(name(&["--config", "other.toml"], None), "other");
    assert_eq!(name(&[], Some("environment")), "environment");
    assert_eq!(name(&["--set", "app_name=flag"], Some("environment")), "flag");
}

#[test]
fn wrong_flags_and_variables_are_named() {
    let folder = Folder::new();
    let outcome = folder.run(&["config", "check", "--set", "server.port=many"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("--set: server.port"), "{outcome:?}");
    let outcome = folder.run(&["config", "check", "--set", "nothing"]);
    assert_eq!(outcome.code, 2);
    let outcome = folder.run(&["--config", "missing.toml", "config", "check"]);
    assert_eq!(
        (outcome.code, outcome.err.contains("missing.toml: there is no such file")),
        (2, true),
        "{outcome:?}"
    );
    let output = folder.command(&["config", "check"]).env("TESSERA_BASE_UR", "x").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("TESSERA_") && text.contains("did you mean `base_url`?"), "{text}");
}

#[test]
fn a_folder_above_does_not_count() {
    let folder = Folder::new();
    folder.write("tessera.toml", "nonsense = 1\n");
    std::fs::create_dir(folder.path("below")).unwrap();
    let outcome = folder.command(&["config", "check"]).current_dir(folder.path("below")).output().unwrap();
    assert!(outcome.status.success());
}

#[test]
fn dumps_hold_everything_but_secrets() {
    let folder = Folder::new();
    folder.write(
        "tessera.toml",
        "secret = \"hunter2-hunter2-hunter2-hunter2-hunter2\"\n\
         secrets = [{ version = 1, value = \"hunter2+hunter2+hunter2+hunter2+hunter2\" }]\n\
         [database]\nurl = \"postgres://u:hunter2@h/d\"\n\
         [mail]\ntransport = \"smtp\"\nfrom = \"a@example.com\"\nsmtp.url = \"smtps://u:hunter2@h:465\"\n",
    );
    for format in ["toml", "json"] {
        let text = folder.run(&["config", "dump", "--format", format]).ok();
        assert!(!text.contains("hunter2"), "{text}");
        for expected in ["postgres://u:***@h/d", "expires_in", "body_limit", "[secret]"] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }
}

#[test]
fn problems_do_not_repeat_secrets() {
    let folder = Folder::new();
    folder.write(
        "tessera.toml",
        "secrets = \"hunter2\"\n[database]\nurl = [\"hunter2\"]\n[mail.smtp]\npassword = [\"hunter2\"]\n",
    );
    let outcome = folder.run(&["config", "check"]);
    assert_eq!((outcome.code, outcome.err.contains("hunter2")), (2, false), "{outcome:?}");
    let number =
        folder.command(&["config", "check"]).env("TESSERA_SECRET", "4242424242424242").output().unwrap();
    assert!(!String::from_utf8_lossy(&number.stderr).contains("4242"));
}

#[test]
fn a_dump_is_a_configuration() {
    let folder = Folder::new();
    let text = folder.run(&["config", "dump"]).ok();
    folder.write("again.toml", &text);
    folder.run(&["--config", "again.toml", "config", "check"]).ok();
    assert_eq!(folder.run(&["--config", "again.toml", "config", "dump"]).ok(), text);
}

#[test]
fn the_schema_knows_every_section() {
    let text = Folder::new().run(&["config", "schema"]).ok();
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    let properties = &schema["properties"];
    for key in ["base_url", "secret", "server", "database", "mail", "log", "data_dir", "plugins"] {
        assert!(properties[key].is_object(), "{key}");
    }
    assert!(properties["server"]["properties"]["port"]["description"].is_string());
    assert!(properties["plugins"]["properties"]["session"].is_object());
}

#[test]
fn explaining_tells_each_layer_and_what_it_beat() {
    let folder = Folder::new();
    folder.write(
        "tessera.toml",
        "[plugins.session]\nexpires_in = 100000\n[mail]\ntransport = \"smtp\"\nfrom = \"a@example.com\"\n\
         smtp.url = \"smtps://u:hunter2@h:465\"\n",
    );
    let mut command = folder.command(&["config", "explain", "plugins.session.expires_in"]);
    command.args(["--set", "plugins.session.expires_in=120000"]);
    let output = command.env("TESSERA_PLUGINS__SESSION__EXPIRES_IN", "110000").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "plugins.session.expires_in = 120000");
    assert!(lines[1].starts_with("  # "), "{text}");
    let layers: Vec<&str> = lines.iter().copied().filter(|line| !line.starts_with("  #")).skip(1).collect();
    let [set, variable, file, default] = layers[..] else { panic!("{text}") };
    assert!(set.starts_with("  * --set ") && set.ends_with(" 120000"), "{text}");
    assert!(variable.starts_with("    TESSERA_PLUGINS__SESSION__EXPIRES_IN "), "{text}");
    assert!(file.contains("tessera.toml ") && file.ends_with(" 100000"), "{text}");
    assert!(default.starts_with("    default of preset tessera ") && default.ends_with(" 2592000"), "{text}");

    let section = folder.run(&["config", "explain", "mail"]).ok();
    assert!(section.contains("mail.smtp.url = ") && !section.contains("hunter2"), "{section}");
    let derived = folder.run(&["config", "explain", "base_url", "--set", "server.port=4000"]).ok();
    assert!(derived.contains("  * the program") && derived.contains(":4000"), "{derived}");
    let wrong = folder.run(&["config", "explain", "plugins.session.expire_in"]);
    assert_eq!((wrong.code, wrong.err.contains("did you mean `expires_in`?")), (2, true), "{wrong:?}");
}

#[test]
fn what_is_explained_is_what_counts() {
    let folder = Folder::new();
    folder.write(
        "tessera.toml",
        "applicationName = \"Harbour\"\npreset = \"better-auth\"\ntrusted_origins = [\"https://a.example\"]\n\
         [features]\njwt = true\n[rate_limit]\nmax = 7\n[plugins.organization]\nenabled = true\n",
    );
    let dump: serde_json::Value =
        serde_json::from_str(&folder.run(&["config", "dump", "--format", "json"]).ok()).unwrap();
    assert_eq!((&dump["app_name"], &dump["plugins"]["jwt"]["enabled"]), (&"Harbour".into(), &true.into()));
    let mut compared = 0;
    for section in
        ["app_name", "base_url", "rate_limit", "cookies", "server", "database", "log", "plugins.jwt"]
    {
        let out = folder.run(&["config", "explain", section, "--json"]).ok();
        for one in serde_json::from_str::<Vec<serde_json::Value>>(&out).unwrap() {
            let key = one["key"].as_str().unwrap();
            let counts = key.split('.').fold(&dump, |value, name| &value[name]);
            assert_eq!(&one["value"], counts, "{key}");
            compared += 1;
        }
    }
    assert!(compared > 40, "{compared}");
}

#[test]
fn a_key_under_two_names_is_told() {
    let folder = Folder::new();
    folder.write("tessera.toml", "appName = \"a\"\napp_name = \"b\"\n");
    let outcome = folder.run(&["config", "check"]);
    assert_eq!(outcome.code, 2, "{outcome:?}");
    assert!(outcome.err.contains("`appName` says something else than `app_name`"), "{outcome:?}");
    folder.write("tessera.toml", "[features]\njwt = { issuer = \"x\" }\n");
    let outcome = folder.run(&["config", "check"]);
    assert!(outcome.err.contains("`features.jwt` is true or false"), "{outcome:?}");
}
