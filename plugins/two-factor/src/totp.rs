//! Secrets of authenticator apps, their codes (RFC 6238) and their addresses.

use auth_core::{
    Core, Failure, Timestamp, User,
    crypto::{Alphabet, encode_component, sealed},
};
use totp_rs::{Builder, Secret, Totp};

/// Seconds that a code is shown.
const PERIOD: u64 = 30;

/// What the secret of another program starts with, when the rest is base32 of its bytes.
const IMPORTED: &str = "base32:";

/// A new secret: its ASCII bytes are the key.
pub(crate) fn new_secret(core: &Core) -> String {
    core.random(32, Alphabet::UrlSafe)
}

pub(crate) fn seal(core: &Core, secret: &str) -> String {
    sealed::seal(core.rng(), &core.settings().secrets, secret.as_bytes())
}

/// The key behind a stored secret.
pub(crate) fn open(core: &Core, stored: &str) -> Result<Secret, Failure> {
    let bytes = sealed::open(&core.settings().secrets, stored).map_err(Failure::internal)?;
    let text = std::str::from_utf8(&bytes).map_err(Failure::internal)?;
    key(text).ok_or_else(|| Failure::internal("a stored secret is no base32"))
}

/// The key that a secret's text stands for.
pub(crate) fn key(text: &str) -> Option<Secret> {
    match text.strip_prefix(IMPORTED) {
        Some(encoded) => Secret::try_from_base32(encoded).ok(),
        None => Some(Secret::from(text.as_bytes())),
    }
}

fn totp(key: Secret) -> Totp {
    Builder::new().with_secret(key).with_skew(1).with_step_duration(PERIOD).build_noncompliant()
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.unix_seconds()).unwrap_or(0)
}

/// The code that is shown at a moment.
pub(crate) fn code(key: Secret, at: Timestamp) -> String {
    totp(key).generate(seconds(at)).to_string()
}

/// The step whose code this is: the present one, the one before or the next. The codes are compared in
/// constant time.
pub(crate) fn step_of(key: Secret, code: &str, at: Timestamp) -> Option<i32> {
    let step = totp(key).check(code, seconds(at))?;
    i32::try_from(step).ok()
}

/// What authenticator apps take. The path writes a space as `%20`, the query as `+`.
pub(crate) fn uri(user: &User, key: &Secret, issuer: &str) -> Result<String, Failure> {
    let label = format!("{}:{}", encode_component(issuer), encode_component(&user.email));
    let secret = key.to_base32();
    let period = PERIOD.to_string();
    let query = [("secret", secret.as_str()), ("issuer", issuer), ("digits", "6"), ("period", &period)];
    let query = serde_urlencoded::to_string(query).map_err(Failure::internal)?;
    Ok(format!("otpauth://totp/{label}?{query}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use auth_core::Timestamp;
    use totp_rs::{Builder, Secret};

    use super::{code, key, step_of};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1000)
    }

    /// RFC 6238, appendix B, SHA-1.
    #[test]
    fn vectors_of_the_standard() {
        let table = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        for (seconds, eight) in table {
            let secret = || Secret::from(&b"12345678901234567890"[..]);
            let long = Builder::new().with_secret(secret()).with_digits(8).build_noncompliant();
            assert_eq!(long.generate(u64::try_from(seconds).unwrap()).to_string(), eight);
            assert_eq!(code(secret(), at(seconds)), eight[2..]);
        }
    }

    /// The contract's vectors.
    #[test]
    fn the_text_of_a_secret_is_the_key() {
        let secret = || key("H3k1vV9-aTnnxMsVpsLPhySpDzBZKxEH").unwrap();
        assert_eq!(code(secret(), at(30)), "263814");
        assert_eq!(code(secret(), at(59_666_666 * 30)), "283063");
        assert_eq!(secret().to_base32(), "JAZWWMLWKY4S2YKUNZXHQTLTKZYHGTCQNB4VG4CEPJBFUS3YIVEA");
        let imported = key("base32:JAZWWMLWKY4S2YKUNZXHQTLTKZYHGTCQNB4VG4CEPJBFUS3YIVEA").unwrap();
        assert_eq!(code(imported, at(30)), "263814");
        assert!(key("base32:!").is_none());
    }

    #[test]
    fn one_step_to_either_side_passes() {
        let secret = || key("H3k1vV9-aTnnxMsVpsLPhySpDzBZKxEH").unwrap();
        let step = |seconds| step_of(secret(), "263814", at(seconds));
        assert_eq!([0, 29, 30, 59, 60, 89].map(step), [Some(1); 6]);
        assert_eq!(step(90), None);
        for text in
            ["", "26381", "2638140", " 263814", "263814 ", "263 814", "+63814", "-63814", "２６３８１４"]
        {
            assert_eq!(step_of(secret(), text, at(30)), None, "{text}");
        }
    }
}
