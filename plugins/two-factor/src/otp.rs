//! Codes that are sent.

use auth_core::{
    Cx, Failure, Means, User,
    crypto::{Alphabet, Secret},
    model::FieldValue,
    ports::{Message, SmsSender},
};

use crate::{TwoFactor, challenge, schema::challenge::Model};

/// The letter, and the text.
pub(crate) const MAIL: &str = "two-factor-otp";

const DIGITS: usize = 6;

/// A number that the user has proved to be theirs, where a plugin keeps such.
fn number(user: &User) -> Option<&str> {
    match (user.extra.get("phoneNumber"), user.extra.get("phoneNumberVerified")) {
        (FieldValue::Text(number), FieldValue::Bool(true)) => Some(number),
        _ => None,
    }
}

/// What a code proves that was sent.
pub(crate) fn means(row: &Model) -> Means {
    if row.otp_means.as_deref() == Some(Means::SMS.name()) { Means::SMS } else { Means::EMAIL }
}

/// Sends a new code; an older one does not count any more. `false` where the challenge has gone.
pub(crate) async fn send(cx: &Cx<TwoFactor>, row: &Model, user: &User) -> Result<bool, Failure> {
    let core = cx.call().core();
    let code = Secret::from(core.random(DIGITS, Alphabet::Digits));
    let sms = core.services().get::<dyn SmsSender>().zip(number(user));
    let means = if sms.is_some() { Means::SMS } else { Means::EMAIL };
    let until = core.now().plus_seconds(cx.plugin().config.otp.expires_in);
    let hash = row.hash(core, code.expose());
    let tx = cx.begin().await?;
    if !challenge::keep_code(&tx, &row.id, hash, means.name(), until).await? {
        return Ok(false);
    }
    if sms.is_none() {
        tx.mail(Message::new(MAIL, user.email.as_str(), user.name.as_str()).with("otp", code.expose()));
    }
    tx.commit().await?;
    if let Some((sms, number)) = sms {
        sms.send_code(core, user, number, MAIL, &code).await?;
    }
    Ok(true)
}
