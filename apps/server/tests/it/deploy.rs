//! The files below `deploy/` say nothing that the server does not know.

use std::{fs, path::Path};

use crate::support::Folder;

/// `(key, value)` of every variable of the environment that a file sets for the server.
fn variables(file: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut found = Vec::new();
    for line in text.lines() {
        for (at, _) in line.match_indices("TESSERA_") {
            let rest = &line[at..];
            let end = rest.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            let value = match after.chars().next() {
                Some(':') => after[1..].trim(),
                Some('=') => after[1..].split(' ').next().unwrap(),
                _ => continue,
            };
            found.push((key.to_owned(), value.trim_matches(['\'', '"']).to_owned()));
        }
    }
    found
}

/// What stands for a secret or a place of the operator's.
fn filled_in(key: &str, value: &str) -> String {
    match key {
        "TESSERA_SECRET" => "Zm9yIHRlc3RzIG9ubHksIDMyIGJ5dGVzIGxvbmcu".to_owned(),
        "TESSERA_DATABASE__URL" => "postgres://tessera:secret@postgres:5432/tessera".to_owned(),
        "TESSERA_REDIS__URL" => "redis://:secret@redis:6379/0".to_owned(),
        "TESSERA_MAIL__SMTP__URL" => "smtp://user:secret@mail.example.com:587".to_owned(),
        "TESSERA_MAIL__FROM" => "Example <no-reply@example.com>".to_owned(),
        _ => value.replace("${DOMAIN}", "auth.example.com"),
    }
}

#[test]
fn every_key_of_the_configuration_that_is_set_exists() {
    for (file, least) in
        [("Containerfile", 4), ("compose.yaml", 8), ("tessera.service", 1), ("kubernetes/tessera.yaml", 8)]
    {
        let variables = variables(file);
        assert!(variables.len() >= least, "{file}: {variables:?}");
        let folder = Folder::new();
        let mut check = folder.command(&["config", "check"]);
        for (key, value) in &variables {
            check.env(key, filled_in(key, value));
        }
        let output = check.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{file}: {told}");
    }
}

#[test]
fn a_key_that_does_not_exist_is_noticed() {
    let folder = Folder::new();
    let output = folder.command(&["config", "check"]).env("TESSERA_MAIL__SMTP_URL", "x").output().unwrap();
    assert!(!output.status.success());
}
