//! What an upgrade would change on the wire.

use anyhow::Result;
use serde_json::Value;

use super::pins::Changes;
use crate::conformance::Part;

/// Letters of a difference that are shown.
const SHOWN: usize = 400;

pub(super) struct Report {
    changes: Vec<String>,
    /// Name, and why it failed.
    parts: Vec<(String, Option<String>)>,
    /// Steps that answer otherwise: the step, and what is different.
    differing: Vec<(String, String)>,
    /// Rows of meant differences where upstream answers as this project does by now.
    agreed: Vec<String>,
}

impl Report {
    pub(super) fn new(changes: &Changes, trial: Result<Vec<Part>>) -> Self {
        let changes = changes.iter().map(|(name, (old, new))| format!("| `{name}` | {old} | {new} |\n"));
        let mut report =
            Self { changes: changes.collect(), parts: Vec::new(), differing: Vec::new(), agreed: Vec::new() };
        match trial {
            Err(error) => {
                report.parts.push(("installing and building".to_owned(), Some(format!("{error:#}"))));
            }
            Ok(parts) => parts.into_iter().for_each(|part| report.add(part)),
        }
        report
    }

    fn add(&mut self, part: Part) {
        let told = part.report.is_some_and(|(report, allowed)| self.steps(&report, &allowed));
        let failure = part
            .outcome
            .err()
            .map(|error| if told { "differs, see below".to_owned() } else { format!("{error:#}") });
        self.parts.push((part.name, failure));
    }

    /// Whether any step is not as it is meant. Some scenarios are run with and without plugins; each of their steps
    /// is told once.
    fn steps(&mut self, report: &Value, allowed: &Value) -> bool {
        let mut told = false;
        let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let rows = items(allowed);
        for scenario in items(report.get("report").unwrap_or(&Value::Null)) {
            let name = scenario.get("name").and_then(Value::as_str).unwrap_or_default();
            for step in items(scenario.get("steps").unwrap_or(&Value::Null)) {
                let (number, is_equal) = (step.get("no"), step.get("equal") == Some(&Value::Bool(true)));
                let is_meant = rows.iter().any(|row| {
                    row.get("scenario").and_then(Value::as_str) == Some(name) && row.get("step") == number
                });
                let label = step.get("label").and_then(Value::as_str).unwrap_or_default();
                let place = format!("{name}, step {}: `{label}`", number.unwrap_or(&Value::Null));
                told |= is_equal == is_meant;
                if is_equal && is_meant {
                    put(&mut self.agreed, place);
                } else if !is_equal && !is_meant {
                    let what = step.get("diff").unwrap_or(&Value::Null).to_string();
                    let what: String = what.chars().take(SHOWN).collect();
                    put(&mut self.differing, (place, what));
                }
            }
        }
        told
    }

    pub(super) fn is_clean(&self) -> bool {
        self.parts.iter().all(|(_, failure)| failure.is_none())
            && self.differing.is_empty()
            && self.agreed.is_empty()
    }

    pub(super) fn summary(&self) -> String {
        let failed = self.parts.iter().filter(|(_, failure)| failure.is_some()).count();
        format!(
            "{} of {} parts failed; {} steps differ, {} meant differences are none any more",
            failed,
            self.parts.len(),
            self.differing.len(),
            self.agreed.len()
        )
    }

    pub(super) fn text(&self, version: &str) -> String {
        let mut page = format!(
            "# Better Auth {version} on the wire\n\nWritten by `cargo xtask upgrade-wire`: the suite "
        );
        page += &format!("of this project against newer packages. {}.\n\n", self.summary());
        page += &format!("| Package | Pinned | Tried |\n|---|---|---|\n{}", self.changes.concat());
        page += "\n| Part | Outcome |\n|---|---|\n";
        for (name, failure) in &self.parts {
            let failure = failure.as_deref().map_or_else(|| "as before".to_owned(), one_line);
            page += &format!("| {name} | {failure} |\n");
        }
        if !self.differing.is_empty() {
            page +=
                "\n## Steps that differ\n\nEach with upstream's answer first and this project's second.\n\n";
            for (place, what) in &self.differing {
                page += &format!("- {place}\n\n  ```json\n  {what}\n  ```\n\n");
            }
        }
        if !self.agreed.is_empty() {
            page += "\n## Meant differences that are none any more\n\n";
            page += "Upstream answers as this project does; their rows in `tests/conformance/allow.json` can go.\n\n";
            for place in &self.agreed {
                page += &format!("- {place}\n");
            }
        }
        page.trim_end().to_owned() + "\n"
    }
}

fn put<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// A cell of a table, without the folders of this machine.
fn one_line(text: &str) -> String {
    let text = text.split_whitespace().filter(|word| !word.starts_with('/')).collect::<Vec<_>>().join(" ");
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;
    use serde_json::json;

    use super::*;

    fn differential(steps: Value) -> Part {
        let report = json!({ "report": [{ "name": "sign-up", "steps": steps }] });
        let allowed = json!([{ "scenario": "sign-up", "step": 2, "why": "…" }]);
        Part { name: "differential".to_owned(), outcome: Ok(()), report: Some((report, allowed)) }
    }

    fn report(parts: Result<Vec<Part>>) -> Report {
        Report::new(&Changes::new(), parts)
    }

    #[test]
    fn the_same_answers_are_a_clean_report() {
        let steps =
            json!([{ "no": 1, "label": "GET /ok", "equal": true }, { "no": 2, "equal": false, "diff": {} }]);
        let report = report(Ok(vec![differential(steps)]));
        assert!(report.is_clean(), "{}", report.text("1.0.0"));
    }

    #[test]
    fn a_step_that_differs_is_told_once() {
        let steps =
            json!([{ "no": 1, "label": "GET /ok", "equal": false, "diff": { "status": [200, 404] } }]);
        let report = report(Ok(vec![differential(steps.clone()), differential(steps)]));
        assert!(!report.is_clean());
        assert_eq!(report.text("1.0.0").matches("{\"status\":[200,404]}").count(), 1);
    }

    #[test]
    fn a_meant_difference_that_is_gone_is_told() {
        let report = report(Ok(vec![differential(json!([{ "no": 2, "label": "GET /me", "equal": true }]))]));
        assert!(!report.is_clean());
        assert!(report.text("1.0.0").contains("- sign-up, step 2: `GET /me`"));
    }

    #[test]
    fn whatever_fails_is_no_clean_report() {
        let part = Part { name: "journey".to_owned(), outcome: Err(anyhow!("no\nserver")), report: None };
        for report in [report(Ok(vec![part])), report(Err(anyhow!("no server")))] {
            assert!(!report.is_clean());
            assert!(report.text("1.0.0").contains("no server |"), "{}", report.text("1.0.0"));
        }
    }
}
