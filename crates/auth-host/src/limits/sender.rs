//! What a request is counted by.

use auth_core::{
    Core,
    call::{Request, bearer},
    crypto::{cookies, decode_component},
    email,
    http::header,
    ip::bucket,
    rate::{Ask, KeyPart, RateRule},
    serde_json::Value,
    session::{SESSION_COOKIE, SessionSource},
};
use bytes::Bytes;

use crate::dispatch;

/// Members of a body that name an account.
const NAMES: [&str; 4] = ["email", "username", "phoneNumber", "newEmail"];

/// Further credentials of one request are not looked at.
const MOST: usize = 8;

/// Whoever sent a request, as far as limits want to know.
pub(super) struct Sender<'a> {
    pub(super) core: &'a Core,
    pub(super) request: &'a Request,
    pub(super) body: &'a Bytes,
    pub(super) ip: Option<&'a str>,
}

impl Sender<'_> {
    /// The counters of some rules, each with its rule.
    pub(super) fn questions<'r>(&self, rules: &[&'r RateRule]) -> Vec<(Ask, &'r RateRule)> {
        let mut questions = Vec::with_capacity(rules.len());
        for rule in rules {
            let ask = |key| (Ask { key, limit: rule.limit, fail: rule.fail }, *rule);
            questions.extend(self.keys(rule).into_iter().map(ask));
        }
        questions
    }

    /// Better Auth's own key is the plain one. What a request lacks counts as the address; of what it has
    /// several times, each counts: a name or token that is put beside the real one opens no new counter.
    fn keys(&self, rule: &RateRule) -> Vec<String> {
        let ip = bucket(self.ip);
        if !rule.beside && *rule.key == [KeyPart::Ip, KeyPart::Path] {
            return vec![format!("{ip}|{}", self.request.path)];
        }
        let mut keys = vec![format!("{}|", rule.label())];
        for part in rule.key.iter() {
            let mut found = match part {
                KeyPart::Ip => vec![ip.to_owned()],
                KeyPart::Path => vec![self.request.path.clone()],
                KeyPart::PathClass => continue,
                KeyPart::Account => self.marks("account", self.accounts()),
                KeyPart::Session => self.marks("session", self.sessions()),
                KeyPart::ApiKey => self.marks("key", self.api_keys()),
            };
            if found.is_empty() {
                found.push(format!("-{ip}"));
            }
            keys =
                keys.iter().flat_map(|key| found.iter().map(move |part| format!("{key}{part}|"))).collect();
        }
        keys
    }

    fn marks(&self, kind: &str, mut texts: Vec<String>) -> Vec<String> {
        texts.sort_unstable();
        texts.dedup();
        texts.iter().take(MOST).map(|text| self.core.fingerprint(kind, text)).collect()
    }

    /// Whom the body names, as sign-in compares it.
    fn accounts(&self) -> Vec<String> {
        let Ok(Some(body)) = dispatch::parse_body(&self.request.headers, self.body, true) else {
            return Vec::new();
        };
        let named = NAMES.iter().filter_map(|name| body.get(name).and_then(Value::as_str));
        named.map(email::normalize).collect()
    }

    /// A cookie counts where its signature is ours: whoever makes one up has sent none.
    fn sessions(&self) -> Vec<String> {
        let signer = self.core.signer();
        let name = self.core.settings().cookies.name(SESSION_COOKIE);
        let headers = self.request.headers.get_all(header::COOKIE).into_iter();
        let values =
            headers.filter_map(|value| value.to_str().ok()).flat_map(|v| cookies::find_all(v, &name));
        let signed = |value: &str| signer.verify(&decode_component(value)).map(str::to_owned);
        let from_cookies = values.filter_map(signed);
        let bearer = bearer(&self.request.headers);
        let bearer = bearer.map(|token| signed(token).unwrap_or_else(|| token.to_owned()));
        from_cookies.chain(bearer).collect()
    }

    fn api_keys(&self) -> Vec<String> {
        let names = self.core.services().slot::<dyn SessionSource>().flat_map(|source| source.headers());
        let values = names.flat_map(|name| self.request.headers.get_all(name));
        values.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect()
    }
}
