//! `POST /sign-up/email`: makes an account and signs it in.

use auth_core::{
    Body, Cx, Json, Key, Means, User, email,
    fields::{Input, accept, check_profile},
    ports::{EmailLinks, LinkPurpose, Message},
    schema::CoreTable,
    schemars::JsonSchema,
    serde_json::{Map, Value},
};
use serde::{Deserialize, Serialize};

use crate::EmailPassword;

auth_core::errors! {
    pub enum SignUpError {
        Disabled => (400, "EMAIL_PASSWORD_SIGN_UP_DISABLED", "Email and password sign up is not enabled"),
        PasswordTooShort => (400, "PASSWORD_TOO_SHORT", "Password too short"),
        PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
        PasswordTooWeak => (400, "PASSWORD_TOO_WEAK", "Password breaks a rule"),
        FieldNotAllowed => (400, "FIELD_NOT_ALLOWED", "Field not allowed to be set"),
        MissingField => (400, "MISSING_FIELD", "Field is required"),
        Taken => (422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email."),
        CrossSite => (
            403,
            "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
            "Cross-site navigation login blocked. This request appears to be a CSRF attack."
        ),
    }
}

pub const SIGN_UP: Key<SignUp, SignedUp> = Key::new("signUpEmail");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct SignUp {
    pub name: String,
    #[schemars(extend("format" = "email"))]
    pub email: String,
    #[schemars(length(min = 1))]
    pub password: String,
    pub image: Option<String>,
    /// Where a verification link leads.
    #[serde(rename = "callbackURL")]
    pub callback_url: Option<String>,
    /// `false`: the session ends with the browser.
    #[serde(rename = "rememberMe")]
    pub remember_me: Option<bool>,
    /// Declared further fields.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

#[derive(Serialize, JsonSchema)]
pub struct SignedUp {
    /// The session's token; null where signing up does not sign in.
    pub token: Option<String>,
    pub user: User,
}

pub async fn sign_up(
    cx: Cx<EmailPassword>,
    Body(input): Body<SignUp>,
) -> Result<Json<SignedUp>, SignUpError> {
    let config = &cx.plugin().config;
    if !config.sign_up {
        return Err(SignUpError::Disabled);
    }
    cx.check_new_password(&input.password)?;
    check_profile(Some(&input.name), input.image.as_deref())?;
    let fields = accept(cx.schema().extras(CoreTable::User), &input.more, Input::Create)?;

    let address = email::normalize(&input.email);
    let mut user = cx.users().draft(input.name.as_str(), address);
    user.image = input.image.clone();
    for (name, value) in fields {
        user.extra.set(&name, value);
    }
    let known = cx.users().find_by_email(cx.db(), &user.email).await?;
    // The same work whether or not the address is taken.
    let hash = cx.passwords().hash(&input.password).await?;
    if let Some(known) = known {
        return taken(&cx, &known, user).await;
    }
    let tx = cx.begin().await?;
    let created = match cx.users().create(&tx, user.clone()).await {
        Ok(user) => user,
        // Somebody was faster.
        Err(failure) if failure.is_duplicate() => {
            tx.rollback().await?;
            let known = cx.users().find_by_email(cx.db(), &user.email).await?;
            return taken(&cx, known.as_ref().unwrap_or(&user), user.clone()).await;
        }
        Err(failure) => return Err(failure.into()),
    };
    cx.accounts().create(&tx, cx.accounts().draft_credential(&created.id, hash)).await?;
    if config.send_on_sign_up.unwrap_or(config.require_email_verification)
        && let Some(links) = cx.services().get::<dyn EmailLinks>()
    {
        links.send(&tx, &created, LinkPurpose::Verify, input.callback_url.as_deref()).await?;
    }
    cx.call().commit_with(tx);
    let token = if config.auto_sign_in && !config.require_email_verification {
        let remember = input.remember_me.unwrap_or(true);
        Some(cx.issue_session(&created, Some(remember), "sign-up", &[Means::PASSWORD])?)
    } else {
        None
    };
    Ok(Json(SignedUp { token, user: created }))
}

/// An address that has an account. Where signing up does not sign in, the answer is that of a
/// success, and only the owner of the address hears of it.
async fn taken(cx: &Cx<EmailPassword>, known: &User, synthetic: User) -> Result<Json<SignedUp>, SignUpError> {
    let config = &cx.plugin().config;
    if config.auto_sign_in && !config.require_email_verification {
        return Err(SignUpError::Taken);
    }
    if config.notify_existing_user {
        let message = Message::new("existing-user-sign-up", known.email.as_str(), known.name.as_str());
        let tx = cx.begin().await?;
        tx.mail(message);
        tx.commit().await?;
    }
    Ok(Json(SignedUp { token: None, user: synthetic }))
}
