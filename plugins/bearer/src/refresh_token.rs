//! Refresh tokens: `<session id>.<generation>.<mac>`.
//!
//! Nothing of one is stored. The row knows its generation, the server knows its secret, and both
//! together make the token; so a copy of the database redeems nothing, and an older token is known for
//! one that was good once.

use auth_core::crypto::{Secret, Secrets, constant_time_eq, keyed_b64url, keys};

/// The key's only purpose.
const PURPOSE: &str = "bearer-refresh-token";

/// Longer than any: an id, a number, a signature.
const LONGEST: usize = 160;

/// A token whose signature is ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Genuine<'t> {
    pub(crate) session_id: &'t str,
    pub(crate) generation: i32,
}

fn written(secret: &Secret, session_id: &str, generation: i32) -> String {
    let key = keys::derive(secret, PURPOSE, 32);
    let body = format!("{session_id}.{generation}");
    let mac = keyed_b64url(&key, &body);
    format!("{body}.{mac}")
}

/// The token of a session's generation.
pub(crate) fn mint(secrets: &Secrets, session_id: &str, generation: i32) -> String {
    written(secrets.current(), session_id, generation)
}

/// Reads a token. What counts is what would be minted, to the letter; older secrets still count.
pub(crate) fn verify<'t>(secrets: &Secrets, text: &'t str) -> Option<Genuine<'t>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut parts = text.split('.');
    let (session_id, generation, _) = (parts.next()?, parts.next()?, parts.next()?);
    let generation = generation.parse::<i32>().ok().filter(|generation| *generation > 0)?;
    let minted =
        |secret| constant_time_eq(written(secret, session_id, generation).as_bytes(), text.as_bytes());
    secrets.all().any(minted).then_some(Genuine { session_id, generation })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    const ID: &str = "019b76da-a800-7abc-8def-0123456789ab";

    fn secrets() -> Secrets {
        Secrets::single(Secret::from("a secret of this test"))
    }

    #[test]
    fn reads_what_it_writes() {
        for generation in [1, 2, 10, i32::MAX] {
            let token = mint(&secrets(), ID, generation);
            assert_eq!(verify(&secrets(), &token), Some(Genuine { session_id: ID, generation }));
            assert!(token.len() < LONGEST);
        }
    }

    #[test]
    fn only_the_canonical_spelling_counts() {
        let token = mint(&secrets(), ID, 12);
        let mac = token.rsplit_once('.').unwrap().1;
        let other = mint(&secrets(), ID, 13);
        let mut bad = vec![
            String::new(),
            ".".into(),
            "..".into(),
            "...".into(),
            format!("{ID}.012.{mac}"),
            format!("{ID}.+12.{mac}"),
            format!("{ID}.-12.{mac}"),
            format!("{ID}.12.0.{mac}"),
            format!("{ID}.99999999999999999999.{mac}"),
            format!("{}.12.{mac}", ID.to_uppercase()),
            format!(".12.{mac}"),
            format!("{ID}.12."),
            format!("{ID}.12.{mac}="),
            format!("{ID}.12.{}", other.rsplit_once('.').unwrap().1),
            format!(" {token}"),
            format!("{token} "),
            format!("{token}\n"),
            format!("{token}.{mac}"),
            token.replace('.', "%2E"),
            "x".repeat(100_000),
        ];
        // Generations that nobody mints, even where somebody could sign them.
        bad.extend([0, -1, i32::MIN].map(|generation| mint(&secrets(), ID, generation)));
        // The other base64: the last character has two spare bits that decoders overlook.
        bad.push(token.replace('-', "+").replace('_', "/") + "=");
        bad.extend(('A'..='Z').map(|c| format!("{}{c}", &token[..token.len() - 1])).filter(|t| *t != token));
        for bad in bad {
            assert_eq!(verify(&secrets(), &bad), None, "{bad:.80}");
        }
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1;
            let flipped = String::from_utf8(bytes).unwrap();
            assert_eq!(verify(&secrets(), &flipped), None, "{flipped}");
        }
    }

    #[test]
    fn older_secrets_count_and_foreign_ones_do_not() {
        let (old, new) = (Secret::from("the old one"), Secret::from("the new one"));
        let token = mint(&Secrets::single(old.clone()), ID, 3);
        let rotated = Secrets::versioned(vec![(2, new.clone()), (1, old.clone())], None).unwrap();
        assert!(verify(&rotated, &token).is_some());
        let legacy = Secrets::versioned(vec![(1, new.clone())], Some(old)).unwrap();
        assert!(verify(&legacy, &token).is_some());
        assert_eq!(verify(&Secrets::single(new), &token), None);
        assert_ne!(mint(&rotated, ID, 3), token, "the current secret signs");
    }
}
