//! What creating and updating have in common: the values that only the program may set, and rules.

use std::{sync::Arc, time::Duration};

use auth_core::{ApiError, Call, Extract, Failure, access::Permissions, endpoint::EndpointDoc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::config::{Config, Expiration};

/// A value that was sent, be it null; without it there is none.
#[allow(clippy::option_option, reason = "null and nothing are two different wishes")]
pub(crate) fn sent<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// A whole number that every database holds.
pub(crate) fn whole(name: &str, number: Option<f64>) -> Result<Option<i32>, Failure> {
    let Some(number) = number else { return Ok(None) };
    if number.fract() != 0.0 || !(0.0..=f64::from(i32::MAX)).contains(&number) {
        let text = format!("[body.{name}] Invalid input: expected a whole number from 0 to {}", i32::MAX);
        return Err(Failure::bad_request("VALIDATION_ERROR", text));
    }
    // Exact: the text of a whole number has neither fraction nor exponent.
    Ok(format!("{number:.0}").parse().ok())
}

auth_core::errors! {
    pub enum RuleError {
        ServerOnly => (
            400,
            "SERVER_ONLY_PROPERTY",
            "The property you're trying to set can only be set from the server auth instance only."
        ),
        Name => (400, "INVALID_NAME_LENGTH", "The name length is either too large or too small."),
        WrongMetadata => (400, "INVALID_METADATA_TYPE", "metadata must be an object or undefined"),
        LongMetadata => (400, "METADATA_TOO_LARGE", "Metadata is too large."),
        NoInterval => (
            400,
            "REFILL_AMOUNT_AND_INTERVAL_REQUIRED",
            "refillAmount is required when refillInterval is provided"
        ),
        NoAmount => (
            400,
            "REFILL_INTERVAL_AND_AMOUNT_REQUIRED",
            "refillInterval is required when refillAmount is provided"
        ),
        NoExpiration => (400, "KEY_DISABLED_EXPIRATION", "Custom key expiration values are disabled."),
        TooShort => (
            400,
            "EXPIRES_IN_IS_TOO_SMALL",
            "The expiresIn is smaller than the predefined minimum value."
        ),
        TooLong => (
            400,
            "EXPIRES_IN_IS_TOO_LARGE",
            "The expiresIn is larger than the predefined maximum value."
        ),
    }
}

/// Documents what the rules refuse, as an argument of a handler.
pub(crate) struct Rules;

impl Extract for Rules {
    async fn extract(_: &Arc<Call>) -> Result<Self, Failure> {
        Ok(Self)
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.fails_with(RuleError::specs());
    }
}

const DAY: f64 = 86_400.0;

/// Checks a life in seconds.
pub(crate) fn life(rules: &Expiration, seconds: f64) -> Result<Duration, Failure> {
    if !rules.custom {
        return Err(RuleError::NoExpiration.into());
    }
    if seconds < f64::from(rules.min_days) * DAY {
        return Err(RuleError::TooShort.into());
    }
    if seconds > f64::from(rules.max_days) * DAY {
        return Err(RuleError::TooLong.into());
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| RuleError::TooLong.into())
}

/// The text that is stored. Lists count as objects, as JavaScript has it.
pub(crate) fn metadata(config: &Config, value: &Value) -> Result<String, Failure> {
    if !value.is_object() && !value.is_array() {
        return Err(RuleError::WrongMetadata.into());
    }
    let text = value.to_string();
    if text.len() > config.metadata_limit { Err(RuleError::LongMetadata.into()) } else { Ok(text) }
}

/// A refill needs both of its figures.
pub(crate) fn refill(amount: bool, interval: bool) -> Result<(), Failure> {
    match (amount, interval) {
        (true, false) => Err(RuleError::NoInterval.into()),
        (false, true) => Err(RuleError::NoAmount.into()),
        _ => Ok(()),
    }
}

/// What counts as nothing in JavaScript.
pub(crate) fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// Permissions as they are stored.
pub(crate) fn stored(permissions: &Permissions) -> Result<String, Failure> {
    serde_json::to_string(permissions).map_err(Failure::internal)
}
