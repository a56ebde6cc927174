//! The core's own keys. Every field's comment is its reference.

use std::collections::BTreeMap;

use auth_core::{Preset, Problem, config::PluginConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RateLimitConfig;

/// What the host itself wants to know. Plugins have their own sections below `plugins`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The set of defaults: `tessera` (strict limits and passwords, long sessions) or
    /// `better-auth` (upstream's figures, for replacing it without a visible change).
    pub preset: Preset,
    /// The name that people know the application by. It is in mails and issuer names.
    pub app_name: String,
    /// Scheme, host and port under which clients reach the server. Links in mails start with it
    /// and its origin is trusted. `https` switches secure cookies on.
    pub base_url: String,
    /// The path of the Better Auth API.
    pub base_path: String,
    /// Further origins that may send requests with cookies and be redirect targets, such as
    /// `https://app.example.com`, `https://*.example.com` or `myapp://`.
    pub trusted_origins: Vec<String>,
    /// Signs cookies and seals secrets; at least 32 characters. Without one the server makes and
    /// keeps its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Secrets by version, newest first, for rotation. Takes the place of `secret`, which then
    /// only opens what was sealed before there were versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretVersion>,
    /// Paths below the base path that do not answer.
    pub disabled_paths: Vec<String>,
    /// Refuses requests with cookies from foreign origins. Leave it on.
    pub check_csrf: bool,
    /// Refuses redirects to untrusted addresses. Leave it on.
    pub check_origin: bool,
    pub cookies: CookiesConfig,
    pub ip: IpConfig,
    pub passwords: PasswordsConfig,
    pub rate_limit: RateLimitConfig,
    /// Sections of plugins, `[plugins.<id>]`. Each may hold `enabled = true | false`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<String, serde_json::Map<String, serde_json::Value>>,
}

/// One secret of a rotation.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretVersion {
    /// A number that goes with what was sealed.
    pub version: u32,
    /// At least 32 characters.
    pub value: String,
}

impl std::fmt::Debug for SecretVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretVersion({})", self.version)
    }
}

/// The database's section belongs to the server, which knows its drivers.
pub type DatabaseSection = serde_json::Value;

/// Names and attributes of cookies.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CookiesConfig {
    /// What names start with: `<prefix>.session_token`.
    pub prefix: String,
    /// `Secure` and `__Secure-`. Without a value: when `base_url` is https.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secure: Option<bool>,
    /// `Domain`, to share cookies with sub-domains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

/// Where a client's address comes from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IpConfig {
    /// Headers in which proxies give the client's address, the first usable one counts.
    pub headers: Vec<String>,
    /// Addresses and networks of proxies. Headers count only when one of these sent them.
    pub trusted_proxies: Vec<String>,
    /// Takes headers from any peer and never the peer's own address, as Better Auth does. Only
    /// safe where no client can reach the server past a proxy.
    pub trust_any_peer: bool,
    /// Clients of one IPv6 network of this many bits count as one.
    pub ipv6_subnet: u8,
}

/// How passwords are hashed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordsConfig {
    /// `argon2id`, or `scrypt` in Better Auth's format for a database that is to be handed back.
    pub scheme: String,
    /// Hashes that have another format or other parameters are replaced at sign-in. Those of other systems always are.
    pub rehash: bool,
    /// Memory of argon2id in KiB.
    pub memory_kib: u32,
    /// Passes of argon2id.
    pub iterations: u32,
    /// Lanes of argon2id.
    pub parallelism: u32,
    /// Hashes at the same time; 0 for one a core.
    pub threads: usize,
    /// Requests that may wait for a hash; further ones are refused with 503.
    pub queue: usize,
    /// Longest wait for a hash in milliseconds, then 503.
    pub max_wait_ms: u64,
}

