//! Endpoints as functions: what a worker, a test or a command line has instead of HTTP.

use auth_core::{
    Core, Failure, Key,
    call::Request,
    http::{HeaderValue, header},
    serde_json::{Value, json},
};

const SIGN_UP: Key<Value, Value> = Key::new("signUpEmail");
const SIGN_OUT: Key<(), Value> = Key::new("signOut");
const GET_SESSION: Key<(), Value> = Key::new("getSession");

/// Makes a user; gives the token of the session that comes with it, signed as `set-auth-token` has it.
pub async fn sign_up(
    core: &Core,
    name: &str,
    email: &str,
    password: &str,
) -> Result<Option<String>, Failure> {
    let request = Request::with_body(&json!({ "name": name, "email": email, "password": password }))?;
    let signed_up = core.call(&SIGN_UP, request).await?;
    Ok(signed_up.get("token").and_then(Value::as_str).map(|token| core.signer().sign(token)))
}

/// The name of whoever has this token.
pub async fn who_is(core: &Core, token: &str) -> Result<Option<String>, Failure> {
    let told = core.call(&GET_SESSION, bearing(token)?).await?;
    Ok(told.pointer("/user/name").and_then(Value::as_str).map(str::to_owned))
}

/// Ends the session of a token.
pub async fn sign_out(core: &Core, token: &str) -> Result<(), Failure> {
    core.call(&SIGN_OUT, bearing(token)?).await.map(drop)
}

/// A request on behalf of somebody.
fn bearing(token: &str) -> Result<Request, Failure> {
    let value = HeaderValue::try_from(format!("Bearer {token}")).map_err(Failure::internal)?;
    Ok(Request::default().header(header::AUTHORIZATION, value))
}
