//! Tests of the stored formats.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::rng::SeededRng;

#[path = "foreign_tests.rs"]
mod foreign_hashes;
#[path = "load_tests.rs"]
mod load;

const WIRE: &str = "000102030405060708090a0b0c0d0e0f:eedf8cd62212c4ef27d18a5f1f23f875e2571a8d6bc3cea577255d2cfe8729d8d4646badd72958bccbc96ef736af3a9cc0a4735cee8541bee27d392aeafffc3c";
/// Cheap, because these tests are not about cost.
const SMALL: Argon2Params = Argon2Params { memory_kib: 64, iterations: 1, parallelism: 1 };

fn pool_with(config: PoolConfig) -> PasswordPool {
    PasswordPool::new(config, Arc::new(SeededRng::new(1))).unwrap()
}

fn config(scheme: Scheme) -> PoolConfig {
    PoolConfig { threads: 2, queue: 16, max_wait: Duration::from_secs(20), params: SMALL, scheme }
}

fn pool(scheme: Scheme) -> PasswordPool {
    pool_with(config(scheme))
}

const fn verdict(matches: bool, needs_rehash: bool) -> Verdict {
    Verdict { matches, needs_rehash, foreign: false }
}

/// Of a hash that only other systems write.
const fn foreign(matches: bool) -> Verdict {
    Verdict { matches, needs_rehash: true, foreign: true }
}

#[tokio::test]
async fn wire_vector_verifies() {
    let pool = pool(Scheme::Scrypt);
    assert_eq!(pool.verify("password123", WIRE).await, Ok(verdict(true, false)));
    assert_eq!(pool.verify("password124", WIRE).await, Ok(verdict(false, false)));
    let salt = std::array::from_fn(|index| u8::try_from(index).unwrap());
    assert_eq!(kdf::hash_scrypt(b"password123", salt).unwrap(), WIRE);
}

#[tokio::test]
async fn argon2_reference_vector_verifies() {
    // From the test suite of the reference implementation.
    let stored = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";
    let pool = pool(Scheme::Argon2id);
    assert_eq!(pool.verify("password", stored).await, Ok(verdict(true, true)));
    assert_eq!(pool.verify("passwore", stored).await, Ok(verdict(false, true)));
}

