//! Codes that are sent.

use std::sync::Arc;

use auth_core::{
    Core, Cx, Means, User,
    crypto::{Alphabet, Secret},
    model::FieldValue,
    ports::{Message, SmsSender},
    proof::Proofs,
};

use crate::{TwoFactor, challenge, error::VerifyError, schema::challenge::Model};

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

/// What sends texts, and where to; without it a code comes by mail.
fn phone<'u>(core: &Core, user: &'u User) -> Option<(Arc<dyn SmsSender>, &'u str)> {
    core.services().get::<dyn SmsSender>().zip(number(user))
}

/// Whether a code proves something else than what was proved: who came by a mailed link has the mailbox, and
/// a code in it says nothing new.
pub(crate) fn is_second(core: &Core, user: &User, proofs: &Proofs) -> bool {
    let means = if phone(core, user).is_some() { Means::SMS } else { Means::EMAIL };
    proofs.iter().all(|proof| proof.means != means)
}

/// Sends a new code; an older one does not count any more.
pub(crate) async fn send(cx: &Cx<TwoFactor>, row: &Model, user: &User) -> Result<(), VerifyError> {
    let core = cx.call().core();
    if !is_second(core, user, &row.proofs()) {
        return Err(VerifyError::NoOtp);
    }
    let code = Secret::from(core.random(DIGITS, Alphabet::Digits));
    let sms = phone(core, user);
    let means = if sms.is_some() { Means::SMS } else { Means::EMAIL };
    let until = core.now().plus_seconds(cx.plugin().config.otp.expires_in);
    let hash = row.hash(core, code.expose());
    let tx = cx.begin().await?;
    if !challenge::keep_code(&tx, &row.id, hash, means.name(), until).await? {
        return Err(VerifyError::NobodyWaits);
    }
    if sms.is_none() {
        tx.mail(Message::new(MAIL, user.email.as_str(), user.name.as_str()).with("otp", code.expose()));
    }
    tx.commit().await?;
    if let Some((sms, number)) = sms {
        sms.send_code(core, user, number, MAIL, &code).await?;
    }
    Ok(())
}
