//! Whose factor is changed or shown, and that it is them.

use std::sync::Arc;

use auth_core::{
    Call, Cx, Extract, Failure, Means, StrictSession, User,
    endpoint::EndpointDoc,
    serde_json::Value,
    session::{Identity, SessionAuthority},
};

use crate::{TwoFactor, challenge, cookies, schema::challenge::Model};

/// The user whose factor it is.
pub(crate) enum Owner {
    Session(Box<Identity>),
    /// Whose sign-in waits for the factor that they have to set up. It proved who they are a moment ago.
    Enrolling(Box<(Model, User)>),
}

/// What a password that was asked for proves: itself, or nothing where there is none.
pub(crate) type Proved = &'static [Means];

const BY_PASSWORD: Proved = &[Means::PASSWORD];

fn wrong() -> Failure {
    Failure::bad_request("INVALID_PASSWORD", "Invalid password")
}

/// A body without a password is refused as every incomplete body is, before anybody looks who sends it; but
/// where some need none.
pub(crate) struct PasswordGiven;

impl Extract for PasswordGiven {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let given =
            call.request.body.as_ref().and_then(|body| body.get("password")).is_some_and(Value::is_string);
        let plugin = call.core().plugin::<TwoFactor>();
        let may_lack = plugin.is_some_and(|plugin| {
            let waits = || call.signed_cookie(cookies::TWO_FACTOR).is_some();
            plugin.config.allow_passwordless || (plugin.may_enrol(call.core()) && waits())
        });
        if given || may_lack {
            return Ok(Self);
        }
        let what = "[body.password] Invalid input: expected string, received undefined";
        Err(Failure::bad_request("VALIDATION_ERROR", what))
    }

    fn describe(_: &mut EndpointDoc) {}
}

impl Owner {
    pub(crate) async fn of(cx: &Cx<TwoFactor>) -> Result<Self, Failure> {
        let call = cx.call();
        if let Some(StrictSession(identity)) = Option::<StrictSession>::extract(call).await? {
            return Ok(Self::Session(Box::new(identity)));
        }
        let waiting = challenge::of_cookie(call).await?.filter(|(row, _)| row.enrols);
        waiting.map(|waiting| Self::Enrolling(Box::new(waiting))).ok_or_else(Failure::unauthorized)
    }

    pub(crate) fn user(&self) -> &User {
        match self {
            Self::Session(identity) => &identity.user,
            Self::Enrolling(waiting) => &waiting.1,
        }
    }

    /// Asks for the password where there is more than a moment since it was asked for. Gives what it proves.
    pub(crate) async fn prove(&self, cx: &Cx<TwoFactor>, password: Option<&str>) -> Result<Proved, Failure> {
        match self {
            Self::Session(identity) => check_password(cx, identity, password).await,
            Self::Enrolling(_) => Ok(&[]),
        }
    }

    /// Changing a factor needs a session whose user proved a short while ago who they are.
    pub(crate) fn check_fresh(&self, cx: &Cx<TwoFactor>) -> Result<(), Failure> {
        match self {
            Self::Session(identity) => check_fresh(cx, identity),
            Self::Enrolling(_) => Ok(()),
        }
    }
}

pub(crate) fn check_fresh(cx: &Cx<TwoFactor>, identity: &Identity) -> Result<(), Failure> {
    let authority = cx.services().get::<dyn SessionAuthority>();
    let fresh = authority.is_some_and(|authority| authority.is_fresh(&identity.session, cx.now()));
    if fresh || !cx.plugin().config.fresh_session {
        return Ok(());
    }
    Err(Failure::forbidden("SESSION_NOT_FRESH", "Session is not fresh"))
}

pub(crate) async fn check_password(
    cx: &Cx<TwoFactor>,
    identity: &Identity,
    password: Option<&str>,
) -> Result<Proved, Failure> {
    let may_lack = cx.plugin().config.allow_passwordless;
    let core = cx.call().core();
    let Some(password) = password else {
        let account = core.accounts().find_credential(core.db(), &identity.user.id).await?;
        return if may_lack && account.is_none() { Ok(&[]) } else { Err(wrong()) };
    };
    core.check_given_password(password)?;
    match core.verify_password(&identity.user.id, password).await? {
        Some(true) => Ok(BY_PASSWORD),
        None if may_lack => Ok(&[]),
        _ => Err(wrong()),
    }
}
