//! What counts as an e-mail address, and when two spellings are the same account.
//!
//! Only a conservative ASCII subset is accepted. That keeps look-alike letters, header injection
//! and address lists out of every later step: whatever passed [`is_valid`] can be put into a mail
//! header or compared byte by byte.

/// The longest address that fits into an SMTP path (RFC 5321, 4.5.3.1.3).
const MAX_LENGTH: usize = 254;

/// Whether `text` is an address this server accepts.
pub fn is_valid(text: &str) -> bool {
    text.len() <= MAX_LENGTH
        && text.split_once('@').is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain))
}

/// The spelling under which an address is stored and looked up.
///
/// ASCII only on purpose: full case folding would turn the Kelvin sign into `k`.
pub fn normalize(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// Whether the stored address is the one that was given. To be checked after every look-up,
/// because a database collation may consider more spellings equal than we do.
pub fn matches(stored: &str, given: &str) -> bool {
    stored.eq_ignore_ascii_case(given)
}

/// Dot-separated, non-empty atoms; an apostrophe may stand anywhere but at the very end.
fn is_local_part(local: &str) -> bool {
    !local.ends_with('\'')
        && local.split('.').all(|atom| {
            !atom.is_empty()
                && atom.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'\'' | b'+' | b'-'))
        })
}

/// One or more labels followed by an alphabetic top-level domain.
fn is_domain(domain: &str) -> bool {
    let Some((labels, top)) = domain.rsplit_once('.') else {
        return false;
    };
    top.len() >= 2
        && top.bytes().all(|b| b.is_ascii_alphabetic())
        && labels.split('.').all(|label| {
            label.starts_with(|c: char| c.is_ascii_alphanumeric())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_ordinary_addresses() {
        for address in [
            "a@b.co",
            "A.B@C.DE",
            "o'neil+tag@mail.example.org",
            "_x-@a--b-.example",
            "+@1.ab",
            "a.'b@c.de",
            "'a@c.de",
        ] {
            assert!(is_valid(address), "{address}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for address in [
            "",
            "@",
            "a@",
            "@c.de",
            "a",
            "a@c",
            "a@c.d",
            "a@.de",
            "a@c..de",
            "a@c.de.",
            "a@-c.de",
            "a@c.d-e",
            "a@c.123",
            "a@192.0.2.1",
            "a@[192.0.2.1]",
            "a@b@c.de",
            ".a@c.de",
            "a.@c.de",
            "a..b@c.de",
            "a'@c.de",
            "a@c_d.de",
            "a@b.xn--p1ai",
            "\"a b\"@c.de",
            "a%b@c.de",
        ] {
            assert!(!is_valid(address), "{address:?}");
        }
    }

    // Lists, angle brackets and header injection, with and without a valid address in front.
    #[test]
    fn refuses_what_would_reach_a_second_mailbox() {
        for address in [
            "a@x.com,evil@y.com",
            "a@x.com;b",
            "<a@x.com>",
            "a@x.com\r\nBcc: evil@y.com",
            "a@x.com\n",
            " a@x.com",
            "a@x.com ",
            "a\u{200b}@x.com",
            "a\0@x.com",
        ] {
            assert!(!is_valid(address), "{address:?}");
        }
    }

    #[test]
    fn length_is_bounded() {
        let ok = format!("{}@example.com", "a".repeat(MAX_LENGTH - 12));
        assert!(is_valid(&ok));
        assert!(!is_valid(&format!("a{ok}")));
    }

    #[test]
    fn only_ascii_case_is_ignored() {
        assert_eq!(normalize("MiKe@X.Com"), "mike@x.com");
        assert!(matches("mike@x.com", "MIKE@x.com"));
        for twin in ["m\u{131}ke@x.com", "mi\u{212a}e@x.com"] {
            assert!(!matches("mike@x.com", twin));
            assert!(!matches("mike@x.com", &normalize(twin)));
        }
        assert!(!matches("sam@x.com", "\u{17f}am@x.com"));
    }

    proptest! {
        #[test]
        fn never_accepts_a_dangerous_character(
            before in "[a-z@.]{0,6}",
            bad in prop::sample::select(vec!['\r', '\n', '\t', '\0', ' ', ',', ';', '<', '>', '"', '(', ')', ':', '\\', '[', ']', 'é', '\u{ff20}']),
            after in "[a-z@.]{0,12}",
        ) {
            let address = format!("{before}{bad}{after}");
            prop_assert!(!is_valid(&address));
            let full = format!("{before}{bad}{after}@example.com");
            prop_assert!(!is_valid(&full));
        }

        #[test]
        fn what_is_valid_stays_valid_and_stable_when_normalised(address in "[A-Za-z0-9_'+.-]{1,8}@[A-Za-z0-9.-]{1,8}\\.[A-Za-z]{2,3}") {
            let stored = normalize(&address);
            prop_assert_eq!(is_valid(&address), is_valid(&stored));
            prop_assert_eq!(normalize(&stored), stored.clone());
            prop_assert!(matches(&stored, &address));
        }

        #[test]
        fn nothing_panics(text in "\\PC*") {
            if is_valid(&text) {
                prop_assert!(text.is_ascii() && text.len() <= MAX_LENGTH);
            }
        }
    }
}
