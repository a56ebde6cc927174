//! Signed cookie values and the percent-encoding around them.
//!
//! Verifying runs on every request with a session, so the key is prepared once
//! and nothing is allocated.

use std::borrow::Cow;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::secret::{Secret, constant_time_eq};

/// Length of a base64 SHA-256 MAC with its padding.
const SIGNATURE_LEN: usize = 44;

/// 132 bits.
const FINGERPRINT_LEN: usize = 22;

/// What JavaScript's `encodeURIComponent` escapes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Signs and verifies cookie values with one secret.
#[derive(Clone)]
pub struct CookieSigner(hmac::Key);

impl CookieSigner {
    /// Prepares the key. Build one at start and keep it.
    pub fn new(secret: &Secret) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_bytes()))
    }

    /// The percent-encoded `payload.signature`, ready for `Set-Cookie`.
    pub fn sign(&self, payload: &str) -> String {
        let mut value = String::with_capacity(payload.len() + SIGNATURE_LEN + 8);
        value.push_str(payload);
        value.push('.');
        if let Some(signature) = self.signature(payload) {
            value.extend(signature.map(char::from));
        }
        encode_component(&value)
    }

    /// The payload of a percent-decoded value, if its signature is ours.
    pub fn verify<'a>(&self, decoded_value: &'a str) -> Option<&'a str> {
        let (payload, signature) = decoded_value.rsplit_once('.')?;
        // Comparing the text and not the decoded bytes leaves exactly one
        // accepted spelling of a signature.
        constant_time_eq(&self.signature(payload)?, signature.as_bytes()).then_some(payload)
    }

    /// A text as nobody without the secret could make it of another one. It is too short to be the
    /// signature of a cookie.
    #[must_use]
    pub fn fingerprint(&self, text: &str) -> String {
        let signature = self.signature(&format!("fingerprint|{text}")).into_iter().flatten();
        signature.take(FINGERPRINT_LEN).map(char::from).collect()
    }

    /// None is unreachable: 32 bytes always encode into the buffer.
    fn signature(&self, payload: &str) -> Option<[u8; SIGNATURE_LEN]> {
        let tag = hmac::sign(&self.0, payload.as_bytes());
        let mut text = [0_u8; SIGNATURE_LEN];
        let written = STANDARD.encode_slice(tag.as_ref(), &mut text).ok()?;
        (written == SIGNATURE_LEN).then_some(text)
    }
}

/// JavaScript's `encodeURIComponent`.
pub fn encode_component(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// JavaScript's `decodeURIComponent`, except that text it would refuse (a stray
/// `%`, invalid UTF-8) is kept as it is.
pub fn decode_component(text: &str) -> Cow<'_, str> {
    if !text.contains('%') || !escapes_are_complete(text) {
        return Cow::Borrowed(text);
    }
    percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text))
}

fn escapes_are_complete(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let mut bytes = rest.bytes();
        let mut hex = || bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
        hex() && hex()
    })
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )]
    use proptest::prelude::*;

    use super::*;
    use crate::vectors::SECRET;

    const TOKEN: &str = "mDK5urXwZuWTy23IMqExV5sPffwgAyvv";
    const DECODED: &str = "mDK5urXwZuWTy23IMqExV5sPffwgAyvv.UdLBvO5Z6cGcSs3K5avah57PVIMbgqzM6N5FxtZU7Wo=";
    const ENCODED: &str = "mDK5urXwZuWTy23IMqExV5sPffwgAyvv.UdLBvO5Z6cGcSs3K5avah57PVIMbgqzM6N5FxtZU7Wo%3D";

    fn signer() -> CookieSigner {
        CookieSigner::new(&Secret::from(SECRET))
    }

    #[test]
    fn wire_vectors() {
        assert_eq!(signer().sign(TOKEN), ENCODED);
        assert_eq!(signer().sign("true"), "true.Ah2ZX8fXCYaivbs2fE9hMtdt75VYhwDUxUeGeyYFVjc%3D");
        assert_eq!(signer().verify(DECODED), Some(TOKEN));
        assert_eq!(signer().verify(&decode_component(ENCODED)), Some(TOKEN));
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let signer = signer();
        for at in 0..DECODED.len() {
            for other in 0..=127_u8 {
                let mut bytes = DECODED.as_bytes().to_vec();
                if bytes[at] == other {
                    continue;
                }
                bytes[at] = other;
                let text = String::from_utf8(bytes).unwrap();
                assert_eq!(signer.verify(&text), None, "byte {at} -> {other}");
            }
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        let signer = signer();
        let other = CookieSigner::new(&Secret::from("another"));
        assert_eq!(other.verify(DECODED), None);
        for text in [
            "",
            ".",
            "=",
            TOKEN,
            ENCODED,
            &DECODED[..DECODED.len() - 1],
            &format!("{DECODED}="),
            &format!("{TOKEN}.{}", "=".repeat(44)),
            &format!("{TOKEN}.{}é=", "a".repeat(41)),
        ] {
            assert_eq!(signer.verify(text), None, "{text}");
        }
    }

    #[test]
    fn a_fingerprint_is_of_its_text_and_its_secret_and_no_signature() {
        let other = CookieSigner::new(&Secret::from("another"));
        let one = signer().fingerprint("ada@example.com");
        assert_eq!(one.len(), FINGERPRINT_LEN);
        assert_eq!(one, signer().fingerprint("ada@example.com"));
        assert_ne!(one, signer().fingerprint("eve@example.com"));
        assert_ne!(one, other.fingerprint("ada@example.com"));
        let signed = signer().sign("ada@example.com");
        assert!(!signed.contains(&encode_component(&one)), "{signed} gives {one} away");
    }

    #[test]
    fn payload_may_contain_dots_and_be_empty() {
        for payload in ["a.b.c", "", ".", "x!y:z"] {
            let value = signer().sign(payload);
            assert_eq!(signer().verify(&decode_component(&value)), Some(payload));
        }
    }

    #[test]
    fn component_rules() {
        assert_eq!(encode_component("-_.!~*'()azAZ09+/=:; é"), "-_.!~*'()azAZ09%2B%2F%3D%3A%3B%20%C3%A9");
        for (text, expected) in [
            ("a%2Bb", "a+b"),
            ("a+b", "a+b"),
            ("%C3%A9", "é"),
            // Refused by JavaScript, so kept whole.
            ("%", "%"),
            ("%2", "%2"),
            ("%zz%20", "%zz%20"),
            ("%20%", "%20%"),
            ("%C3", "%C3"),
            ("%ED%A0%80", "%ED%A0%80"),
            ("%é1", "%é1"),
            ("%41%4z", "%41%4z"),
            ("%41%z4", "%41%z4"),
        ] {
            assert_eq!(decode_component(text), expected);
        }
        assert!(matches!(decode_component("plain"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn encoding_round_trips(text in ".*") {
            let encoded = encode_component(&text);
            prop_assert!(encoded.is_ascii());
            prop_assert_eq!(decode_component(&encoded), text.as_str());
        }

        #[test]
        fn signing_round_trips(payload in ".*") {
            let value = signer().sign(&payload);
            let decoded = decode_component(&value);
            prop_assert_eq!(signer().verify(&decoded), Some(payload.as_str()));
        }

        #[test]
        fn arbitrary_text_is_never_accepted(text in ".*") {
            prop_assert_eq!(signer().verify(&text), None);
        }
    }
}
