//! Which rate rules a request falls under.

use std::borrow::Cow;

use auth_core::{
    Registrar,
    rate::{KeyPart, PathRule, RateRule},
};

use crate::config::{RateLimitConfig, RuleConfig, nearest};

/// What the rule of all paths without one of their own is called.
const REST: &str = "default";

/// A key of the configuration below `rate_limit.rules`, and what is wrong with it.
pub(crate) type Wrong = (String, String);

/// The rules. A path falls under one of them, the first that fits in this order: the configuration's,
/// plugins' for their own paths, general ones, the rest. Others may count beside it; where the
/// configuration has a rule for a path, those of plugins do not.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) enabled: bool,
    /// Whether answers say how a client stands.
    pub(crate) headers: bool,
    custom: Vec<RateRule>,
    custom_beside: Vec<RateRule>,
    plugins: Vec<RateRule>,
    plugins_beside: Vec<RateRule>,
    rest: RateRule,
}

impl Rules {
    /// The plugins' rules with what the configuration says; everything that is wrong with it.
    pub(crate) fn new(config: &RateLimitConfig, registered: &[RateRule]) -> Result<Self, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let mut plugins = registered.to_vec();
        let mut custom = Vec::new();
        for (name, given) in &config.rules {
            let mut named = false;
            for rule in plugins.iter_mut().filter(|rule| rule.name.as_deref() == Some(name)) {
                *rule = given.over(rule.clone());
                named = true;
            }
            if named {
                continue;
            }
            let path = given.path.as_deref().unwrap_or(name);
            if !path.starts_with('/') && path != "*" {
                let known: Vec<_> = registered.iter().filter_map(|rule| rule.name.as_deref()).collect();
                let what = format!(
                    "is no path, has no `path`, and no plugin has such a rule{}",
                    nearest(name, &known)
                );
                wrong.push((name.clone(), what));
                continue;
            }
            custom.push(custom_rule(config, name, path, given));
        }
        for rule in custom.iter().chain(&plugins).filter(|rule| !rule.beside && !rule.counts(KeyPart::Ip)) {
            let what = "has to hold `ip`, because the rule takes the place of the one that holds an address; \
                        with `beside = true` it counts beside that";
            wrong.push((format!("{}.key", rule.label()), what.to_owned()));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let (custom_beside, custom) = custom.into_iter().partition(|rule| rule.beside);
        let (plugins_beside, plugins): (Vec<_>, Vec<_>) = plugins.into_iter().partition(|rule| rule.beside);
        let (general, own): (Vec<_>, Vec<_>) = plugins.into_iter().partition(|rule| rule.general);
        let mut rest = RateRule::prefix("/", config.limit());
        rest.name = Some(Cow::Borrowed(REST));
        rest.fail = config.fail;
        Ok(Self {
            enabled: config.enabled,
            headers: config.headers,
            custom,
            custom_beside,
            plugins: [own, general].concat(),
            plugins_beside,
            rest,
        })
    }

    /// What plugins have registered, in their order.
    pub(crate) fn registered(registrar: &Registrar) -> Vec<RateRule> {
        registrar.rates.iter().map(|registered| registered.value.clone()).collect()
    }

    /// The rules that a request to a path is counted under. The first is the path's own.
    pub(crate) fn of(&self, path: &str) -> Vec<&RateRule> {
        if !self.enabled {
            return Vec::new();
        }
        let custom = self.custom.iter().find(|rule| rule.path.fits(path));
        let own =
            custom.or_else(|| self.plugins.iter().find(|rule| rule.path.fits(path))).unwrap_or(&self.rest);
        let beside = if custom.is_some() { &[][..] } else { &self.plugins_beside[..] };
        let beside = beside.iter().chain(&self.custom_beside).filter(|rule| rule.path.fits(path));
        let mut rules: Vec<&RateRule> = Vec::with_capacity(2);
        for rule in std::iter::once(own).chain(beside).filter(|rule| rule.limit.max > 0) {
            // Rules of one name are one.
            if !rules.iter().any(|other| other.beside && rule.beside && other.name == rule.name) {
                rules.push(rule);
            }
        }
        rules
    }
}

fn custom_rule(config: &RateLimitConfig, name: &str, path: &str, given: &RuleConfig) -> RateRule {
    let plain = RateRule {
        path: PathRule::parse(path),
        limit: config.limit(),
        general: false,
        name: given.path.is_some().then(|| Cow::Owned(name.to_owned())),
        key: Cow::Borrowed(&[KeyPart::Ip, KeyPart::Path]),
        beside: false,
        fail: config.fail,
    };
    let rule = given.over(plain);
    let name = rule.name.or_else(|| rule.beside.then(|| Cow::Owned(name.to_owned())));
    RateRule { name, ..rule }
}
