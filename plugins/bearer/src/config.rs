//! `[plugins.bearer]`.

use std::{collections::BTreeMap, time::Duration};

use auth_core::{PluginConfig, Preset, Timestamp, model::Session, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

/// The policy of clients that do not name themselves.
pub(crate) const DEFAULT_CLIENT: &str = "default";

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BearerConfig {
    /// Only signed tokens count, as `set-auth-token` has them. Without it the bare token of a list of
    /// sessions, or of a copy of the database, is enough to be that session.
    pub require_signature: bool,
    /// Clients can turn their session into a short access token and a refresh token. Revoke such sessions
    /// before you turn it off again: without it their access tokens live as long as the session.
    pub refresh: bool,
    /// How long tokens of a kind of client live, by the name that it gives to `/token/pair`. `default` is
    /// for those that give none.
    pub clients: BTreeMap<String, ClientPolicy>,
}

/// How long the tokens of a kind of client live.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientPolicy {
    /// Seconds that an access token works.
    pub token_expires_in: u64,
    /// Seconds that a refresh token can be redeemed, and so the session lives without being refreshed.
    pub refresh_expires_in: u64,
    /// Seconds after the sign-in when the session ends, however often it was refreshed; 0 for no limit.
    pub longest: u64,
    /// Seconds during which the refresh token that was redeemed last gives the same pair again: for
    /// clients that lose answers on the way. Who stole that token gets the pair too, so 0 is the safe choice.
    pub reuse_leeway: u64,
}

const DAY: u64 = 24 * 3600;

impl Default for ClientPolicy {
    fn default() -> Self {
        Self { token_expires_in: 900, refresh_expires_in: 30 * DAY, longest: 90 * DAY, reuse_leeway: 0 }
    }
}

impl ClientPolicy {
    /// When a session that is refreshed now expires; `None` where its time is over.
    pub(crate) fn expiry(&self, session: &Session, now: Timestamp) -> Option<Timestamp> {
        let expiry = now.plus_seconds(self.refresh_expires_in);
        let end = (self.longest > 0).then(|| session.created_at.plus_seconds(self.longest));
        Some(end.map_or(expiry, |end| expiry.min(end))).filter(|expiry| *expiry > now)
    }

    /// Whether the token before the present one still gives the present pair.
    pub(crate) fn forgives(&self, issued_at: Timestamp, now: Timestamp) -> bool {
        now.since(issued_at) < Duration::from_secs(self.reuse_leeway)
    }

    fn validate(&self) -> Vec<(&'static str, String)> {
        /// What a date can hold is far more; no session is meant to live longer.
        const LONGEST: u64 = 3650 * DAY;
        let mut wrong = Vec::new();
        if self.token_expires_in == 0 {
            wrong.push(("token_expires_in", "has to be at least one second".to_owned()));
        }
        if self.refresh_expires_in < self.token_expires_in {
            wrong.push(("refresh_expires_in", "has to be at least `token_expires_in`".to_owned()));
        }
        if self.refresh_expires_in > LONGEST {
            wrong.push(("refresh_expires_in", format!("has to be at most {LONGEST} seconds (ten years)")));
        }
        if self.longest > LONGEST {
            wrong.push(("longest", format!("has to be at most {LONGEST} seconds (ten years), or 0")));
        }
        if self.longest > 0 && self.longest < self.refresh_expires_in {
            wrong.push(("longest", "has to be at least `refresh_expires_in`, or 0 for no limit".to_owned()));
        }
        if self.reuse_leeway > 0 && self.reuse_leeway >= self.token_expires_in {
            wrong.push(("reuse_leeway", "has to be less than `token_expires_in`".to_owned()));
        }
        wrong
    }
}

/// A name that can stand in a log and in a key of the configuration.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

impl PluginConfig for BearerConfig {
    fn preset(preset: Preset) -> Self {
        let ours = preset == Preset::Tessera;
        let clients = BTreeMap::from([(DEFAULT_CLIENT.to_owned(), ClientPolicy::default())]);
        Self { require_signature: ours, refresh: ours, clients }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        for (name, policy) in &self.clients {
            if !is_name(name) {
                let what = "is no name of a client: up to 64 letters, digits, `-` and `_`";
                wrong.push((format!("clients.{name}"), what.to_owned()));
            }
            let policy = policy.validate().into_iter();
            wrong.extend(policy.map(|(key, what)| (format!("clients.{name}.{key}"), what)));
        }
        wrong
    }
}
