//! The stage of the pipeline that counts a request, before anything else is done for it.

use auth_core::{
    Event, Failure,
    call::Request,
    endpoint::Reply,
    http::{HeaderName, HeaderValue, StatusCode, header},
    rate::{Ask, RateRule, Standing, Verdict},
};
use bytes::Bytes;

use super::sender::Sender;
use crate::{figures, host::Host, render};

/// What stands for every path that is no endpoint's.
const UNKNOWN_PATH: &str = "unknown";

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
        let sender = Sender { core, request, body, ip: ip.as_deref() };
        for rule in &rules {
            core.metrics().counter(&figures::RATE_LIMIT_HITS, &[&rule.label()]).increment(1);
        }
        let (asked, of): (Vec<Ask>, Vec<&RateRule>) = sender.questions(&rules).into_iter().unzip();
        let told = |at: usize, standing: Standing| {
            let limit = of.get(at).filter(|_| current.headers).map(|rule| rule.limit.max);
            limit.map_or_else(Vec::new, |limit| describe(limit, standing))
        };
        let verdict = core.limiter().hit(&asked, core.now().unix_millis()).await;
        let failure = match verdict {
            Ok(Verdict::Allowed { tightest, standing }) if standing.remaining < u64::MAX => {
                return Ok(told(tightest, standing));
            }
            Ok(Verdict::Allowed { .. }) => return Ok(Vec::new()),
            Ok(Verdict::Refused { by, retry_after }) => {
                let rule = of.get(by).map(|rule| rule.label().into_owned()).unwrap_or_default();
                core.metrics().counter(&figures::RATE_LIMITED, &[&rule]).increment(1);
                let path = self.known_path(request);
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
