//! What every plugin keeps, as one test.
//!
//! ```ignore
//! #[tokio::test]
//! async fn conforms() {
//!     check::plugin::<Greet>(TestApp::builder().plugin::<SessionPlugin>().plugin::<Greet>()).await;
//! }
//! ```
//!
//! The builder has the plugin with all that it can be configured to do switched on, and the plugins
//! that it needs. All that is wrong is told at once, each with its place and what to do about it.
//!
//! To add a rule: the module that it belongs to (or a new one with a line in [`findings`]), a toy that
//! breaks it in `tests/it/check.rs`, and a line in `docs/how-to/check-a-plugin.md`.

mod absent;
mod config;
mod errors;
mod fuzz;
mod migrations;
mod note;
mod release;
mod rows;
mod surface;

use auth_core::{Plugin, Problem};

use crate::Builder;

/// Runs the whole suite. Panics with everything that it finds.
pub async fn plugin<P: Plugin>(builder: Builder) {
    plugin_but::<P>(builder, &[]).await;
}

/// As [`plugin`], but for error codes that have several meanings, each with the reason. One that has a
/// single meaning is a finding.
pub async fn plugin_but<P: Plugin>(builder: Builder, ambiguous: &[(&'static str, &str)]) {
    let found = findings::<P>(builder, ambiguous).await;
    let list: Vec<_> = found.iter().map(|finding| format!("  {finding}")).collect();
    assert!(found.is_empty(), "plugin {}: {} findings\n{}\n", P::MANIFEST.id, found.len(), list.join("\n"));
}

/// Everything that the suite finds.
pub async fn findings<P: Plugin>(builder: Builder, ambiguous: &[(&'static str, &str)]) -> Vec<Problem> {
    let ambiguous: Vec<_> = ambiguous.iter().map(|(code, _)| *code).collect();
    Box::pin(run::<P>(builder, &ambiguous)).await
}

async fn run<P: Plugin>(builder: Builder, ambiguous: &[&'static str]) -> Vec<Problem> {
    let id = P::MANIFEST.id;
    let mut found = Findings(Vec::new());
    config::check::<P>(&mut found);
    let plan = match builder.clone().plan() {
        Ok(plan) => plan,
        Err(problems) => {
            found.0.extend(problems);
            return found.0;
        }
    };
    if !plan.plugins().iter().any(|line| line.manifest.id == id && line.enabled) {
        found.add(
            format!("plugin {id}"),
            "the builder has no such plugin that is enabled: add `.plugin::<…>()`",
        );
        return found.0;
    }
    let release = release::latest(&mut found);
    note::write(&plan, id, ambiguous);
    errors::check(&plan, id, ambiguous, &mut found);
    surface::check(&builder, &plan, id, &mut found);
    absent::check(&builder, &plan, id, &mut found).await;
    migrations::check(&plan, id, release.as_ref(), &mut found).await;
    fuzz::check(builder, &plan, id, &mut found).await;
    found.0
}

/// What was found so far.
struct Findings(Vec<Problem>);

impl Findings {
    fn add(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.0.push(Problem::new(place, what));
    }
}
