//! `GET /realtime/events`: the same news as server-sent events, for where WebSockets do not get through.

use auth_core::{Cx, Key, Query, schemars::JsonSchema, socket::EventStream};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::mpsc;

use crate::{
    Realtime,
    admission::{Admission, AdmissionError},
    entry::Pages,
    following::Following,
    line::Line,
    visit::Partner,
};

pub const EVENTS: Key<(), ()> = Key::new("realtimeEvents");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct Wanted {
    /// Names of topics, with commas between them.
    #[serde(default)]
    pub topics: String,
    /// In the place of a credential.
    #[serde(default)]
    #[allow(dead_code, reason = "it is looked at where credentials are")]
    pub ticket: Option<String>,
}

pub(crate) async fn events(
    cx: Cx<Realtime>,
    Query(wanted): Query<Wanted>,
) -> Result<EventStream, AdmissionError> {
    let admission = Admission::of(cx.call().core(), &cx.call().request, Pages::NotForeign, true).await?;
    let names = wanted.topics.split(',').map(str::trim).filter(|name| !name.is_empty());
    let following = Following::of(names.map(str::to_owned).collect());
    let (line, events) = mpsc::channel(1);
    tokio::spawn(admission.serve(Partner::Topics(following), Line::Events(line)));
    let events =
        stream::unfold(events, |mut events| async move { events.recv().await.map(|event| (event, events)) });
    Ok(EventStream(Box::pin(events)))
}