#[tokio::test]
async fn both_formats_round_trip_and_ask_for_the_configured_one() {
    let argon = pool(Scheme::Argon2id);
    let scrypt = pool(Scheme::Scrypt);
    let from_argon = argon.hash("p").await.unwrap();
    let from_scrypt = scrypt.hash("p").await.unwrap();
    assert!(from_argon.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
    let (salt, key) = from_scrypt.split_once(':').unwrap();
    assert_eq!((salt.len(), key.len()), (32, 128));

    assert_eq!(argon.verify("p", &from_argon).await, Ok(verdict(true, false)));
    assert_eq!(argon.verify("p", &from_scrypt).await, Ok(verdict(true, true)));
    assert_eq!(scrypt.verify("p", &from_argon).await, Ok(foreign(true)));
    assert_eq!(scrypt.verify("p", &from_scrypt).await, Ok(verdict(true, false)));

    let costlier =
        pool_with(PoolConfig { params: Argon2Params { iterations: 2, ..SMALL }, ..config(Scheme::Argon2id) });
    assert_eq!(costlier.verify("p", &from_argon).await, Ok(verdict(true, true)));
    // More memory than the verifying pool keeps.
    let larger = pool_with(PoolConfig {
        params: Argon2Params { memory_kib: 256, ..SMALL },
        ..config(Scheme::Argon2id)
    });
    let stored = larger.hash("p").await.unwrap();
    assert_eq!(argon.verify("p", &stored).await, Ok(verdict(true, true)));
    assert_eq!(argon.verify("p", &from_argon).await, Ok(verdict(true, false)));
}

#[tokio::test]
async fn salts_come_from_the_given_source() {
    let replay = || async { pool(Scheme::Argon2id).hash("p").await.unwrap() };
    assert_eq!(replay().await, replay().await);
    let pool = pool(Scheme::Argon2id);
    assert_ne!(pool.hash("p").await, pool.hash("p").await);
}

#[tokio::test]
async fn reused_memory_gives_the_same_results_as_fresh_memory() {
    let pool = pool_with(PoolConfig { threads: 1, ..config(Scheme::Argon2id) });
    for index in 0..5 {
        let password = format!("password {index}");
        let stored = pool.hash(&password).await.unwrap();
        let hash = argon2::PasswordHash::new(&stored).unwrap();
        let params = argon2::Params::try_from(&hash).unwrap();
        let mut key = [0; 32];
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into(password.as_bytes(), hash.salt.as_ref().unwrap(), &mut key)
            .unwrap();
        assert_eq!(hash.hash.unwrap().as_bytes(), key);
    }
}

#[tokio::test]
async fn spelling_variants_are_one_password_and_nul_counts() {
    for scheme in [Scheme::Argon2id, Scheme::Scrypt] {
        let pool = pool(scheme);
        for (set, typed, same) in [
            ("caf\u{e9}", "cafe\u{301}", true),
            ("\u{fb01}n", "fin", true),
            ("\u{ff41}", "a", true),
            ("\u{fdfa}", "\u{fdfa}", true),
            ("a\0b", "a\0b", true),
            ("a\0b", "a\0c", false),
            // HMAC pads short keys with NULs, so the scrypt format itself
            // cannot tell these two apart; the original server has the same.
            ("a\0", "a", scheme == Scheme::Scrypt),
            ("\0a", "a", false),
            ("a", "A", false),
            ("a ", "a", false),
        ] {
            let stored = pool.hash(set).await.unwrap();
            let verdict = pool.verify(typed, &stored).await.unwrap();
            assert_eq!(verdict.matches, same, "{set:?} {typed:?} {scheme:?}");
        }
    }
    assert_eq!(normalise("\u{fdfa}").len(), normalise("\u{fdfa}").capacity());
}

#[tokio::test]
async fn malformed_values_are_an_error_and_not_a_mismatch() {
    let pool = pool(Scheme::Argon2id);
    let salt = "c29tZXNhbHQ";
    let key = "bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";
    let upper_key = "0".repeat(128);
    for stored in [
        String::new(),
        "password".into(),
        ":".into(),
        format!(":{upper_key}"),
        "salt:".into(),
        "salt:zz".into(),
        format!("salt:{upper_key}00"),
        format!("{WIRE}:x"),
        "$".into(),
        "$argon2id$".into(),
        "$md5$cGFzc3dvcmQ".into(),
        format!("$argon2x$v=19$m=256,t=2,p=2${salt}${key}"),
        format!("$argon2id$v=18$m=256,t=2,p=2${salt}${key}"),
        format!("$argon2id$v=19$m=2097152,t=1,p=1${salt}${key}"),
        format!("$argon2id$v=19$m=4294967295,t=4294967295,p=1${salt}${key}"),
        format!("$argon2id$v=19$m=1048576,t=17,p=1${salt}${key}"),
        format!("$argon2id$v=19$m=65536,t=1,p=65${salt}${key}"),
        format!("$argon2id$v=19$m=256,t=0,p=1${salt}${key}"),
        format!("$argon2id$v=19$m=256,t=1,p=1$c2FsdA${key}"),
        format!("$argon2id$v=19$m=256,t=1,p=1${salt}"),
        format!("$argon2id$v=19$m=256,t=1,p=1,x=2${salt}${key}"),
    ] {
        let result = pool.verify("password", &stored).await;
        assert_eq!(result, Err(PasswordError::Malformed), "{stored}");
    }
}

#[test]
fn unreasonable_configurations_are_refused() {
    for params in [
        Argon2Params { memory_kib: 7, ..SMALL },
        Argon2Params { memory_kib: (1 << 20) + 1, ..SMALL },
        Argon2Params { iterations: 0, ..SMALL },
        Argon2Params { parallelism: 0, ..SMALL },
    ] {
        let config = PoolConfig { params, ..config(Scheme::Argon2id) };
        let refused = PasswordPool::new(config, Arc::new(SeededRng::new(1)));
        assert_eq!(refused.unwrap_err(), PasswordError::InvalidParams);
    }
}

#[tokio::test]
async fn an_unknown_user_costs_what_a_wrong_password_does() {
    for scheme in [Scheme::Argon2id, Scheme::Scrypt] {
        // The same function with the same costs,
        let params = Argon2Params { memory_kib: 8192, ..SMALL };
        let dummy = || kdf::Stored::dummy(scheme, params).unwrap();
        assert!(dummy().is_current(scheme, params));
        let pool = pool_with(PoolConfig { threads: 1, params, ..config(scheme) });
        let work = Work::Verify { password: normalise("q"), stored: Box::new(dummy()), after: None };
        assert_eq!(pool.submit(work).await, Ok(Answer::Matches(false)));
        // which waits its turn for a thread.
        let (work, release) = load::blocker();
        let mut blocked = std::pin::pin!(pool.submit(work));
        let mut verified = std::pin::pin!(pool.dummy_verify("q"));
        tokio::select! {
            biased;
            _ = &mut blocked => unreachable!(),
            _ = &mut verified => unreachable!(),
            () = load::until(|| pool.stats() == PoolStats { queued: 1, running: 1 }) => {}
        }
        drop(release);
        assert_eq!(verified.await, Ok(()));
    }
}
