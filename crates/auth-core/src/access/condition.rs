//! When a grant counts.

use std::{borrow::Cow, fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What a grant depends on. Everything that is said has to be met; what is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// The row belongs to who asks.
    pub owner: bool,
    /// The request comes from one of these networks, such as `10.0.0.0/8`.
    #[schemars(with = "Vec<String>")]
    pub networks: Vec<IpNet>,
    /// The time of day, in UTC, is in here, such as `08:00-18:00`.
    pub hours: Option<Hours>,
}

/// What conditions look at.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    /// Who asks.
    pub user_id: &'a str,
    /// Whose row it is about, where it is about one.
    pub owner_id: Option<&'a str>,
    /// The client's address, as far as it can be trusted. Unknown, it is in no network.
    pub ip: Option<IpAddr>,
    /// When it is asked, for [`Hours`].
    pub now: Timestamp,
}

impl Condition {
    /// Whether it is met. What is not known is not met.
    #[must_use]
    pub fn is_met(&self, by: &Attributes<'_>) -> bool {
        let owned = !self.owner || by.owner_id == Some(by.user_id);
        let near = self.networks.is_empty()
            || by.ip.is_some_and(|ip| self.networks.iter().any(|net| net.contains(&ip)));
        owned && near && self.hours.is_none_or(|hours| hours.contain(by.now))
    }
}

/// A part of the day in UTC, to the minute; the end is not in it. It may go over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    from: u16,
    to: u16,
}

impl Hours {
    /// Whether the time of day of this moment is in here.
    #[must_use]
    pub fn contain(self, at: Timestamp) -> bool {
        let at = at.to_offset_date_time();
        let minute = u16::from(at.hour()) * 60 + u16::from(at.minute());
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

impl FromStr for Hours {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "expected hours of the day such as `08:00-18:00`";
        let minute = |text: &str| {
            let (hour, minute) = text.split_once(':')?;
            let two = |text: &str| {
                (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<u16>())
            };
            let (hour, minute) = (two(hour)?.ok()?, two(minute)?.ok()?);
            (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
        };
        let (from, to) = text.split_once('-').ok_or(SHAPE)?;
        let (from, to) = (minute(from).ok_or(SHAPE)?, minute(to).ok_or(SHAPE)?);
        if from == to { Err("hours that begin when they end are none") } else { Ok(Self { from, to }) }
    }
}

impl TryFrom<String> for Hours {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        hours.to_string()
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl JsonSchema for Hours {
    fn schema_name() -> Cow<'static, str> {
        "Hours".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": r"^\d\d:\d\d-\d\d:\d\d$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(clock: &str) -> Attributes<'static> {
        let now = Timestamp::parse(&format!("2026-05-04T{clock}Z")).expect("a time");
        Attributes { user_id: "ada", owner_id: None, ip: None, now }
    }

    fn hours(text: &str) -> Condition {
        Condition { hours: Some(text.parse().expect("hours")), ..Condition::default() }
    }

    #[test]
    fn what_is_not_said_does_not_matter() {
        assert!(Condition::default().is_met(&at("03:00:00")));
    }

    #[test]
    fn hours_are_written_as_they_are_read() {
        for text in ["08:00-18:00", "22:30-06:15"] {
            assert_eq!(String::from(text.parse::<Hours>().expect("hours")), text);
        }
    }

    #[test]
    fn a_row_has_to_be_ones_own() {
        let own = Condition { owner: true, ..Condition::default() };
        assert!(own.is_met(&Attributes { owner_id: Some("ada"), ..at("12:00:00") }));
        assert!(!own.is_met(&Attributes { owner_id: Some("bob"), ..at("12:00:00") }));
        assert!(!own.is_met(&at("12:00:00")), "a row that nobody names is nobody's");
    }

    #[test]
    fn the_hours_begin_with_their_first_minute_and_end_before_their_last() {
        let day = hours("08:00-18:00");
        let met = |clock| day.is_met(&at(clock));
        assert!(!met("07:59:59") && met("08:00:00") && met("17:59:59") && !met("18:00:00"));
        let night = hours("22:00-06:00");
        assert!(night.is_met(&at("23:00:00")) && night.is_met(&at("05:59:59")));
        assert!(!night.is_met(&at("06:00:00")) && !night.is_met(&at("21:59:59")));
        assert!(hours("00:00-24:00").is_met(&at("23:59:59")));
    }

    #[test]
    fn an_address_is_in_a_network_or_it_is_not() {
        let office =
            Condition { networks: vec!["10.0.0.0/8".parse().expect("a network")], ..Condition::default() };
        let from = |ip: &str| Attributes { ip: ip.parse().ok(), ..at("12:00:00") };
        assert!(office.is_met(&from("10.200.3.4")));
        assert!(!office.is_met(&from("11.0.0.1")));
        assert!(!office.is_met(&from("nowhere")), "an address that nobody knows is outside");
    }

    #[test]
    fn hours_that_are_none_are_refused() {
        for text in [
            "",
            "8:00-18:00",
            "08:00",
            "08:00-08:00",
            "08:60-09:00",
            "24:01-25:00",
            "+8:00-18:00",
            "08:00-18:00-20:00",
        ] {
            assert!(text.parse::<Hours>().is_err(), "{text}");
        }
        assert_eq!(
            "08:30-18:00".parse::<Hours>().map(|hours| hours.to_string()).as_deref(),
            Ok("08:30-18:00")
        );
    }
}
