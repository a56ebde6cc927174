//! Stands alone: nobody signs up with an address of a blocked domain.

use std::sync::Arc;

use auth_core::{
    BeforeHook, Call, DatabaseHook, Failure, Flow, Manifest, Match, Phase, Plugin, PluginConfig, Preset,
    Problem, Registrar, Tx, async_trait,
    endpoint::Tag,
    hook::Change,
    schemars::JsonSchema,
    serde::{Deserialize, Serialize},
};

/// `[plugins.email-domains]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde", deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
pub struct Config {
    /// Domains whose addresses are refused, with all their sub-domains: `mailinator.com`.
    pub blocked: Vec<String>,
}

impl PluginConfig for Config {
    fn preset(_: Preset) -> Self {
        Self { blocked: Vec::new() }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let is_domain = |text: &str| {
            let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
            !text.is_empty() && !text.starts_with('.') && text.bytes().all(allowed)
        };
        let wrong = self.blocked.iter().filter(|text| !is_domain(text));
        let tell = |text: &String| format!("`{text}` is no domain; write it in lower case, without `@`");
        wrong.map(|text| ("blocked".to_owned(), tell(text))).collect()
    }
}

/// Refuses addresses of blocked domains.
pub struct EmailDomains {
    config: Config,
}

impl Plugin for EmailDomains {
    const MANIFEST: Manifest = Manifest::new(
        "email-domains",
        env!("CARGO_PKG_VERSION"),
        "Refuses users with addresses of blocked domains",
    );
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        Ok(Self { config })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.before(Phase::Guard, Match::Tag(Tag::SIGN_UP), BeforeSignUp(self.clone()));
        host.database_hook(Rows(self));
    }
}

impl EmailDomains {
    fn check(&self, address: &str) -> Result<(), Failure> {
        let domain = address.rsplit('@').next().unwrap_or_default().trim().to_lowercase();
        let is_blocked = |blocked: &String| {
            domain.strip_suffix(blocked.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if self.config.blocked.iter().any(is_blocked) {
            let message = "Addresses of this domain cannot be used here";
            return Err(Failure::forbidden("EMAIL_DOMAIN_IS_BLOCKED", message));
        }
        Ok(())
    }
}

/// Early, and before a password is hashed for nothing. The body has not been validated yet.
struct BeforeSignUp(Arc<EmailDomains>);

#[async_trait]
impl BeforeHook for BeforeSignUp {
    async fn run(&self, call: &mut Call) -> Result<Flow, Failure> {
        let body = call.request.body.as_ref();
        match body.and_then(|body| body.get("email")).and_then(|email| email.as_str()) {
            Some(email) => self.0.check(email).map(|()| Flow::Continue),
            None => Ok(Flow::Continue),
        }
    }
}

/// Whatever else makes users or changes addresses comes past here.
struct Rows(Arc<EmailDomains>);

#[async_trait]
impl DatabaseHook for Rows {
    async fn before(&self, _: &Tx, change: &mut Change<'_>) -> Result<(), Failure> {
        match change {
            Change::CreateUser(user) => self.0.check(&user.email),
            Change::UpdateUser { patch, .. } => patch.email.iter().try_for_each(|email| self.0.check(email)),
            _ => Ok(()),
        }
    }
}

auth_core::plugin!(EmailDomains);
