//! Origin checks: may this page send this request, and may it be sent there?

use auth_core::{
    Call, Failure,
    endpoint::Tag,
    http::{Method, StatusCode, header},
    serde_json::Value,
};

const CROSS_SITE: (&str, &str) = (
    "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
    "Cross-site navigation login blocked. This request appears to be a CSRF attack.",
);

/// Refuses requests whose origin or redirect targets are not trusted.
pub(crate) fn check(call: &Call) -> Result<(), Failure> {
    if matches!(call.request.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    if call.tags().contains(&Tag::QUESTION) {
        return Ok(());
    }
    let checks = call.core().settings().checks;
    if checks.csrf {
        check_origin(call)?;
    }
    if checks.origin { check_targets(call) } else { Ok(()) }
}

fn check_origin(call: &Call) -> Result<(), Failure> {
    if call.request.headers.contains_key(header::COOKIE) {
        return check_sender(call, true);
    }
    if !call.tags().contains(&Tag::FORM_LOGIN) {
        return Ok(());
    }
    let [site, mode, dest] =
        ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"].map(|name| call.header(name));
    if site.is_none() && mode.is_none() && dest.is_none() {
        return check_sender(call, false);
    }
    if site == Some("cross-site") && mode == Some("navigate") {
        return Err(Failure::forbidden(CROSS_SITE.0, CROSS_SITE.1));
    }
    check_sender(call, true)
}

/// `Origin`, or else `Referer`, has to be trusted.
fn check_sender(call: &Call, required: bool) -> Result<(), Failure> {
    let settings = call.core().settings();
    let has = |name| call.request.headers.contains_key(name);
    let sender = call.header(header::ORIGIN).or_else(|| call.header(header::REFERER));
    let sender = match sender {
        Some("null") if call.header("sec-fetch-site") == Some("same-origin") => {
            Some(settings.origins.base_origin())
        }
        Some("null" | "") => None,
        other => other,
    };
    match sender {
        Some(sender) if settings.origins.allows_origin(sender) => Ok(()),
        Some(_) => Err(Failure::forbidden("INVALID_ORIGIN", "Invalid origin")),
        None if required || has(header::ORIGIN) || has(header::REFERER) => {
            Err(Failure::forbidden("MISSING_OR_NULL_ORIGIN", "Missing or null Origin"))
        }
        None => Ok(()),
    }
}

/// Parameters that become redirects, on every request that is not a GET.
fn check_targets(call: &Call) -> Result<(), Failure> {
    let body = |name: &str| call.request.body.as_ref().and_then(|body| body.get(name));
    let callback = body("callbackURL").or_else(|| call.request.query.get("callbackURL"));
    for (value, name, code, message) in [
        (callback, "callbackURL", "INVALID_CALLBACK_URL", "Invalid callbackURL"),
        (body("redirectTo"), "redirectURL", "INVALID_REDIRECT_URL", "Invalid redirectURL"),
        (
            body("errorCallbackURL"),
            "errorCallbackURL",
            "INVALID_ERROR_CALLBACK_URL",
            "Invalid errorCallbackURL",
        ),
        (
            body("newUserCallbackURL"),
            "newUserCallbackURL",
            "INVALID_NEW_USER_CALLBACK_URL",
            "Invalid newUserCallbackURL",
        ),
    ] {
        match value {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.is_empty() => {}
            Some(Value::String(text)) => {
                if !call.core().settings().origins.allows_target(text) {
                    return Err(Failure::forbidden(code, message));
                }
            }
            Some(_) => {
                let message = format!("Invalid {name}: expected a string");
                return Err(Failure::uncoded(StatusCode::BAD_REQUEST, message));
            }
        }
    }
    Ok(())
}
