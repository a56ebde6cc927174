//! The cookies of the sessions that a browser keeps: `session_token_multi-<token>`, one each.
//!
//! The name says which session it is, the signed value proves that the browser was given it. A request
//! can carry any number: of those with a good signature the first [`MOST`] count, and they are looked up
//! in one query.

use auth_core::{
    Call, Failure, User,
    call::SetCookie,
    crypto::{cookies::pairs, decode_component},
    model::Session,
    session::{SESSION_COOKIE, SessionAuthority},
};

/// More than a browser keeps, and few enough for one query.
pub(crate) const MOST: usize = 50;

/// The name of a session's cookie.
pub(crate) fn name(call: &Call, token: &str) -> String {
    format!("{}{}", prefix(call), token.to_ascii_lowercase())
}

fn prefix(call: &Call) -> String {
    format!("{}_multi-", call.core().settings().cookies.name(SESSION_COOKIE))
}

/// The tokens that the request proves to have been given, in its order, each once.
pub(crate) fn tokens(call: &Call) -> Vec<String> {
    let prefix = prefix(call);
    let header = call.cookie_header();
    let mut tokens: Vec<String> = Vec::new();
    for (name, value) in pairs(&header) {
        let Some(named) = name.strip_prefix(&prefix) else { continue };
        let value = decode_component(value);
        if let Some(token) = call.core().signer().verify(&value)
            && token.to_ascii_lowercase() == named
            && !tokens.iter().any(|known| known == token)
        {
            tokens.push(token.to_owned());
            if tokens.len() == MOST {
                break;
            }
        }
    }
    tokens
}

/// The token of a session that was named, with the spelling that its cookie proves.
pub(crate) fn proven(call: &Call, named: &str) -> Option<String> {
    let full = name(call, named);
    call.cookie_values(&full).find_map(|value| {
        let value = decode_component(value);
        let token = call.core().signer().verify(&value)?;
        token.eq_ignore_ascii_case(named).then(|| token.to_owned())
    })
}

/// The sessions of these tokens that sign their users in now.
pub(crate) async fn live(call: &Call, tokens: &[String]) -> Result<Vec<(Session, User)>, Failure> {
    let core = call.core();
    let mut live = Vec::new();
    for found in core.sessions().find_by_tokens(core.db(), tokens).await? {
        if core.session_admits(&found.0).await? {
            live.push(found);
        }
    }
    Ok(live)
}

/// The cookie of a session, with what the session's own cookie has but its name.
pub(crate) fn keep(call: &Call, token: &str, remember: Option<bool>) -> Option<SetCookie> {
    let authority = call.core().services().get::<dyn SessionAuthority>()?;
    Some(SetCookie { name: name(call, token), ..authority.cookie(call, token, remember) })
}

pub(crate) fn forget(call: &Call, token: &str) {
    call.set_cookie(SetCookie::expire(name(call, token)));
}
