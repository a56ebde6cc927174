//! Spans of time as the wire writes them: `15m`, `7 days`, `2 hours ago`.

/// Seconds, rounded; none for what is no span.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let text = text.to_ascii_lowercase();
    let (text, suffix) = match text.strip_suffix(" ago") {
        Some(rest) => (rest, Some(-1.0)),
        None => text.strip_suffix(" from now").map_or((text.as_str(), None), |rest| (rest, Some(1.0))),
    };
    let (text, prefix) = match text.strip_prefix('-') {
        Some(rest) => (rest, Some(-1.0)),
        None => text.strip_prefix('+').map_or((text, None), |rest| (rest, Some(1.0))),
    };
    if suffix.is_some() && prefix.is_some() {
        return None;
    }
    let text = if prefix.is_some() { text.strip_prefix(' ').unwrap_or(text) } else { text };
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at_checked(at)?;
    let whole = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_number = number.split_once('.').map_or_else(|| whole(number), |(a, b)| whole(a) && whole(b));
    let number: f64 = number.parse().ok().filter(|_| is_number)?;
    let unit = match unit.strip_prefix(' ').unwrap_or(unit) {
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 7.0 * 86_400.0,
        "mo" | "month" | "months" => 30.0 * 86_400.0,
        "y" | "yr" | "yrs" | "year" | "years" => 365.25 * 86_400.0,
        _ => return None,
    };
    let seconds = number * unit * suffix.or(prefix).unwrap_or(1.0);
    // Ten thousand years: what is further away is no date any more.
    (seconds.abs() < 3.2e11).then(|| {
        #[allow(clippy::cast_possible_truncation, reason = "it was compared just now")]
        let rounded = seconds.round() as i64;
        rounded
    })
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn spans() {
        for (text, expected) in [
            ("15m", Some(900)),
            ("1 hour", Some(3600)),
            ("7 Days", Some(604_800)),
            ("1.5h", Some(5400)),
            ("-30s", Some(-30)),
            ("2 hours ago", Some(-7200)),
            ("1y", Some(31_557_600)),
            ("+ 5 min", Some(300)),
            ("", None),
            ("15", None),
            ("m", None),
            ("1..5h", None),
            ("-1h ago", None),
            ("1e9d", None),
            ("99999999999999y", None),
            ("5 fortnights", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
