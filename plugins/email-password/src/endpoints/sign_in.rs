//! `POST /sign-in/email`.

use auth_core::{
    Body, Cx, Event, Json, Key, Means, User, email,
    endpoint::WithHeaders,
    http::{HeaderMap, HeaderValue, header},
    origin,
    ports::{EmailLinks, LinkPurpose},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{EmailPassword, lockout};

auth_core::errors! {
    pub enum SignInError {
        InvalidEmail => (400, "INVALID_EMAIL", "Invalid email"),
        PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
        /// Unknown user, no password and wrong password cannot be told apart.
        Wrong => (401, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password"),
        /// Whether or not there is such an account.
        Locked => (429, "TOO_MANY_ATTEMPTS", "Too many failed attempts. Please try again later."),
        NotVerified => (403, "EMAIL_NOT_VERIFIED", "Email not verified"),
        CrossSite => (
            403,
            "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
            "Cross-site navigation login blocked. This request appears to be a CSRF attack."
        ),
    }
}

/// The name of this way in events and figures.
const METHOD: &str = "email-password";

pub const SIGN_IN: Key<SignIn, SignedIn> = Key::new("signInEmail");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct SignIn {
    pub email: String,
    pub password: String,
    /// Where the client goes afterwards. It is echoed and set as `Location`.
    #[serde(rename = "callbackURL")]
    pub callback_url: Option<String>,
    /// `false`: the session ends with the browser.
    #[serde(rename = "rememberMe")]
    pub remember_me: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
pub struct SignedIn {
    pub redirect: bool,
    pub token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub user: User,
}

pub async fn sign_in(
    cx: Cx<EmailPassword>,
    Body(input): Body<SignIn>,
) -> Result<WithHeaders<Json<SignedIn>>, SignInError> {
    if !email::is_valid(&input.email) {
        return Err(SignInError::InvalidEmail);
    }
    cx.check_given_password(&input.password)?;
    let user = check(&cx, &input).await?;
    let config = &cx.plugin().config;
    if config.require_email_verification && !user.email_verified {
        if config.send_on_sign_in
            && let Some(links) = cx.services().get::<dyn EmailLinks>()
        {
            let tx = cx.begin().await?;
            links.send(&tx, &user, LinkPurpose::Verify, input.callback_url.as_deref()).await?;
            tx.commit().await?;
        }
        return Err(SignInError::NotVerified);
    }
    let remember = input.remember_me.unwrap_or(true);
    let token = cx.issue_session(&user, Some(remember), METHOD, &[Means::PASSWORD])?;
    let url = input.callback_url.filter(|url| !url.is_empty());
    let mut headers = HeaderMap::new();
    if let Some(value) = url.as_ref().and_then(|url| HeaderValue::try_from(origin::location(url)).ok()) {
        headers.insert(header::LOCATION, value);
    }
    Ok(WithHeaders(Json(SignedIn { redirect: url.is_some(), token, url, user }), headers))
}

/// The user whose password this is. Every refusal costs one verification, except where the attempt has
/// to wait: that one is refused before anything is looked up.
async fn check(cx: &Cx<EmailPassword>, input: &SignIn) -> Result<User, SignInError> {
    let address = email::normalize(&input.email);
    let attempt = match &cx.plugin().lockout {
        Some(lockout) => match lockout.attempt(cx.call(), &address).await? {
            Ok(attempt) => Some(attempt),
            Err(locked) => {
                lockout::refused(cx.call(), locked);
                return Err(SignInError::Locked);
            }
        },
        None => None,
    };
    let user = cx.users().find_by_email(cx.db(), &address).await?;
    let refuse = |reason, user: Option<&User>| {
        if let Some(attempt) = &attempt {
            lockout::failed(cx.call(), attempt, user.map(|user| user.id.as_str()));
        }
        let (user_id, ip) = (user.map(|user| user.id.clone()), cx.call().ip().map(str::to_owned));
        cx.events().publish(Event::SignInFailed { method: METHOD, reason, user_id, ip });
        Err(SignInError::Wrong)
    };
    let Some(user) = user.filter(|user| email::matches(&user.email, &input.email)) else {
        cx.passwords().dummy_verify(&input.password).await?;
        return refuse("unknown user", None);
    };
    match cx.call().core().verify_password(&user.id, &input.password).await? {
        Some(true) => {
            if let Some(attempt) = attempt {
                attempt.succeeded(cx.call()).await?;
            }
            Ok(user)
        }
        Some(false) => refuse("wrong password", Some(&user)),
        None => refuse("no password", Some(&user)),
    }
}
