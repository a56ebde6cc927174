//! Which rate rule a request falls under.

use auth_core::{
    Registrar,
    rate::{Limit, PathRule, RateRule},
};

use crate::config::RateLimitConfig;

/// The rules in the order they are asked: configuration, plugins' own paths, general rules, rest.
#[derive(Debug)]
pub(crate) struct Rules {
    enabled: bool,
    custom: Vec<RateRule>,
    plugins: Vec<RateRule>,
    general: Vec<RateRule>,
    rest: Limit,
}

impl Rules {
    pub(crate) fn new(config: &RateLimitConfig, registrar: &Registrar) -> Self {
        let custom = config.rules.iter().map(|(path, limit)| RateRule {
            path: match path.strip_suffix('*') {
                Some(prefix) => PathRule::Prefix(prefix.to_owned().into()),
                None => PathRule::Exact(path.clone().into()),
            },
            limit: *limit,
            general: false,
        });
        let (general, plugins) = registrar.rates.iter().map(|r| r.value.clone()).partition(|r| r.general);
        Self {
            enabled: config.enabled,
            custom: custom.collect(),
            plugins,
            general,
            rest: Limit { window: config.window, max: config.max },
        }
    }

    /// The limit of a path below the base path, and the rule that it comes from; `None` for no limit.
    pub(crate) fn limit(&self, path: &str) -> Option<(Limit, Option<&PathRule>)> {
        if !self.enabled {
            return None;
        }
        let mut rules = self.custom.iter().chain(&self.plugins).chain(&self.general);
        let rule = rules.find(|rule| rule.path.fits(path));
        let limit = rule.map_or(self.rest, |rule| rule.limit);
        (limit.max > 0).then(|| (limit, rule.map(|rule| &rule.path)))
    }
}
