//! How handlers refuse: in the API's words, and in the document.

use aide::{
    OperationOutput,
    generate::GenContext,
    openapi::{Operation, Response as Documented},
};
use auth_axum::{
    Denied,
    auth_core::{access::DENIED, error::ErrorSpec},
    openapi::refuse,
};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

const NO_NOTE: ErrorSpec = ErrorSpec { status: 404, code: "NOTE_NOT_FOUND", message: "Note not found" };
const BAD_TEXT: ErrorSpec =
    ErrorSpec { status: 400, code: "INVALID_TEXT", message: "A note has 1 to 500 characters" };

pub(crate) enum Refusal {
    NoNote,
    BadText,
    Denied(Denied),
}

/// For `?`.
impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

#[derive(Serialize)]
struct Said {
    code: &'static str,
    message: &'static str,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let ErrorSpec { status, code, message } = match self {
            Self::NoNote => NO_NOTE,
            Self::BadText => BAD_TEXT,
            Self::Denied(denied) => return denied.into_response(),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        (status, Json(Said { code, message })).into_response()
    }
}

impl OperationOutput for Refusal {
    type Inner = Self;

    fn inferred_responses(_: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        refuse(operation, &[NO_NOTE, BAD_TEXT, DENIED]);
        Vec::new()
    }
}
