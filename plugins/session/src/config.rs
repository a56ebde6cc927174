//! `[plugins.session]`.

use std::time::Duration;

use auth_core::{
    PluginConfig, Preset, crypto::Strategy, fields::FieldsConfig, limits::SHORTEST_IDLE, schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionConfig {
    /// Seconds that a session lives without being used.
    pub expires_in: u64,
    /// Seconds after which a session that is used lives on for another `expires_in`.
    pub update_age: u64,
    /// Seconds after the sign-in during which a session counts as fresh; 0 for always.
    pub fresh_age: u64,
    /// Seconds that a session lives when the user does not want to be remembered.
    pub short_expires_in: u64,
    /// Sessions end at their first expiry, however much they are used.
    pub disable_refresh: bool,
    /// `GET /get-session` never writes; clients refresh with `POST /get-session`.
    pub defer_refresh: bool,
    /// Signing in ends the session that the browser had before. A session that somebody planted in
    /// the browser does not survive the sign-in.
    pub end_presented: bool,
    /// Sessions, and the cookies that vouch for them, remember how and when their users proved who they
    /// are: for `amr` of tokens, and for what an application asks a second factor for.
    pub proofs: bool,
    /// When sessions are used is remembered, in memory and every minute in the database: for the page of
    /// devices, and for `idle_timeout`.
    pub activity: bool,
    /// Seconds without use after which a session signs nobody in, at least 300; 0 for none. A restart, or
    /// going over to another node, can make it two minutes less.
    pub idle_timeout: u64,
    /// Sessions that a user can have at the same time; 0 for any number. A new one ends the oldest.
    pub max_sessions: u64,
    pub cookie_cache: CookieCacheConfig,
    pub memory: MemoryConfig,
    /// Further fields of sessions.
    #[serde(default)]
    pub fields: FieldsConfig,
}

/// The session in a cookie of its own, which answers `get-session` without any storage. A session
/// that was revoked elsewhere can be answered from it until it is over.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CookieCacheConfig {
    /// Whether browsers get such a cookie.
    pub enabled: bool,
    /// `compact` (signed), `jwt` (signed) or `jwe` (encrypted).
    #[schemars(with = "String")]
    pub strategy: Strategy,
    /// Seconds.
    pub max_age: u64,
    /// Cookies of another version are not used.
    pub version: String,
}

/// Sessions in the memory of this process, and in the Redis that nodes share. Revoking empties both at
/// once, and the memories of all nodes. A node that does not hear the others, or is alone, remembers for 10
/// seconds at most.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemoryConfig {
    /// Sessions that are kept in memory; 0 for none.
    pub capacity: u64,
    /// Seconds that a session is answered without asking the database, never past its expiry.
    pub session_ttl: u64,
    /// Seconds that a user is. They are kept together: the shorter time counts.
    pub user_ttl: u64,
    /// Seconds that a token is known to be nobody's.
    pub missing_ttl: u64,
}

impl MemoryConfig {
    pub(crate) fn ttl(&self) -> Duration {
        Duration::from_secs(self.session_ttl.min(self.user_ttl))
    }
}

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

impl PluginConfig for SessionConfig {
    fn preset(preset: Preset) -> Self {
        let upstream = preset == Preset::BetterAuth;
        Self {
            expires_in: if upstream { 7 * DAY } else { 30 * DAY },
            update_age: DAY,
            fresh_age: if upstream { DAY } else { HOUR },
            short_expires_in: DAY,
            disable_refresh: false,
            defer_refresh: false,
            end_presented: !upstream,
            proofs: !upstream,
            activity: !upstream,
            idle_timeout: 0,
            max_sessions: if upstream { 0 } else { 100 },
            cookie_cache: CookieCacheConfig {
                enabled: !upstream,
                strategy: Strategy::Compact,
                max_age: 300,
                version: "1".to_owned(),
            },
            memory: MemoryConfig { capacity: 100_000, session_ttl: HOUR / 2, user_ttl: HOUR, missing_ttl: 5 },
            fields: FieldsConfig::new(),
        }
    }

    fn validate(&self) -> Vec<(String, String)> {
        const LONGEST: u64 = 400 * DAY;
        let mut wrong = Vec::new();
        if self.expires_in == 0 || self.expires_in > LONGEST {
            let what = format!("has to be between 1 and {LONGEST} seconds (400 days, what browsers keep)");
            wrong.push(("expires_in".to_owned(), what));
        }
        if (1..SHORTEST_IDLE).contains(&self.idle_timeout) {
            let what = format!("has to be at least {SHORTEST_IDLE} seconds, or 0 for none");
            wrong.push(("idle_timeout".to_owned(), what));
        }
        if self.idle_timeout > 0 && !self.activity {
            let what = "needs `activity`: nobody knows when sessions are used".to_owned();
            wrong.push(("idle_timeout".to_owned(), what));
        }
        if self.cookie_cache.enabled && self.cookie_cache.max_age == 0 {
            wrong.push(("cookie_cache.max_age".to_owned(), "has to be at least one second".to_owned()));
        }
        wrong
    }
}
