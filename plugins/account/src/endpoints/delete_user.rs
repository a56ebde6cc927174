//! `POST /delete-user`: with the password, with a mailed token, or with a fresh session.

use std::time::Duration;

use auth_core::{
    Body, Cx, Failure, Json, Key, StrictSession, User,
    crypto::{Alphabet, encode_component},
    http::StatusCode,
    ports::Message,
    schemars::JsonSchema,
    session::SessionAuthority,
};
use serde::{Deserialize, Serialize};

use crate::AccountPlugin;

auth_core::errors! {
    pub enum DeleteUserError {
        NoPassword => (400, "CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found"),
        Wrong => (400, "INVALID_PASSWORD", "Invalid password"),
        PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
        InvalidToken => (404, "INVALID_TOKEN", "Invalid token"),
        NotFresh => (400, "SESSION_EXPIRED", "Session expired. Re-authenticate to perform this action."),
    }
}

pub const DELETE_USER: Key<DeleteUser, DeletedUser> = Key::new("deleteUser");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct DeleteUser {
    /// Where the mailed link leads.
    #[serde(rename = "callbackURL")]
    pub callback_url: Option<String>,
    pub password: Option<String>,
    /// A mailed token.
    pub token: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct DeletedUser {
    pub success: bool,
    pub message: String,
}

impl DeletedUser {
    fn new(message: &str) -> Json<Self> {
        Json(Self { success: true, message: message.to_owned() })
    }
}

/// The identifier of a token in the verification table.
const PREFIX: &str = "delete-account-";

pub async fn delete_user(
    cx: Cx<AccountPlugin>,
    session: StrictSession,
    Body(input): Body<DeleteUser>,
) -> Result<Json<DeletedUser>, DeleteUserError> {
    let config = &cx.plugin().config;
    if !config.delete_user {
        return Err(Failure::empty(StatusCode::NOT_FOUND).into());
    }
    let user = session.user.as_ref();
    let proven = match &input.password {
        Some(password) => {
            cx.check_given_password(password)?;
            match cx.call().core().verify_password(&user.id, password).await? {
                Some(true) => true,
                Some(false) => return Err(DeleteUserError::Wrong),
                None => return Err(DeleteUserError::NoPassword),
            }
        }
        None => false,
    };
    if let Some(token) = input.token.filter(|token| !token.is_empty()) {
        redeem(&cx, user, &token).await?;
        return Ok(DeletedUser::new("User deleted"));
    }
    if config.delete_user_by_mail {
        send(&cx, user, input.callback_url.as_deref()).await?;
        return Ok(DeletedUser::new("Verification email sent"));
    }
    let authority = cx.services().get::<dyn SessionAuthority>();
    if !proven && !authority.is_some_and(|a| a.is_fresh(&session.session, cx.now())) {
        return Err(DeleteUserError::NotFresh);
    }
    let tx = cx.begin().await?;
    cx.users().delete(&tx, user).await?;
    cx.call().commit_with(tx);
    cx.call().end_session();
    Ok(DeletedUser::new("User deleted"))
}

async fn send(cx: &Cx<AccountPlugin>, user: &User, callback: Option<&str>) -> Result<(), Failure> {
    let token = cx.random(32, Alphabet::LowerDigits);
    let life = Duration::from_secs(cx.plugin().config.delete_expires_in);
    let tx = cx.begin().await?;
    cx.verifications().create(&tx, format!("{PREFIX}{token}"), user.id.as_str(), life).await?;
    let callback = encode_component(callback.filter(|url| !url.is_empty()).unwrap_or("/"));
    let url =
        format!("{}/delete-user/callback?token={token}&callbackURL={callback}", cx.settings().api_url());
    tx.mail(
        Message::new("delete-account", user.email.as_str(), user.name.as_str())
            .with("url", url)
            .with("token", token),
    );
    cx.call().commit_with(tx);
    Ok(())
}

/// Redeems a token of this user and deletes them; of many callers at once, one does.
pub(super) async fn redeem(cx: &Cx<AccountPlugin>, user: &User, token: &str) -> Result<(), DeleteUserError> {
    let identifier = format!("{PREFIX}{token}");
    let tx = cx.begin().await?;
    // A token of somebody else is not used up by the attempt: the transaction is dropped.
    let redeemed = cx.verifications().consume(&tx, &identifier).await?;
    redeemed.filter(|token| token.value == user.id).ok_or(DeleteUserError::InvalidToken)?;
    if !cx.users().delete(&tx, user).await? {
        return Err(DeleteUserError::InvalidToken);
    }
    cx.call().commit_with(tx);
    cx.call().end_session();
    Ok(())
}
