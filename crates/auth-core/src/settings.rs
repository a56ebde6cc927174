//! What every plugin may know of the deployment.

use std::net::IpAddr;

use auth_crypto::Secrets;
use url::Url;

use crate::{
    call::Request,
    config::Preset,
    ip::{ClientIpConfig, client_ip, normalize},
    origin::TrustedOrigins,
};

/// The frozen core section of the configuration.
pub struct Settings {
    /// The figures that defaults come from.
    pub preset: Preset,
    /// The name that people know the application by.
    pub app_name: String,
    /// Scheme, host and port under which clients reach the server.
    pub base_url: Url,
    /// `/api/auth`.
    pub base_path: String,
    /// The present secret and earlier ones: what an earlier one signed or sealed is still read.
    pub secrets: Secrets,
    /// Whose pages may send requests with cookies, and where redirects may lead.
    pub origins: TrustedOrigins,
    /// Which headers say where a request came from, and which proxies are believed.
    pub client_ip: ClientIpConfig,
    /// Headers count from any peer, and the peer's own address never does.
    pub trust_any_peer: bool,
    /// Protections that can be switched off.
    pub checks: Checks,
    /// How cookies are named and limited.
    pub cookies: CookieSettings,
    /// Hashes of another format or with other parameters are replaced at sign-in.
    pub rehash_passwords: bool,
}

/// Protections that can be switched off, each with a warning in `doctor`.
#[derive(Clone, Copy, Debug)]
pub struct Checks {
    /// Origin of requests with cookies.
    pub csrf: bool,
    /// Redirect targets.
    pub origin: bool,
}

/// How cookies are named and limited.
#[derive(Clone, Debug)]
pub struct CookieSettings {
    /// `better-auth`.
    pub prefix: String,
    /// `Secure`, with the `__Secure-` name prefix.
    pub secure: bool,
    /// `Domain`, for use across sub-domains.
    pub domain: Option<String>,
}

impl CookieSettings {
    /// The full name of a cookie.
    #[must_use]
    pub fn name(&self, short: &str) -> String {
        let secure = if self.secure { "__Secure-" } else { "" };
        format!("{secure}{}.{short}", self.prefix)
    }
}

impl Settings {
    /// Where a request came from, as far as it can be trusted.
    #[must_use]
    pub fn client_address(&self, request: &Request) -> Option<String> {
        let from_headers = || {
            client_ip(&self.client_ip, |name| {
                request.headers.get_all(name).into_iter().map(|v| v.to_str().unwrap_or("?")).collect()
            })
        };
        if self.trust_any_peer {
            return from_headers();
        }
        let peer = request.peer?;
        let given = if self.trusts(Some(peer)) { from_headers() } else { None };
        given.or_else(|| normalize(&peer.to_string(), self.client_ip.ipv6_subnet))
    }

    /// Whether what a peer's headers say of others is believed: it is a proxy of ours.
    #[must_use]
    pub fn trusts(&self, peer: Option<IpAddr>) -> bool {
        let listed = |peer: IpAddr| {
            self.client_ip.trusted_proxies.iter().any(|net| net.contains(&peer.to_canonical()))
        };
        self.trust_any_peer || peer.is_some_and(listed)
    }

    /// `https://host/api/auth`: what links in mails start with.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("{}{}", self.origins.base_origin(), self.base_path)
    }
}
