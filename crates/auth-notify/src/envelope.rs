//! Addresses and the letter as a mail server takes it.

use std::time::{Duration, SystemTime};

use auth_core::Failure;
use lettre::{
    Address, Message,
    address::Envelope,
    error::Error,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{Header, HeaderName, HeaderValue},
    },
};

use crate::templates::Letter;

/// Longest address that SMTP can carry.
const LONGEST: usize = 254;

/// Refuses what is not one receiver. Phone numbers pass, for the transports that take them.
pub(crate) fn check(to: &str) -> Result<(), Failure> {
    let strange = |c: char| !c.is_ascii_graphic() || ",;:<>()[]\"\\".contains(c);
    if to.is_empty() || to.len() > LONGEST || to.contains(strange) || to.matches('@').count() > 1 {
        return Err(invalid());
    }
    Ok(())
}

/// One address, and nothing else.
pub(crate) fn address(to: &str) -> Result<Address, Failure> {
    check(to)?;
    to.parse().map_err(|_| invalid())
}

fn invalid() -> Failure {
    Failure::bad_request("INVALID_EMAIL", "Invalid email")
}

/// The envelope and the bytes of a letter; made once, so that every attempt sends the same
/// `Message-ID` and a receiver can tell repetitions.
pub(crate) struct Sealed {
    pub(crate) envelope: Envelope,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn seal(
    from: &Mailbox,
    to: Address,
    letter: Letter,
    message_id: &str,
    unix_ms: i64,
) -> Result<Sealed, Error> {
    let date = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(unix_ms).unwrap_or(0));
    let builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(letter.subject)
        .date(date)
        .message_id(Some(message_id.to_owned()))
        .header(AutoSubmitted);
    let message = match letter.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(letter.text, html)),
        None => builder.singlepart(SinglePart::plain(letter.text)),
    }?;
    Ok(Sealed { envelope: message.envelope().clone(), bytes: message.formatted() })
}

/// Keeps holiday notices from answering (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn one_address_and_nothing_else() {
        for good in ["ada@example.com", "o'ada+x_1@sub.example.com"] {
            assert_eq!(address(good).unwrap().to_string(), good);
        }
        let two = [
            "a@x.com,evil@y.com",
            "a@x.com;b",
            "<a@x.com>",
            "A <a@x.com>",
            "a@x.com evil@y.com",
            "a@b@x.com",
        ];
        let injected =
            ["a@x.com\r\nBcc: evil@y.com", "a@x.com\n", "\ta@x.com", "a@x.com\0", "\"a\r\n\"@x.com"];
        let odd = ["", "a", "@x.com", "a@", "ａ@x.com", "a\u{202e}@x.com", "a@[127.0.0.1]"];
        for bad in two.iter().chain(&injected).chain(&odd) {
            assert_eq!(address(bad).unwrap_err().code(), Some("INVALID_EMAIL"), "{bad:?}");
        }
        assert!(address(&format!("{}@example.com", "a".repeat(LONGEST))).is_err());
        assert!(check("+15550100").is_ok());
        assert!(check("+1555\r\n0100").is_err());
    }

    #[test]
    fn sealed_letters_have_the_headers_and_both_parts() {
        let letter =
            Letter { subject: "Grüße".into(), text: "Hello\n".into(), html: Some("<p>Hello".into()) };
        let from = "Acme <mail@acme.example>".parse().unwrap();
        let to = address("ada@example.com").unwrap();
        let sealed = seal(&from, to, letter, "<1@acme.example>", 1_700_000_000_000).unwrap();
        let text = String::from_utf8(sealed.bytes).unwrap();
        for part in [
            "From: Acme <mail@acme.example>\r\n",
            "To: ada@example.com\r\n",
            "Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n",
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n",
            "Message-ID: <1@acme.example>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: multipart/alternative;",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.is_ascii());
    }
}
