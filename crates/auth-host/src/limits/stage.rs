//! The stage of the pipeline that counts a request, before anything else is done for it.

use auth_core::{
    Event, Failure,
    call::{Request, bearer},
    crypto::{cookies, decode_component},
    email,
    endpoint::Reply,
    http::{HeaderName, HeaderValue, StatusCode, header},
    ip::bucket,
    rate::{Ask, KeyPart, RateRule, Standing, Verdict},
    serde_json::Value,
    session::{SESSION_COOKIE, SessionSource},
};
use bytes::Bytes;

use crate::{dispatch, figures, host::Host, render};

/// What stands for every path that is no endpoint's.
const UNKNOWN_PATH: &str = "unknown";

/// Members of a body that name an account, the most telling first.
const NAMES: [&str; 4] = ["email", "username", "phoneNumber", "newEmail"];

/// Headers for the answer.
pub(crate) type Headers = Vec<(HeaderName, HeaderValue)>;

impl Host {
    /// Counts a request: unknown paths count too. Gives the headers that its answer says how the client
    /// stands with, or the refusal.
    pub(crate) async fn limit(&self, request: &Request, body: &Bytes) -> Result<Headers, Box<Reply>> {
        let current = self.rules();
        let rules = current.of(&request.path);
        if rules.is_empty() {
            return Ok(Vec::new());
        }
        let core = self.core();
        let ip = core.settings().client_address(request);
        let sender = Sender { host: self, request, body, ip: ip.as_deref() };
        let asked: Vec<Ask> = sender.questions(&rules);
        let labels: Vec<_> = rules.iter().map(|rule| rule.label()).collect();
        for label in &labels {
            core.metrics().counter(&figures::RATE_LIMIT_HITS, &[label]).increment(1);
        }
        let told = |at: usize, standing: Standing| {
            let limit = rules.get(at).filter(|_| current.headers).map(|rule| rule.limit.max);
            limit.map_or_else(Vec::new, |limit| describe(limit, standing))
        };
        let verdict = core.limiter().hit(&asked, core.now().unix_millis()).await;
        let failure = match verdict {
            Ok(Verdict::Allowed { tightest, standing }) if standing.remaining < u64::MAX => {
                return Ok(told(tightest, standing));
            }
            Ok(Verdict::Allowed { .. }) => return Ok(Vec::new()),
            Ok(Verdict::Refused { by, retry_after }) => {
                let rule = labels.get(by).map(AsRef::as_ref).unwrap_or_default();
                core.metrics().counter(&figures::RATE_LIMITED, &[rule]).increment(1);
                let (path, rule) = (self.known_path(request), rule.to_owned());
                core.events().publish(Event::RateLimited { path, rule, ip });
                let standing = Standing { remaining: 0, reset: retry_after };
                let failure = Failure::uncoded(
                    StatusCode::TOO_MANY_REQUESTS,
                    "Too many requests. Please try again later.",
                )
                .with_header(HeaderName::from_static("x-retry-after"), retry_after.into())
                .with_header(header::RETRY_AFTER, retry_after.into());
                told(by, standing).into_iter().fold(failure, |f, (name, value)| f.with_header(name, value))
            }
            Err(failure) => failure,
        };
        Err(Box::new(render::failure(&failure, &request.trace_id)))
    }

    /// A path may hold a token, and a client can write anything into one that leads nowhere.
    fn known_path(&self, request: &Request) -> String {
        let found = self.find(&request.method, &request.path);
        found.and_then(|(route, _)| route.path.clone()).unwrap_or_else(|| UNKNOWN_PATH.to_owned())
    }
}

fn describe(limit: u64, standing: Standing) -> Headers {
    vec![
        (HeaderName::from_static("ratelimit-limit"), limit.into()),
        (HeaderName::from_static("ratelimit-remaining"), standing.remaining.into()),
        (HeaderName::from_static("ratelimit-reset"), standing.reset.into()),
    ]
}

/// Whoever sent a request, as far as limits want to know.
struct Sender<'a> {
    host: &'a Host,
    request: &'a Request,
    body: &'a Bytes,
    ip: Option<&'a str>,
}

impl Sender<'_> {
    fn questions(&self, rules: &[&RateRule]) -> Vec<Ask> {
        let account =
            rules.iter().any(|rule| rule.counts(KeyPart::Account)).then(|| self.account()).flatten();
        let question = |rule: &&RateRule| Ask {
            key: self.key(rule, account.as_deref()),
            limit: rule.limit,
            fail: rule.fail,
        };
        rules.iter().map(question).collect()
    }

    /// What is missing counts as the address. Better Auth's own key is the plain one.
    fn key(&self, rule: &RateRule, account: Option<&str>) -> String {
        let ip = bucket(self.ip);
        if !rule.beside && *rule.key == [KeyPart::Ip, KeyPart::Path] {
            return format!("{ip}|{}", self.request.path);
        }
        let mut key = format!("{}|", rule.label());
        for part in rule.key.iter() {
            let found = match part {
                KeyPart::Ip => Some(ip.to_owned()),
                KeyPart::Path => Some(self.request.path.clone()),
                KeyPart::PathClass => continue,
                KeyPart::Account => account.map(|account| self.mark("account", account)),
                KeyPart::Session => self.session().map(|session| self.mark("session", &session)),
                KeyPart::ApiKey => self.api_key().map(|key| self.mark("key", key)),
            };
            key.push_str(&found.unwrap_or_else(|| format!("-{ip}")));
            key.push('|');
        }
        key
    }

    fn mark(&self, kind: &str, text: &str) -> String {
        self.host.core().fingerprint(kind, text)
    }

    /// Whom the body names, as sign-in compares it.
    fn account(&self) -> Option<String> {
        let body = dispatch::parse_body(&self.request.headers, self.body, true).ok()??;
        let name = NAMES.iter().find_map(|name| body.get(name).and_then(Value::as_str))?;
        Some(email::normalize(name))
    }

    /// A cookie counts where its signature is ours: whoever makes one up has sent none.
    fn session(&self) -> Option<String> {
        if let Some(token) = bearer(&self.request.headers) {
            return Some(token.to_owned());
        }
        let core = self.host.core();
        let name = core.settings().cookies.name(SESSION_COOKIE);
        let headers = self.request.headers.get_all(header::COOKIE).into_iter();
        let mut values =
            headers.filter_map(|value| value.to_str().ok()).flat_map(|v| cookies::find_all(v, &name));
        values.find_map(|value| core.signer().verify(&decode_component(value)).map(str::to_owned))
    }

    fn api_key(&self) -> Option<&str> {
        let services = self.host.core().services();
        let mut names = services.slot::<dyn SessionSource>().flat_map(|source| source.headers());
        names.find_map(|name| self.request.headers.get(name)?.to_str().ok())
    }
}
