//! The `semver` step: what strangers build on keeps its Rust interface, or its version says so.

use crate::{
    ci::Outcome,
    shell::{cargo, program, run, target, works},
};

/// The crates that applications and plugins outside of the workspace name.
const CRATES: [&str; 6] = ["auth-core", "auth-host", "auth-axum", "auth-testkit", "auth-verify", "tessera"];

pub(crate) fn run_against_last_tag() -> Outcome {
    let Some(tag) = last_tag() else {
        return Ok(Some("there is no tag `v…` yet, so there is no interface to keep"));
    };
    println!("against {tag}");
    let tools = target()?.join("tools");
    let binary = tools.join("bin/cargo-semver-checks");
    if !works(program(&binary).args(["semver-checks", "--version"])) {
        run(cargo(&["install", "--locked", "cargo-semver-checks", "--root"]).arg(&tools))?;
    }
    let packages = CRATES.iter().flat_map(|name| ["--package", name]);
    run(program(&binary).args(["semver-checks", "--baseline-rev", &tag]).args(packages))?;
    Ok(None)
}

/// The newest release that this work stands on.
fn last_tag() -> Option<String> {
    let mut git = program("git");
    git.args(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]);
    // Without a tag, and outside of a repository, git fails and prints nothing here.
    let said = git.output().ok()?;
    let tag = String::from_utf8(said.stdout).ok()?.trim().to_owned();
    (said.status.success() && !tag.is_empty()).then_some(tag)
}
