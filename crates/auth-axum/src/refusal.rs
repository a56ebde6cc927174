//! How callers are refused, in the API's words.

use auth_core::error::ErrorSpec;

pub(crate) const UNAUTHORIZED: ErrorSpec =
    ErrorSpec { status: 401, code: "UNAUTHORIZED", message: "Unauthorized" };
pub(crate) const INSUFFICIENT_SCOPE: ErrorSpec =
    ErrorSpec { status: 403, code: "INSUFFICIENT_SCOPE", message: "Insufficient scope" };
pub(crate) const NOT_FRESH: ErrorSpec =
    ErrorSpec { status: 403, code: "SESSION_NOT_FRESH", message: "Session is not fresh" };
pub(crate) const NO_ORGANIZATION: ErrorSpec =
    ErrorSpec { status: 400, code: "NO_ACTIVE_ORGANIZATION", message: "No active organization" };
pub(crate) const SECOND_FACTOR_REQUIRED: ErrorSpec = ErrorSpec {
    status: 403,
    code: "SECOND_FACTOR_REQUIRED",
    message: "This needs a second factor, or a more recent one",
};
