//! Error codes: one spelling, one meaning.

use std::collections::{BTreeMap, BTreeSet};

use auth_core::error::ErrorSpec;
use auth_host::Plan;

use super::Findings;

/// The host's, whose message says what is wrong.
const WORDY: &str = "VALIDATION_ERROR";

/// The errors of a plugin's endpoints, each once, with the first endpoint that has it.
pub(super) fn of(plan: &Plan, id: &str) -> BTreeMap<ErrorSpec, &'static str> {
    let mut all = BTreeMap::new();
    for line in plan.endpoints().filter(|line| line.plugin == id) {
        for spec in line.facts.errors.iter().filter(|spec| spec.code != WORDY) {
            all.entry(*spec).or_insert(line.endpoint.id);
        }
    }
    all
}

pub(super) fn check(plan: &Plan, id: &str, ambiguous: &[&str], found: &mut Findings) {
    let mut clashes: BTreeSet<&str> = BTreeSet::new();
    let own = of(plan, id);
    let mut meanings: BTreeMap<&str, (ErrorSpec, &str)> = BTreeMap::new();
    for (spec, endpoint) in &own {
        let place = format!("plugin {id}, endpoint {endpoint}");
        if !is_screaming(spec.code) {
            found.add(&place, format!("the error code `{}` is not in SCREAMING_SNAKE_CASE", spec.code));
        }
        if !(400..=599).contains(&spec.status) {
            found.add(&place, format!("the error {} has the status {}", spec.code, spec.status));
        }
        if spec.message.trim().is_empty() {
            found.add(&place, format!("the error {} has no message", spec.code));
        }
        let (other, at) = *meanings.entry(spec.code).or_insert((*spec, endpoint));
        if other != *spec {
            clashes.insert(spec.code);
            if !ambiguous.contains(&spec.code) {
                found.add(place, clash(spec, &other, &format!("endpoint {at}")));
            }
        }
    }
    for line in plan.plugins().iter().filter(|line| line.enabled && line.manifest.id != id) {
        for (theirs, endpoint) in of(plan, line.manifest.id) {
            let ours = own.keys().find(|spec| spec.code == theirs.code);
            let Some(ours) = ours.filter(|_| !own.contains_key(&theirs)) else { continue };
            clashes.insert(ours.code);
            if !ambiguous.contains(&ours.code) {
                let at = format!("endpoint {endpoint} of plugin {}", line.manifest.id);
                found.add(format!("plugin {id}, endpoint {}", own[ours]), clash(ours, &theirs, &at));
            }
        }
    }
    for code in ambiguous.iter().filter(|code| !clashes.contains(*code)) {
        let what = "has one meaning here: take it out of the codes that have several";
        found.add(format!("plugin {id}, error {code}"), what);
    }
}

fn clash(one: &ErrorSpec, other: &ErrorSpec, at: &str) -> String {
    format!(
        "the error {} is {} \"{}\", and {} \"{}\" at {at}: one code has one meaning, take another",
        one.code, one.status, one.message, other.status, other.message
    )
}

fn is_screaming(code: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    code.starts_with(|c: char| c.is_ascii_uppercase()) && code.split('_').all(word)
}
