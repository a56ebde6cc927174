//! The one source of randomness and the random strings made from it.
//!
//! Randomness is a parameter everywhere, so tests can replay a run.

use std::process::abort;
use std::sync::{Mutex, PoisonError};

use rand::rngs::{ChaCha20Rng, SysRng};
use rand::{Rng as _, SeedableRng, TryRng};
use zeroize::Zeroizing;

/// A source of cryptographically secure random bytes.
pub trait Rng: Send + Sync {
    /// Fills all of `out`.
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRng;

impl Rng for OsRng {
    fn fill(&self, out: &mut [u8]) {
        if SysRng.try_fill_bytes(out).is_err() {
            // No caller could go on safely with predictable tokens, and a
            // caught panic would let it try.
            tracing::error!("the operating system returned no random bytes");
            abort();
        }
    }
}

/// A reproducible generator. For tests only: its seed is guessable.
pub struct SeededRng(Mutex<ChaCha20Rng>);

impl SeededRng {
    /// Starts the stream belonging to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }
}

impl Rng for SeededRng {
    fn fill(&self, out: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(out);
    }
}

/// The symbols a random string is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// `a-z A-Z`
    Letters,
    /// `a-z A-Z 0-9`
    AlphaNumeric,
    /// `0-9 a-z`
    LowerDigits,
    /// `a-z A-Z 0-9 - _`
    UrlSafe,
    /// `0-9`
    Digits,
    /// Any 1 to 256 distinct ASCII symbols.
    Custom(&'static str),
}

impl Alphabet {
    /// The symbols, in order.
    pub fn symbols(self) -> &'static str {
        match self {
            Self::Letters => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            Self::AlphaNumeric => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            Self::LowerDigits => "0123456789abcdefghijklmnopqrstuvwxyz",
            Self::UrlSafe => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
            Self::Digits => "0123456789",
            Self::Custom(symbols) => symbols,
        }
    }
}

/// Draws `len` symbols, each equally likely.
///
/// An empty alphabet gives an empty string.
pub fn random_string(rng: &dyn Rng, len: usize, alphabet: Alphabet) -> String {
    let symbols = alphabet.symbols().as_bytes();
    debug_assert!(symbols.is_ascii() && (1..=256).contains(&symbols.len()));
    let mut text = String::with_capacity(len);
    if symbols.is_empty() || symbols.len() > 256 {
        return text;
    }
    // Bytes from here up would favour the first symbols, so they are redrawn.
    let limit = 256 - 256 % symbols.len();
    // The bytes determine the token, so they do not stay on the stack.
    let mut bytes = Zeroizing::new([0_u8; 64]);
    while text.len() < len {
        let want = (len - text.len()).min(bytes.len());
        let Some(drawn) = bytes.get_mut(..want) else {
            break;
        };
        rng.fill(drawn);
        for byte in drawn.iter().map(|byte| usize::from(*byte)) {
            if byte < limit
                && let Some(symbol) = symbols.get(byte % symbols.len())
            {
                text.push(char::from(*symbol));
            }
        }
    }
    text
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
    use super::*;

    const ALL: [Alphabet; 6] = [
        Alphabet::Letters,
        Alphabet::AlphaNumeric,
        Alphabet::LowerDigits,
        Alphabet::UrlSafe,
        Alphabet::Digits,
        Alphabet::Custom("ABCDEFGHJKLMNPQRSTUVWXYZ23456789"),
    ];

    #[test]
    fn alphabets_have_the_documented_symbols() {
        let sizes = ALL.map(|alphabet| alphabet.symbols().len());
        assert_eq!(sizes, [52, 62, 36, 64, 10, 32]);
        for alphabet in ALL {
            let mut symbols: Vec<char> = alphabet.symbols().chars().collect();
            symbols.sort_unstable();
            symbols.dedup();
            assert_eq!(symbols.len(), alphabet.symbols().len());
        }
    }

    #[test]
    fn strings_have_the_asked_length_and_symbols() {
        for alphabet in ALL {
            for len in [0, 1, 31, 32, 64, 65, 128, 1000] {
                let text = random_string(&OsRng, len, alphabet);
                assert_eq!(text.len(), len);
                assert!(text.chars().all(|c| alphabet.symbols().contains(c)));
            }
        }
    }

    #[test]
    fn symbols_are_equally_likely() {
        let rng = SeededRng::new(1);
        let text = random_string(&rng, 100_000, Alphabet::Digits);
        for digit in '0'..='9' {
            let count = text.chars().filter(|c| *c == digit).count();
            assert!((9_600..=10_400).contains(&count), "{digit}: {count}");
        }
    }

    #[test]
    fn a_byte_that_would_bias_the_result_is_redrawn() {
        /// 255, 254, … : the first six are out of range for ten digits.
        struct Down(Mutex<u8>);
        impl Rng for Down {
            fn fill(&self, out: &mut [u8]) {
                let mut next = self.0.lock().unwrap();
                for byte in out {
                    *byte = *next;
                    *next = next.wrapping_sub(1);
                }
            }
        }
        let rng = Down(Mutex::new(255));
        assert_eq!(random_string(&rng, 3, Alphabet::Digits), "987");
    }

    #[test]
    fn seeds_replay_and_differ() {
        let draw = |seed| random_string(&SeededRng::new(seed), 32, Alphabet::UrlSafe);
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let rng = SeededRng::new(7);
        let first = random_string(&rng, 32, Alphabet::UrlSafe);
        assert_ne!(first, random_string(&rng, 32, Alphabet::UrlSafe));
    }
}