impl PluginConfig for Config {
    fn preset(preset: Preset) -> Self {
        let upstream = preset == Preset::BetterAuth;
        Self {
            preset,
            app_name: if upstream { "Better Auth" } else { "Your Auth System" }.to_owned(),
            base_url: "http://127.0.0.1:3000".to_owned(),
            base_path: "/api/auth".to_owned(),
            trusted_origins: Vec::new(),
            secret: None,
            secrets: Vec::new(),
            disabled_paths: Vec::new(),
            check_csrf: true,
            check_origin: true,
            cookies: CookiesConfig { prefix: "better-auth".to_owned(), secure: None, domain: None },
            ip: IpConfig {
                headers: vec!["x-forwarded-for".to_owned()],
                trusted_proxies: Vec::new(),
                trust_any_peer: upstream,
                ipv6_subnet: 64,
            },
            passwords: PasswordsConfig {
                scheme: if upstream { "scrypt" } else { "argon2id" }.to_owned(),
                rehash: !upstream,
                memory_kib: 19_456,
                iterations: 2,
                parallelism: 1,
                threads: 0,
                queue: 256,
                max_wait_ms: 5_000,
            },
            rate_limit: RateLimitConfig::preset(preset),
            plugins: BTreeMap::new(),
        }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        let mut add = |key: &str, what: String| wrong.push((key.to_owned(), what));
        match url::Url::parse(&self.base_url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {}
            _ => add(
                "base_url",
                format!("`{}` is no address; write it as https://auth.example.com", self.base_url),
            ),
        }
        if !self.base_path.starts_with('/') || self.base_path.ends_with('/') {
            add("base_path", format!("`{}` has to start with a slash and not end with one", self.base_path));
        }
        for (key, secret) in self.secret.iter().map(|s| ("secret", s)) {
            if secret.chars().count() < 32 {
                add(key, "is shorter than 32 characters; `tessera init` makes a good one".to_owned());
            }
        }
        for version in &self.secrets {
            if version.value.chars().count() < 32 {
                add("secrets", format!("version {} is shorter than 32 characters", version.version));
            }
        }
        if !matches!(self.passwords.scheme.as_str(), "argon2id" | "scrypt") {
            add("passwords.scheme", format!("`{}` is neither argon2id nor scrypt", self.passwords.scheme));
        }
        if self.passwords.memory_kib < 8 * self.passwords.parallelism.max(1) || self.passwords.iterations == 0
        {
            add("passwords.memory_kib", "argon2id wants 8 KiB a lane and at least one pass".to_owned());
        }
        for (key, what) in self.rate_limit.validate() {
            add(&format!("rate_limit.{key}"), what);
        }
        for proxy in &self.ip.trusted_proxies {
            if parse_net(proxy).is_none() {
                add("ip.trusted_proxies", format!("`{proxy}` is neither an address nor a network"));
            }
        }
        if self.ip.ipv6_subnet > 128 {
            add("ip.ipv6_subnet", format!("{} is more than the 128 bits of an address", self.ip.ipv6_subnet));
        }
        if self.cookies.prefix.is_empty()
            || !self.cookies.prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        {
            add("cookies.prefix", "may hold letters, digits, `-`, `_` and `.`".to_owned());
        }
        wrong
    }
}

pub(crate) fn parse_net(text: &str) -> Option<ipnet::IpNet> {
    text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(Into::into))
}

impl Config {
    /// The secret is missing or one that stands in an example.
    #[must_use]
    pub fn has_weak_secret(&self) -> bool {
        let values = self.secrets.first().map(|s| s.value.as_str()).or(self.secret.as_deref());
        values.is_none_or(|value| {
            let distinct: std::collections::BTreeSet<_> = value.chars().collect();
            distinct.len() < 8 || value.to_lowercase().contains("change-me")
        })
    }

    /// `https` addresses are production.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// What must not be served.
    #[must_use]
    pub fn refuse_production(&self) -> Option<Problem> {
        (self.is_production() && self.has_weak_secret()).then(|| {
            Problem::new(
                "secret",
                "an https base_url is production, and production needs a secret of its own: \
                 run `tessera init`, or set TESSERA_SECRET to the output of `openssl rand -base64 32`",
            )
        })
    }
}
