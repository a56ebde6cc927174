//! Mailed links: signed tokens that carry an address, bound to a user.

use auth_core::{
    Core, Failure, User, async_trait,
    crypto::{encode_component, jwt},
    ports::{EmailLinks, LinkPurpose, Message},
    serde_json::{Map, Value},
    store::Tx,
};

use crate::config::EmailPasswordConfig;

const CONFIRM: &str = "change-email-confirmation";
const CHANGE: &str = "change-email-verification";

pub(crate) struct Links {
    expires_in: u64,
}

/// What a link says once its signature was checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) email: String,
    pub(crate) user_id: Option<String>,
    pub(crate) update_to: Option<String>,
    pub(crate) step: Step,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Verify,
    Confirm,
    Change,
}

impl Links {
    pub(crate) fn new(config: &EmailPasswordConfig) -> Self {
        Self { expires_in: config.verification_expires_in }
    }

    fn token(&self, core: &Core, user: &User, purpose: LinkPurpose<'_>) -> String {
        let now = core.now().unix_seconds();
        let mut claims = Map::new();
        let mut put = |key: &str, value: Value| claims.insert(key.to_owned(), value);
        put("email", user.email.clone().into());
        match purpose {
            LinkPurpose::Verify => {}
            LinkPurpose::ConfirmChange { new_email } => {
                put("updateTo", new_email.into());
                put("requestType", CONFIRM.into());
            }
            LinkPurpose::ChangeTo { new_email } => {
                put("updateTo", new_email.into());
                put("requestType", CHANGE.into());
            }
        }
        put("userId", user.id.clone().into());
        put("iat", now.into());
        put("exp", now.saturating_add(i64::try_from(self.expires_in).unwrap_or(i64::MAX)).into());
        jwt::sign_hs256(&claims, None, core.settings().secrets.current())
    }
}

/// Opens a token. The wire's own tokens from before 1.7.8 carry no user id.
pub(crate) fn open(core: &Core, token: &str) -> Result<Claims, jwt::JwtError> {
    let secret = core.settings().secrets.current();
    let claims = jwt::verify_hs256(token, secret, core.now().unix_seconds(), 0)?;
    let text = |key: &str| claims.get(key).and_then(Value::as_str).map(str::to_owned);
    let step = match claims.get("requestType").and_then(Value::as_str) {
        Some(CONFIRM) => Step::Confirm,
        Some(CHANGE) => Step::Change,
        _ if claims.contains_key("updateTo") => Step::Change,
        _ => Step::Verify,
    };
    let email = text("email").ok_or(jwt::JwtError::Malformed)?;
    Ok(Claims { email, user_id: text("userId"), update_to: text("updateTo"), step })
}

#[async_trait]
impl EmailLinks for Links {
    async fn send(
        &self,
        tx: &Tx,
        user: &User,
        purpose: LinkPurpose<'_>,
        callback_url: Option<&str>,
    ) -> Result<(), Failure> {
        let core = tx.core();
        let token = self.token(core, user, purpose);
        let callback = encode_component(callback_url.filter(|url| !url.is_empty()).unwrap_or("/"));
        let url = format!("{}/verify-email?token={token}&callbackURL={callback}", core.settings().api_url());
        let (kind, to) = match purpose {
            LinkPurpose::Verify => ("verify-email", user.email.as_str()),
            LinkPurpose::ConfirmChange { .. } => ("change-email-confirmation", user.email.as_str()),
            LinkPurpose::ChangeTo { new_email } => ("verify-email", new_email),
        };
        let mut message = Message::new(kind, to, user.name.as_str()).with("url", url).with("token", token);
        if let LinkPurpose::ConfirmChange { new_email } = purpose {
            message = message.with("newEmail", new_email);
        }
        tx.mail(message);
        Ok(())
    }
}
