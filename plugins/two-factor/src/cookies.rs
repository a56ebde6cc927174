//! The cookies: the challenge, the trusted device, and those of a session that is withdrawn.

use auth_core::{Call, call::SetCookie};

/// The id of the sign-in that waits.
pub(crate) const TWO_FACTOR: &str = "two_factor";
pub(crate) const TRUST_DEVICE: &str = "trust_device";
/// What a sign-in said about staying signed in, as the wire has it.
const DONT_REMEMBER: &str = "dont_remember";

/// Sets a signed cookie.
pub(crate) fn set(call: &Call, short: &str, value: &str, max_age: Option<u64>) {
    let core = call.core();
    call.set_cookie(SetCookie::new(core.settings().cookies.name(short), core.signer().sign(value), max_age));
}

pub(crate) fn expire(call: &Call, short: &str) {
    call.set_cookie(SetCookie::expire(call.core().settings().cookies.name(short)));
}

/// Expires one that the request has.
pub(crate) fn expire_present(call: &Call, short: &str) {
    if call.cookie_named(&call.core().settings().cookies.name(short)).is_some() {
        expire(call, short);
    }
}

/// The browser has no session while it waits. What was said about staying signed in stays.
pub(crate) fn withdraw_session(call: &Call, remember: Option<bool>) {
    for short in ["session_token", "session_data"] {
        expire(call, short);
    }
    match remember {
        Some(false) => set(call, DONT_REMEMBER, "true", None),
        Some(true) => expire_present(call, DONT_REMEMBER),
        None => {}
    }
}

/// A device that is trusted is remembered. A cookie that says otherwise goes with the session's own.
pub(crate) fn remember(call: &Call) {
    if call.signed_cookie(DONT_REMEMBER).is_none() {
        expire(call, DONT_REMEMBER);
    }
}
