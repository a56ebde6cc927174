//! Letters from templates: built in, or from the operator's directory.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::Path,
};

use auth_core::{config::Problem, ports::Message};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value, syntax::SyntaxConfig};
use serde_json::{Value as Json, json};

use crate::clean;

/// What kinds without templates of their own use.
const GENERIC: &str = "generic";

/// Everything that a template may name; the rest is a slip of the pen.
const VARIABLES: [&str; 9] = ["app_name", "name", "url", "token", "data", "loop", "self", "super", "caller"];

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../templates/", $name)))),*]
    };
}

const BUILT_IN: [(&str, &str); 15] = built_in![
    "layout.html",
    "generic.txt",
    "generic.html",
    "verify-email.txt",
    "verify-email.html",
    "reset-password.txt",
    "reset-password.html",
    "change-email-confirmation.txt",
    "change-email-confirmation.html",
    "delete-account.txt",
    "delete-account.html",
    "existing-user-sign-up.txt",
    "existing-user-sign-up.html",
    "invitation.txt",
    "invitation.html",
];

/// A rendered letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
}

/// All templates, parsed and tried out.
pub struct Templates {
    app_name: String,
    env: Environment<'static>,
    /// Names that have a text template.
    kinds: HashSet<String>,
}

struct Source {
    /// Where problems are reported.
    place: String,
    text: String,
}

impl Templates {
    /// The built-in templates, and those of `overrides` in their place. Everything that is wrong
    /// with the latter is reported with its file and line.
    pub fn load(app_name: &str, overrides: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut sources: BTreeMap<String, Source> = BUILT_IN
            .iter()
            .map(|(name, text)| {
                let source = Source { place: format!("built-in {name}"), text: (*text).to_owned() };
                ((*name).to_owned(), source)
            })
            .collect();
        if let Some(directory) = overrides {
            read(directory, &mut sources, &mut problems);
        }
        let mut templates =
            Self { app_name: clean::line(app_name), env: environment(), kinds: HashSet::new() };
        for (name, source) in &sources {
            if let Err(problem) = templates.add(name, source) {
                problems.push(problem);
            }
        }
        if problems.is_empty() {
            templates.try_out(&sources, &mut problems);
        }
        if problems.is_empty() { Ok(templates) } else { Err(problems) }
    }

    fn add(&mut self, name: &str, source: &Source) -> Result<(), Problem> {
        let mut parts = vec![(name.to_owned(), source.text.clone())];
        if let Some(kind) = name.strip_suffix(".txt") {
            let (first, rest) = source.text.split_once('\n').unwrap_or((&source.text, ""));
            let Some(subject) = first.strip_prefix("Subject:") else {
                let place = format!("{}:1", source.place);
                return Err(Problem::new(place, "the first line must be \"Subject: …\""));
            };
            // An empty first line keeps the line numbers of errors right.
            parts = vec![
                (format!("{kind}.subject"), subject.trim().to_owned()),
                (name.to_owned(), format!("\n{rest}")),
            ];
            self.kinds.insert(kind.to_owned());
        }
        let known: HashSet<String> = self
            .env
            .globals()
            .map(|(name, _)| name.to_owned())
            .chain(VARIABLES.map(ToOwned::to_owned))
            .collect();
        for (part, text) in parts {
            self.env
                .add_template_owned(part.clone(), text)
                .map_err(|error| problem(&source.place, &error))?;
            let used = self.env.get_template(&part).map(|template| template.undeclared_variables(false));
            if let Some(name) = used.unwrap_or_default().iter().find(|name| !known.contains(*name)) {
                let line = source.text.lines().position(|line| line.contains(name.as_str())).unwrap_or(0) + 1;
                return Err(Problem::new(
                    format!("{}:{line}", source.place),
                    format!("unknown variable \"{name}\"; known are app_name, name, url, token and data.*"),
                ));
            }
        }
        Ok(())
    }

