//! Layers, and what is said of mistakes.

use auth_host::{Builder, Sources};

use crate::toys::Greeter;

fn told(sources: Sources) -> Vec<String> {
    let plan = Builder::default().plugin::<Greeter>().sources(sources).plan();
    plan.err().into_iter().flatten().map(|p| p.to_string()).collect()
}

#[test]
fn mistakes_name_the_file_the_key_and_the_nearest_known_one() {
    let dir = std::env::temp_dir().join(format!("auth-host-config-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("tessera.toml");
    let text = "bse_url = \"x\"\n[rate_limit]\nwindow = \"soon\"\n[plugins.greeter]\ngreting = \"x\"\n[plugins.greter]\nenabled = true\n";
    std::fs::write(&file, text).unwrap();
    let told = told(Sources::empty().file(file.clone()));
    std::fs::remove_dir_all(&dir).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    for (place, what) in [
        ("bse_url", "did you mean `base_url`?"),
        ("rate_limit.window", "expected u64"),
        ("plugins.greeter.greting", "did you mean `greeting`?"),
        ("plugins.greter", "did you mean `greeter`?"),
    ] {
        let fits = |t: &&String| t.contains(name) && t.contains(place) && t.contains(what);
        assert!(told.iter().any(|t| fits(&t)), "no `{place}: {what}` in\n{}", told.join("\n"));
    }
}

#[test]
fn later_layers_win() {
    let plan = |sources| Builder::default().plugin::<Greeter>().sources(sources).plan().ok().unwrap();
    let defaults = plan(Sources::empty());
    assert_eq!(defaults.config().rate_limit.window, 60);
    let preset = plan(Sources::empty().toml("preset = \"better-auth\""));
    assert_eq!(preset.config().rate_limit.window, 10);
    let set = plan(Sources::empty().toml("[rate_limit]\nwindow = 5\nmax = 7").set("rate_limit.window", 6));
    assert_eq!((set.config().rate_limit.window, set.config().rate_limit.max), (6, 7));
}

#[test]
fn values_that_cannot_work_are_refused() {
    let sources = Sources::empty()
        .set("base_url", "example.com")
        .set("secret", "short")
        .set("passwords.scheme", "md5")
        .set("ip.trusted_proxies", ["10.0.0.0/8", "nonsense"])
        .set("plugins.greeter.times", 10);
    let told = told(sources);
    for part in [
        "base_url",
        "secret",
        "neither argon2id nor scrypt",
        "`nonsense` is neither",
        "times: has to be at most 9",
    ] {
        assert!(told.iter().any(|t| t.contains(part)), "no `{part}` in\n{}", told.join("\n"));
    }
    assert!(!told.iter().any(|t| t.contains("short\"")), "a secret was printed");
}
