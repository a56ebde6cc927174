//! Points in time as the wire writes them: UTC, exactly three fractional digits, `Z`.

use std::{fmt, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// A point in time with millisecond precision, which is what every backend and client keeps.
///
/// ```
/// use std::time::Duration;
///
/// use auth_core::Timestamp;
///
/// let at = Timestamp::from_unix_millis(0).plus(Duration::from_millis(1500));
/// assert_eq!(at.to_string(), "1970-01-01T00:00:01.500Z");
/// assert_eq!(at.since(Timestamp::UNIX_EPOCH).as_millis(), 1500);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// The beginning of 1970.
    pub const UNIX_EPOCH: Self = Self(OffsetDateTime::UNIX_EPOCH);

    /// Cuts to milliseconds and moves to UTC.
    #[must_use]
    pub fn new(at: OffsetDateTime) -> Self {
        let at = at.to_offset(UtcOffset::UTC);
        Self(at.replace_millisecond(at.millisecond()).unwrap_or(at))
    }

    /// Saturates at the ends of the years 0 and 9999, which every database can hold.
    #[must_use]
    pub fn from_unix_millis(millis: i64) -> Self {
        let millis = millis.clamp(-62_167_219_200_000, 253_402_300_799_999);
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
            .map_or(Self::UNIX_EPOCH, Self::new)
    }

    /// Milliseconds since 1970, negative before it.
    #[must_use]
    pub fn unix_millis(self) -> i64 {
        i64::try_from(self.0.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
    }

    /// Whole seconds since 1970, as tokens have them.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// So much later; saturates as [`from_unix_millis`](Self::from_unix_millis) does.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_unix_millis(self.unix_millis().saturating_add(millis))
    }

    /// So much earlier; saturates as [`from_unix_millis`](Self::from_unix_millis) does.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_unix_millis(self.unix_millis().saturating_sub(millis))
    }

    /// So many seconds later.
    #[must_use]
    pub fn plus_seconds(self, seconds: u64) -> Self {
        self.plus(Duration::from_secs(seconds))
    }

    /// How long after `earlier` this is; zero when it is not after.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.unix_millis() - earlier.unix_millis()).unwrap_or(0))
    }

    /// As the `time` crate has it, in UTC: for the date and the time of day.
    #[must_use]
    pub fn to_offset_date_time(self) -> OffsetDateTime {
        self.0
    }

    /// Reads RFC 3339 of any offset; `None` for everything else.
    pub fn parse(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339).ok().map(Self::new)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.0;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            t.millisecond()
        )
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("expected an RFC 3339 date"))
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Timestamps as columns of sea-orm entities.
mod sql {
    use sea_orm::sea_query::{ArrayType, Nullable, ValueType, ValueTypeErr};
    use sea_orm::{ColIdx, ColumnType, QueryResult, TryGetError, TryGetable, Value};
    use time::OffsetDateTime;

    use super::Timestamp;

    impl From<Timestamp> for Value {
        fn from(at: Timestamp) -> Self {
            Value::TimeDateTimeWithTimeZone(Some(at.0))
        }
    }

    impl TryGetable for Timestamp {
        fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
            OffsetDateTime::try_get_by(row, index).map(Self::new)
        }
    }

    impl ValueType for Timestamp {
        fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
            <OffsetDateTime as ValueType>::try_from(value).map(Self::new)
        }

        fn type_name() -> String {
            "Timestamp".to_owned()
        }

        fn array_type() -> ArrayType {
            <OffsetDateTime as ValueType>::array_type()
        }

        fn column_type() -> ColumnType {
            <OffsetDateTime as ValueType>::column_type()
        }
    }

    impl Nullable for Timestamp {
        fn null() -> Value {
            Value::TimeDateTimeWithTimeZone(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_three_digits() {
        assert_eq!(Timestamp::from_unix_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_unix_millis(1_700_000_000_290).to_string(), "2023-11-14T22:13:20.290Z");
    }

    #[test]
    fn extremes_saturate() {
        assert_eq!(Timestamp::from_unix_millis(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::from_unix_millis(i64::MIN).to_string(), "0000-01-01T00:00:00.000Z");
        assert!(Timestamp::from_unix_millis(0).plus(Duration::MAX) > Timestamp::UNIX_EPOCH);
        assert_eq!(Timestamp::UNIX_EPOCH.since(Timestamp::from_unix_millis(5)), Duration::ZERO);
    }

    #[test]
    fn reads_what_it_writes() {
        let at = Timestamp::from_unix_millis(1_700_000_000_001);
        assert_eq!(Timestamp::parse(&at.to_string()), Some(at));
        assert_eq!(
            Timestamp::parse("2023-11-14T22:13:20+02:00").map(|t| t.to_string()).as_deref(),
            Some("2023-11-14T20:13:20.000Z")
        );
    }
}