    /// Renders every kind once, which finds what parsing cannot: filters, blocks, other files.
    fn try_out(&self, sources: &BTreeMap<String, Source>, problems: &mut Vec<Problem>) {
        for name in sources.keys().filter_map(|name| name.strip_suffix(".html")) {
            if name != "layout" && !self.kinds.contains(name) {
                let place = sources.get(&format!("{name}.html")).map_or(name, |source| source.place.as_str());
                problems.push(Problem::new(place, format!("needs {name}.txt beside it, with the subject")));
            }
        }
        let mut kinds: Vec<&String> = self.kinds.iter().collect();
        kinds.sort();
        for kind in kinds {
            let Err(error) = self.render_as(kind, &self.context("Ada", &sample())) else { continue };
            let name = error.name().unwrap_or(kind);
            let file =
                name.strip_suffix(".subject").map_or_else(|| name.to_owned(), |kind| format!("{kind}.txt"));
            let place = sources.get(&file).map_or(file.as_str(), |source| source.place.as_str());
            let problem = problem(place, &error);
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }

    /// The letter for a message.
    pub fn render(&self, message: &Message) -> Result<Letter, String> {
        let kind = self.resolve(message.kind);
        let context = self.context(&message.name, &Json::Object(message.data.clone()));
        // Not the error's own text: it may quote the letter's values.
        self.render_as(&kind, &context).map_err(|error| {
            format!("{} in {}:{}", error.kind(), error.name().unwrap_or(&kind), error.line().unwrap_or(0))
        })
    }

    /// `email-otp:sign-in` uses `email-otp-sign-in`, else `email-otp`, else `generic`.
    fn resolve(&self, kind: &str) -> String {
        let family = kind.split(':').next().unwrap_or(kind);
        [kind.replace(':', "-"), family.to_owned()]
            .into_iter()
            .find(|name| self.kinds.contains(name))
            .unwrap_or_else(|| GENERIC.to_owned())
    }

    fn context(&self, name: &str, data: &Json) -> Value {
        let text = |key: &str| data.get(key).and_then(Json::as_str);
        Value::from_pairs([
            ("app_name", Value::from(self.app_name.as_str())),
            ("name", Value::from(clean::name(name))),
            ("url", Value::from(text("url").and_then(clean::url))),
            ("token", Value::from(text("token").map(clean::line))),
            ("data", clean::value(data)),
        ])
    }

    fn render_as(&self, kind: &str, context: &Value) -> Result<Letter, Error> {
        let part = |suffix: &str| self.env.get_template(&format!("{kind}.{suffix}"))?.render(context);
        let subject = clean::line(&part("subject")?);
        let text = format!("{}\n", part("txt")?.trim());
        let html = match part("html") {
            Ok(html) => Some(html),
            Err(error)
                if error.kind() == minijinja::ErrorKind::TemplateNotFound && error.line().is_none() =>
            {
                None
            }
            Err(error) => return Err(error),
        };
        Ok(Letter { subject, text, html })
    }
}

fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|name| match name.rsplit_once('.') {
        Some((_, "txt" | "subject")) => AutoEscape::None,
        _ => AutoEscape::Html,
    });
    env.set_undefined_behavior(UndefinedBehavior::Chainable);
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        env.set_syntax(syntax);
    }
    env.add_filter("name", |text: Option<String>| clean::name(&text.unwrap_or_default()));
    // Errors would quote variables, and those are secrets.
    env.set_debug(false);
    env
}

fn read(directory: &Path, sources: &mut BTreeMap<String, Source>, problems: &mut Vec<Problem>) {
    let mut report =
        |path: &Path, what: String| problems.push(Problem::new(path.display().to_string(), what));
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => return report(directory, format!("the templates cannot be read: {error}")),
    };
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => {
                report(directory, format!("the templates cannot be read: {error}"));
                continue;
            }
        };
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            report(&path, "not a readable file name".to_owned());
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        if !matches!(path.extension().and_then(|ending| ending.to_str()), Some("txt" | "html")) {
            report(&path, "not a template: names end in .txt or .html".to_owned());
            continue;
        }
        match fs::read_to_string(&path) {
            Ok(text) => {
                let source = Source { place: path.display().to_string(), text: text.replace("\r\n", "\n") };
                sources.insert(name.to_owned(), source);
            }
            Err(error) => report(&path, format!("cannot be read: {error}")),
        }
    }
}

fn problem(place: &str, error: &Error) -> Problem {
    let what = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    Problem::new(format!("{place}:{}", error.line().unwrap_or(1)), what)
}

fn sample() -> Json {
    json!({
        "url": "https://app.example.com/open?token=sample",
        "token": "sample",
        "otp": "123456",
        "id": "1",
        "newEmail": "new@example.com",
        "role": "member",
        "organizationName": "Example",
        "inviter": "grace@example.com",
    })
}
