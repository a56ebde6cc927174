//! A plugin that is not ours: a book that guests sign, kept in memory.
#![allow(unreachable_pub, clippy::unwrap_used, reason = "programs of tests share it")]

use std::sync::{Arc, Mutex};

use auth_testkit::{
    Builder, TestApp,
    auth_core::{
        Body, Cx, Json, Key, Manifest, Params, Plugin, PluginConfig, Preset, Problem, Query, Registrar,
        Session, get, post,
        schemars::JsonSchema,
        serde::{Deserialize, Serialize},
    },
};

pub struct GuestBook {
    lines: Mutex<Vec<Line>>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde", deny_unknown_fields)]
#[schemars(crate = "auth_testkit::auth_core::schemars")]
pub struct Config {}

impl PluginConfig for Config {
    fn preset(_: Preset) -> Self {
        Self {}
    }
}

/// How a guest felt.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde", rename_all = "kebab-case")]
#[schemars(crate = "auth_testkit::auth_core::schemars")]
pub enum Mood {
    Glad,
    /// Neither glad nor sad.
    SoSo,
    Sad,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde")]
#[schemars(crate = "auth_testkit::auth_core::schemars")]
pub struct Sign {
    /// What to write.
    pub text: String,
    pub mood: Option<Mood>,
    /// `null` takes the picture of the guest's page away; absent leaves it.
    #[serde(default, deserialize_with = "there")]
    #[schemars(extend("x-nullable" = true))]
    pub picture: Option<Option<String>>,
}

fn there<'de, D: auth_testkit::auth_core::serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// Something beside the text.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde", tag = "kind", rename_all = "lowercase")]
#[schemars(crate = "auth_testkit::auth_core::schemars")]
pub enum Mark {
    Stamp { color: String },
    Picture { address: String },
}

/// One line of the book.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde", rename_all = "camelCase")]
#[schemars(crate = "auth_testkit::auth_core::schemars")]
pub struct Line {
    pub number: u32,
    pub text: String,
    pub signed_by: String,
    pub mood: Option<Mood>,
    pub marks: Vec<Mark>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde")]
#[schemars(crate = "auth_testkit::auth_core::schemars")]
pub struct Lines {
    pub lines: Vec<Line>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde")]
#[schemars(crate = "auth_testkit::auth_core::schemars")]
pub struct Which {
    /// Only lines of this mood.
    pub mood: Option<Mood>,
    /// At most so many.
    pub limit: Option<u32>,
    /// The newest first. Any text counts as yes.
    #[schemars(extend("x-truthy" = true))]
    pub newest: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde")]
#[schemars(crate = "auth_testkit::auth_core::schemars")]
pub struct One {
    pub number: String,
}

auth_testkit::auth_core::errors! {
    pub enum SignError {
        Empty => (400, "LINE_IS_EMPTY", "A line needs text"),
    }
}

auth_testkit::auth_core::errors! {
    pub enum LineError {
        Missing => (404, "NO_SUCH_LINE", "There is no such line"),
    }
}

pub const SIGN: Key<Sign, Line> = Key::new("signGuestBook");
pub const LINES: Key<Which, Lines> = Key::new("guestBookLines");
pub const LINE: Key<One, Line> = Key::new("guestBookLine");

async fn sign(cx: Cx<GuestBook>, session: Session, Body(input): Body<Sign>) -> Result<Json<Line>, SignError> {
    if input.text.is_empty() {
        return Err(SignError::Empty);
    }
    let mark = match input.picture {
        Some(Some(address)) => Some(Mark::Picture { address }),
        Some(None) => None,
        None => Some(Mark::Stamp { color: "red".to_owned() }),
    };
    let mut lines = cx.plugin().lines.lock().unwrap();
    let line = Line {
        number: u32::try_from(lines.len()).unwrap() + 1,
        text: input.text,
        signed_by: session.user.name.clone(),
        mood: input.mood,
        marks: mark.into_iter().collect(),
    };
    lines.push(line.clone());
    Ok(Json(line))
}

async fn lines(cx: Cx<GuestBook>, Query(which): Query<Which>) -> Result<Json<Lines>, LineError> {
    let mut lines = cx.plugin().lines.lock().unwrap().clone();
    if which.newest == Some(true) {
        lines.reverse();
    }
    lines.retain(|line| {
        which.mood.is_none_or(|mood| line.mood.is_some_and(|of| format!("{of:?}") == format!("{mood:?}")))
    });
    lines.truncate(which.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap()));
    Ok(Json(Lines { lines }))
}

async fn line(cx: Cx<GuestBook>, Params(one): Params<One>) -> Result<Json<Line>, LineError> {
    let lines = cx.plugin().lines.lock().unwrap().clone();
    let found = lines.into_iter().find(|line| line.number.to_string() == one.number);
    found.map(Json).ok_or(LineError::Missing)
}

impl Plugin for GuestBook {
    const MANIFEST: Manifest = Manifest::new("guest-book", "0.1.0", "A book that guests sign");
    type Config = Config;

    fn new(_: Config) -> Result<Self, Vec<Problem>> {
        Ok(Self { lines: Mutex::default() })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.endpoint(post(SIGN, "/guest-book/sign", sign).summary("Writes a line"));
        host.endpoint(get(LINES, "/guest-book/lines", lines).summary("The lines"));
        host.endpoint(get(LINE, "/guest-book/line/:number", line).summary("One line"));
    }
}

/// A host with it, for guests with passwords.
pub fn app() -> Builder {
    TestApp::builder()
        .plugin::<auth_plugin_session::SessionPlugin>()
        .plugin::<auth_plugin_email_password::EmailPassword>()
        .plugin::<GuestBook>()
        // Cookies are for https where the address is.
        .set("base_url", "http://127.0.0.1")
        .set("trusted_origins", ["http://127.0.0.1:*"])
}
