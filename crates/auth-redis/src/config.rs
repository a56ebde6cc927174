//! `[redis]`. The comments of the fields are the reference.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// How Redis is set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// One server.
    #[default]
    Single,
    /// Sentinels that know which server is the master.
    Sentinel,
    /// A cluster.
    Cluster,
}

/// A Redis that several nodes share. Without one, each node is alone.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://user:password@host:6379/0`, or `rediss://` for TLS; several with commas between them for
    /// `sentinel` and `cluster`. Empty for no Redis.
    pub url: String,
    /// `single`, `sentinel` or `cluster`.
    pub mode: Mode,
    /// The name that the sentinels know the master by. User, password and number of the database are
    /// taken from the first URL, for the master too.
    pub sentinel_master: String,
    /// A file with the certificates (PEM) that the server's is checked with, instead of those of public
    /// authorities. For `single`; empty for none.
    pub ca_file: String,
    /// What all names of keys and channels begin with. Installations that share a Redis need one each.
    pub prefix: String,
    /// Connections that this node's requests share.
    pub connections: usize,
    /// Milliseconds that a command may take.
    pub timeout_ms: u64,
    /// Milliseconds that connecting may take.
    pub connect_timeout_ms: u64,
}

impl Default for RedisConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            mode: Mode::Single,
            sentinel_master: "mymaster".to_owned(),
            ca_file: String::new(),
            prefix: "tessera:".to_owned(),
            connections: 2,
            timeout_ms: 250,
            connect_timeout_ms: 1000,
        }
    }
}

impl RedisConfig {
    #[must_use]
    pub fn is_used(&self) -> bool {
        !self.url.is_empty()
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        self.url.split(',').map(|url| url.trim().to_owned()).filter(|url| !url.is_empty()).collect()
    }

    /// What is wrong, by key.
    #[must_use]
    pub fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        let mut say = |key: &str, what: &str| wrong.push((key.to_owned(), what.to_owned()));
        let urls = self.urls();
        let sound = |url: &String| {
            Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "redis" | "rediss") && url.has_host())
        };
        if self.is_used() && (urls.is_empty() || !urls.iter().all(sound)) {
            say("url", "is no Redis URL: redis://host:6379/0, or rediss:// for TLS");
        } else if self.mode == Mode::Single && urls.len() > 1 {
            say("url", "has several servers; set mode to sentinel or cluster");
        }
        if self.mode == Mode::Sentinel && self.sentinel_master.is_empty() {
            say("sentinel_master", "has to be the name that the sentinels know the master by");
        }
        if !self.ca_file.is_empty() && self.mode != Mode::Single {
            say(
                "ca_file",
                "is for single servers; sentinels and clusters need certificates of public authorities",
            );
        } else if !self.ca_file.is_empty() && !self.url.starts_with("rediss:") {
            say("ca_file", "is of no use without rediss://");
        }
        if self.connections == 0 || self.connections > 64 {
            say("connections", "has to be between 1 and 64");
        }
        if self.timeout_ms == 0 {
            say("timeout_ms", "must be at least 1");
        }
        if self.connect_timeout_ms == 0 {
            say("connect_timeout_ms", "must be at least 1");
        }
        wrong
    }

    /// The servers, without their passwords.
    #[must_use]
    pub fn shown(&self) -> String {
        let hidden = |url: &String| {
            let Ok(mut url) = Url::parse(url) else { return "?".to_owned() };
            if url.password().is_some() && url.set_password(Some("***")).is_err() {
                return "?".to_owned();
            }
            url.to_string()
        };
        self.urls().iter().map(hidden).collect::<Vec<_>>().join(",")
    }
}

impl fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisConfig")
            .field("url", &self.shown())
            .field("mode", &self.mode)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Mode, RedisConfig};

    fn with(url: &str) -> RedisConfig {
        RedisConfig { url: url.to_owned(), ..RedisConfig::default() }
    }

    #[test]
    fn what_is_no_redis_url_is_refused() {
        for url in ["localhost", "http://localhost", "redis:", "redis://", ",", "redis://a, b"] {
            assert_eq!(with(url).validate().len(), 1, "{url}");
        }
        for url in ["", "redis://localhost", "rediss://u:p@h:1/2"] {
            assert!(with(url).validate().is_empty(), "{url}");
        }
    }

    #[test]
    fn several_servers_need_a_mode() {
        let mut config = with("redis://a,redis://b");
        assert_eq!(config.validate().len(), 1);
        config.mode = Mode::Cluster;
        assert!(config.validate().is_empty());
    }

    #[test]
    fn certificates_are_for_single_servers_with_tls() {
        let with = |url: &str, mode| RedisConfig { mode, ca_file: "ca.pem".to_owned(), ..with(url) };
        assert!(with("rediss://a", Mode::Single).validate().is_empty());
        assert_eq!(with("redis://a", Mode::Single).validate().len(), 1);
        assert_eq!(with("rediss://a", Mode::Cluster).validate().len(), 1);
    }

    #[test]
    fn passwords_are_not_shown() {
        let config = with("redis://ada:geheim@host:6379/0");
        assert!(!format!("{config:?}").contains("geheim"), "{config:?}");
        assert_eq!(config.shown(), "redis://ada:***@host:6379/0");
    }
}
