//! The endpoints that every host has: is it there, and where browsers land after an error.

use std::sync::Arc;

use auth_core::{
    Call, Failure, Json, Key, Preset, Query, Registrar, cache,
    crypto::encode_component,
    endpoint::{Either, EndpointDoc, Html, IntoReply, Reply, ReplyBody, ReplyDoc, Tag},
    get,
    http::{HeaderValue, StatusCode, header},
    schemars::JsonSchema,
    serde::{Deserialize, Serialize},
};

use crate::figures;

/// Who registers them.
pub(crate) const OWNER: &str = "host";

pub(crate) fn register(host: &mut Registrar) {
    host.enter(OWNER);
    for metric in figures::ALL.iter().chain(cache::METRICS) {
        host.metric(*metric);
    }
    host.endpoint(get(OK, "/ok", ok).tag(Tag::new("health")).summary("Whether the API answers"));
    host.endpoint(
        get(ERROR, "/error", error).tag(Tag::new("health")).summary("Where browsers land after an error"),
    );
}

const OK: Key<(), Health> = Key::new("ok");

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
struct Health {
    ok: bool,
}

async fn ok() -> Result<Json<Health>, Failure> {
    Ok(Json(Health { ok: true }))
}

const ERROR: Key<(), ()> = Key::new("error");

#[derive(Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
struct ErrorQuery {
    error: Option<String>,
    error_description: Option<String>,
}

/// A code as it may be shown: nothing else of the query is believed.
fn code(text: Option<&str>) -> &str {
    let fits = |text: &&str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_'-".contains(c))
    };
    text.filter(fits).unwrap_or("UNKNOWN")
}

async fn error(
    call: Arc<Call>,
    Query(query): Query<ErrorQuery>,
) -> Result<Either<ToApplication, Html>, Failure> {
    let settings = call.core().settings();
    let code = code(query.error.as_deref());
    if settings.preset == Preset::BetterAuth {
        // Upstream leaves the page to the application in production.
        let description =
            query.error_description.map(|d| format!("&error_description={}", encode_component(&d)));
        return Ok(Either::First(ToApplication(format!(
            "/?error={code}{}",
            description.unwrap_or_default()
        ))));
    }
    let app = escape(&settings.app_name);
    Ok(Either::Second(Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{app}: error</title>\
         <meta name=\"viewport\" content=\"width=device-width\"></head><body><main><h1>Something went wrong</h1>\
         <p>The request could not be completed. Go back and try again.</p><p>Code: <code>{code}</code></p>\
         <p>Reference: <code>{}</code></p></main></body></html>",
        escape(&call.request.trace_id)
    ))))
}

/// A redirect that leaves the API, so without the type that its answers have.
struct ToApplication(String);

impl IntoReply for ToApplication {
    fn into_reply(self) -> Result<Reply, Failure> {
        let target = HeaderValue::try_from(self.0).map_err(Failure::internal)?;
        Ok(Reply::new(StatusCode::FOUND, ReplyBody::Empty).header(header::LOCATION, target))
    }

    fn describe(doc: &mut EndpointDoc) {
        let reply =
            ReplyDoc { status: 302, content_type: None, schema: None, description: "To the application" };
        doc.facts.replies.push(reply);
    }
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut sum, c| {
        match c {
            '&' => sum.push_str("&amp;"),
            '<' => sum.push_str("&lt;"),
            '>' => sum.push_str("&gt;"),
            '"' => sum.push_str("&quot;"),
            '\'' => sum.push_str("&#39;"),
            c => sum.push(c),
        }
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_are_shown() {
        assert_eq!(code(Some("some_code")), "some_code");
        for bad in [None, Some(""), Some("<script>"), Some("a b")] {
            assert_eq!(code(bad), "UNKNOWN");
        }
        assert_eq!(escape("<a href='x'>"), "&lt;a href=&#39;x&#39;&gt;");
    }
}
