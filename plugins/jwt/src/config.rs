//! `[plugins.jwt]`. The comments of the fields are the reference.

use auth_core::{PluginConfig, Preset, schemars::JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Algorithm;

/// Signed tokens for other services.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `iss` of tokens; the origin of `base_url` where it is not set.
    pub issuer: Option<String>,
    /// `aud` of tokens; the origin of `base_url` where it is empty.
    pub audience: Vec<String>,
    /// Seconds that a token counts.
    pub expires_in: u64,
    /// How new keys sign: `EdDSA`, `ES256`, `ES512`, `RS256` or `PS256`.
    #[schemars(with = "String")]
    pub algorithm: Algorithm,
    /// Seconds that a key signs before another takes its place; 0 for ever.
    pub rotation_interval: u64,
    /// Seconds that a key still checks tokens, and is published, after it has stopped signing.
    pub grace_period: u64,
    /// Seconds that clocks may differ, for `exp` and `nbf`; for `iat` it is always 60.
    pub leeway: u32,
    /// Tokens name themselves (`jti`) and their session (`sid`), and this server refuses those that were
    /// revoked: one by one with `POST /token/revoke`, or all of a session that ended before its time or
    /// of a user who was deleted.
    pub revocable: bool,
    /// Tokens say how and when the user proved who they are: `amr`, `acr`, `auth_time`.
    pub authentication: bool,
    /// Answers of `get-session` carry a token in `set-auth-jwt`.
    pub set_header: bool,
    /// Seconds that others may keep the key set (`cache-control`); 0 for no word about it.
    pub jwks_max_age: u64,
    /// The user's fields that a token carries; all where it is not set, none where it is empty.
    pub user_fields: Option<Vec<String>>,
    /// Further claims, the same for every user.
    #[serde(default)]
    pub claims: Map<String, Value>,
}

const DAY: u64 = 86_400;
/// A key has to live long enough to be published before it signs.
const SHORTEST_ROTATION: u64 = 3600;
const LONGEST_LEEWAY: u32 = 60;
/// Ten years: further away a figure is a mistake.
const LONGEST: u64 = 3650 * DAY;

impl PluginConfig for Config {
    fn preset(preset: Preset) -> Self {
        let upstream = preset == Preset::BetterAuth;
        Self {
            issuer: None,
            audience: Vec::new(),
            expires_in: 900,
            algorithm: Algorithm::EdDsa,
            rotation_interval: if upstream { 0 } else { 90 * DAY },
            grace_period: 30 * DAY,
            leeway: if upstream { 0 } else { 30 },
            revocable: !upstream,
            authentication: !upstream,
            set_header: true,
            jwks_max_age: if upstream { 0 } else { 300 },
            user_fields: None,
            claims: Map::new(),
        }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        let mut say = |key: &str, what: String| wrong.push((key.to_owned(), what));
        if self.expires_in == 0 || self.expires_in > LONGEST {
            say("expires_in", format!("has to be between 1 and {LONGEST} seconds"));
        }
        if self.rotation_interval != 0 && !(SHORTEST_ROTATION..=LONGEST).contains(&self.rotation_interval) {
            let what = format!("has to be 0 (never) or between {SHORTEST_ROTATION} and {LONGEST} seconds");
            say("rotation_interval", what);
        }
        if self.grace_period > LONGEST {
            say("grace_period", format!("has to be at most {LONGEST} seconds"));
        } else if self.rotation_interval != 0 && self.grace_period < self.expires_in {
            say("grace_period", "has to be at least `expires_in`, or tokens die with their key".to_owned());
        }
        if self.leeway > LONGEST_LEEWAY {
            say("leeway", format!("has to be at most {LONGEST_LEEWAY} seconds"));
        }
        if let Some(name) = self.claims.keys().find(|name| crate::token::is_reserved(name)) {
            say("claims", format!("`{name}` is set by the server itself"));
        }
        wrong
    }
}
