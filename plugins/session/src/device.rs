//! What a device is called: made of its user agent, for people to recognize.

/// Where nothing can be made of it.
const UNKNOWN: &str = "Unknown device";

/// Who says so, and what it is called. The first one that is found counts: browsers name those that they
/// look like, too.
const BROWSERS: [(&str, &str); 14] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
];

/// What is looked at of a user agent, in bytes. Rows have 512 characters of it.
const LONGEST: usize = 2048;

/// `Firefox on Linux`, `Safari on iPhone`, `curl`.
pub(crate) fn name(user_agent: &str) -> String {
    let text = user_agent.get(..LONGEST).unwrap_or(user_agent);
    let find = |table: &[(&str, &'static str)]| {
        table.iter().find(|(sign, _)| text.contains(sign)).map(|(_, name)| (*name).to_owned())
    };
    // What is no browser says its own name first.
    let program = if text.starts_with("Mozilla/") { find(&BROWSERS) } else { product(text) };
    match (program, find(&SYSTEMS)) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => UNKNOWN.to_owned(),
    }
}

/// The name of a program: what is before the first `/`, if it is a name.
fn product(text: &str) -> Option<String> {
    let name = text.split(['/', ' ', '(']).next().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    ((1..=40).contains(&name.len()) && name.bytes().all(plain)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn browsers_are_told_apart() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let cases = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(), "Firefox on Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1".to_owned(),
                "Safari on iPhone",
            ),
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/140.0.0.0 Safari/537.36"), "Chrome on Windows"),
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"), "Edge on Windows"),
            (format!("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {webkit} Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0"), "Opera on macOS"),
            (format!("Mozilla/5.0 (Linux; Android 15; SM-S931B) {webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"), "Samsung Internet on Android"),
            ("Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1".to_owned(), "Chrome on iPad"),
            (format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {webkit} Chrome/140.0.0.0 Safari/537.36"), "Chrome on ChromeOS"),
            ("Mozilla/5.0 (Windows NT 10.0)".to_owned(), "Windows"),
        ];
        for (agent, expected) in cases {
            assert_eq!(name(&agent), expected, "{agent}");
        }
    }

    #[test]
    fn programs_say_their_own_name() {
        assert_eq!(name("curl/8.14.1"), "curl");
        assert_eq!(name("python-requests/2.32"), "python-requests");
        assert_eq!(name("Notes/3.1 (iPhone; iOS 18.5)"), "Notes on iPhone");
        assert_eq!(name("testkit"), "testkit");
    }

    #[test]
    fn what_says_nothing_is_unknown() {
        let long = "x".repeat(100_000);
        for agent in
            ["", " ", "/", "<script>alert(1)</script>", "Mozilla/5.0", "ключ/1", "a\u{202e}b/1", &long]
        {
            assert_eq!(name(agent), "Unknown device", "{agent}");
        }
        // What it is on is taken from a list; the rest of the text goes nowhere.
        assert_eq!(name("<b>Linux</b>"), "Linux");
        assert_eq!(name(&"é".repeat(4000)), "Unknown device");
    }
}
