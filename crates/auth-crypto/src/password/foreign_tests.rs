//! Hashes of other systems, made by other implementations: Python's `bcrypt` 4 and `argon2-cffi` 23,
//! and `hashlib` (OpenSSL), with `PASSWORD` in UTF-8 and, where one can choose, the bytes 0 to 15 as
//! the salt:
//!
//! ```python
//! bcrypt.hashpw(pw, bcrypt.gensalt(5, prefix=b"2a"))
//! hashlib.pbkdf2_hmac("sha256", pw, salt, 1000, 64)
//! hashlib.scrypt(pw, salt=salt, n=1024, r=8, p=1, dklen=32)
//! argon2.low_level.hash_secret(pw, salt, 2, 256, 2, 32, Type.I, version=19)
//! ```

use proptest::prelude::*;

use super::*;

/// Its NFKC form is another text, so that it tells whether a hash is of what was typed.
const PASSWORD: &str = "Gr\u{fc}\u{df}e \u{fb01}n 42";

const HASHES: &[&str] = &[
    "$2a$05$rqesKk92D83a807EAD1ms.W8xGoakEZ1T6u3YGnpaF49HFzzjeUxm",
    "$2b$05$NiwxPekdeH/2C0Rv0kwWle/IPYSMBnJjk5u755u5TqkQcGEXMQtqS",
    "$2y$05$NiwxPekdeH/2C0Rv0kwWle/IPYSMBnJjk5u755u5TqkQcGEXMQtqS",
    "$pbkdf2-sha1$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$f3QKz0D14L0T8tJxAdPYAT7QNfK3+nmamfFWN2q+6hg",
    "$pbkdf2-sha1$i=1000,l=64$AAECAwQFBgcICQoLDA0ODw$f3QKz0D14L0T8tJxAdPYAT7QNfK3+nmamfFWN2q+6hiceLEJVnRkB3bOU/aOKYlzoVJ5+j0eDNfVKHW0qxqGIA",
    "$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$gQpwBLkOwBTi1VaFCkukos40ISG6zYNyE/dPuUZXttk",
    "$pbkdf2-sha256$i=1000,l=64$AAECAwQFBgcICQoLDA0ODw$gQpwBLkOwBTi1VaFCkukos40ISG6zYNyE/dPuUZXttmX6yx1QZoDXl8itjTBdbva5QyVjWLVFORLdHGPHnGFsw",
    "$pbkdf2-sha512$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw==$TR+FqmHQLwZ1uvI/HWkWCbNd2sBhRlG5gDLxza2fE9g=",
    "$pbkdf2-sha512$i=1000,l=64$AAECAwQFBgcICQoLDA0ODw$TR+FqmHQLwZ1uvI/HWkWCbNd2sBhRlG5gDLxza2fE9gHBX4AuX8tXw7nRTNf56oDPSft2WqTBoG+++W0GGRFGQ",
    "$scrypt$ln=1024,r=8,p=1$AAECAwQFBgcICQoLDA0ODw==$eANS0ZaFkJm3aN7nTyUOivjupuXs5uFy3uUh2jOuEc4=",
    "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$eANS0ZaFkJm3aN7nTyUOivjupuXs5uFy3uUh2jOuEc4",
    "$argon2id$v=16$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$Bse6QjNTgosLyqbxeuRaIMYZjQQY1g2FEwSldASTdVQ",
    "$argon2i$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$voBx8/105sXb2HeWNznZ62A8epT+7XMNVCqfiM839QM",
    "$argon2i$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$k/QEE6m5SDQqXXxA4ofTqiIm6QJepK1pvv3/2cZ9a2Q",
    "$argon2d$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$ZD2HaUCBY15zDmoambT/Ll0z3+rK4G1X5t/b1uv1Fkg",
    "$argon2d$v=16$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$Na2tOqgrtYPRIFlyU2804S9nH2UXVEOHRileGXVJ9Yk",
];
/// Of another system, but in the format of ours.
const ARGON2ID: &str =
    "$argon2id$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$lzQgojw8x2OPoL35sE1l/E1z1buM+I+KEIkqm9SaW48";
/// And with the parameters of these tests.
const SAME: &str =
    "$argon2id$v=19$m=64,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$T4ULAVGTa48BkOkPFyp5dr9cyzD/yfFlIgmpd/1T/As";

#[tokio::test]
async fn hashes_of_other_systems_verify_as_they_did_there() {
    let pool = pool(Scheme::Argon2id);
    for stored in HASHES {
        assert_eq!(check_import(stored), Ok(()), "{stored}");
        assert_eq!(pool.verify(PASSWORD, stored).await, Ok(foreign(true)), "{stored}");
        assert_eq!(pool.verify("Gr\u{fc}\u{df}e fin 43", stored).await, Ok(foreign(false)), "{stored}");
        assert_eq!(pool.verify("", stored).await, Ok(foreign(false)), "{stored}");
    }
    assert_eq!(pool.verify(PASSWORD, ARGON2ID).await, Ok(verdict(true, true)));
    assert_eq!(pool.verify(PASSWORD, SAME).await, Ok(verdict(true, false)));
    assert_eq!(pool.verify("wrong", SAME).await, Ok(verdict(false, false)));
}

#[tokio::test]
async fn bcrypt_reads_72_bytes_and_takes_an_empty_password() {
    // Of 71 letters and the first byte of an é.
    let long = "$2b$04$HmKbDBwr0onvwoXnTuM2o.VdgN3Xz9/Aumy8tx78d8P1dOvwfof7i";
    let empty = "$2b$04$RsidCH1HtqlHnKmdcZ1Ftu5Z0XL.rpQ7XznHYJULv78n8LSUOjm9u";
    let pool = pool(Scheme::Argon2id);
    let letters = "a".repeat(71);
    for (password, stored, matches) in [
        (format!("{letters}\u{e9}tail"), long, true),
        (format!("{letters}\u{e9}another"), long, true),
        (format!("{letters}b"), long, false),
        (letters, long, false),
        (String::new(), empty, true),
        ("a".to_owned(), empty, false),
    ] {
        assert_eq!(pool.verify(&password, stored).await, Ok(foreign(matches)), "{password}");
    }
}

#[tokio::test]
async fn what_the_reader_of_the_database_cannot_read_is_foreign() {
    // Better Auth reads its own format and nothing else.
    let upstream = pool(Scheme::Scrypt);
    for stored in [HASHES[0], HASHES[3], HASHES[9], HASHES[12], ARGON2ID] {
        assert_eq!(upstream.verify(PASSWORD, stored).await, Ok(foreign(true)), "{stored}");
    }
    assert_eq!(upstream.verify("password123", WIRE).await, Ok(verdict(true, false)));
    let ours = pool(Scheme::Argon2id);
    assert_eq!(ours.verify("password123", WIRE).await, Ok(verdict(true, true)));
    assert!(ours.is_current(SAME) && !ours.is_current(ARGON2ID) && !ours.is_current("nonsense"));
}

#[test]
fn a_hash_that_would_burn_the_processor_is_refused() {
    let (salt, key) = ("AAECAwQFBgcICQoLDA0ODw", "eANS0ZaFkJm3aN7nTyUOivjupuXs5uFy3uUh2jOuEc4");
    let rest = "NiwxPekdeH/2C0Rv0kwWle/IPYSMBnJjk5u755u5TqkQcGEXMQtqS";
    let costly = |stored: &str| matches!(check_import(stored), Err(Unusable::TooCostly(..)));
    for (dear, fine) in [
        (format!("$2b$15${rest}"), format!("$2b$14${rest}")),
        (format!("$2b$31${rest}"), format!("$2b$04${rest}")),
        (
            format!("$pbkdf2-sha256$i=6000001,l=32${salt}${key}"),
            format!("$pbkdf2-sha256$i=6000000,l=32${salt}${key}"),
        ),
        // Two blocks.
        (
            format!("$pbkdf2-sha1$i=3000001,l=32${salt}${key}"),
            format!("$pbkdf2-sha1$i=3000000,l=32${salt}${key}"),
        ),
        (
            format!("$pbkdf2-sha1$i=4294967295,l=32${salt}${key}"),
            format!("$pbkdf2-sha1$i=1,l=32${salt}${key}"),
        ),
        (format!("$scrypt$ln=19,r=8,p=1${salt}${key}"), format!("$scrypt$ln=18,r=8,p=1${salt}${key}")),
        (format!("$scrypt$ln=14,r=8,p=17${salt}${key}"), format!("$scrypt$ln=16384,r=8,p=16${salt}${key}")),
        (format!("$scrypt$ln=63,r=8,p=1${salt}${key}"), format!("$scrypt$ln=1,r=8,p=1${salt}${key}")),
        (
            format!("$argon2id$v=19$m=524288,t=5,p=1${salt}${key}"),
            format!("$argon2id$v=19$m=524288,t=4,p=1${salt}${key}"),
        ),
    ] {
        assert!(costly(&dear), "{dear}");
        assert_eq!(check_import(&fine), Ok(()), "{fine}");
        let sentence = check_import(&dear).unwrap_err().to_string();
        assert!(sentence.contains("costs more than") && !sentence.contains(salt), "{sentence}");
    }
}

#[test]
fn broken_hashes_are_malformed_and_strange_ones_unknown() {
    let (salt, key) = ("AAECAwQFBgcICQoLDA0ODw", "eANS0ZaFkJm3aN7nTyUOivjupuXs5uFy3uUh2jOuEc4");
    let rest = "NiwxPekdeH/2C0Rv0kwWle/IPYSMBnJjk5u755u5TqkQcGEXMQtqS";
    for stored in [
        format!("$2b$05${rest}x"),
        format!("$2b$05${rest}$"),
        format!("$2b$5${rest}"),
        format!("$2b$03${rest}"),
        format!("$2b$+5${rest}"),
        format!("$2b$05${}", rest.replace('N', "=")),
        format!("$2b$05${}é", &rest[..51]),
        format!("$pbkdf2-sha256$i=0,l=32${salt}${key}"),
        format!("$pbkdf2-sha256$i=10,l=31${salt}${key}"),
        format!("$pbkdf2-sha256$i=10,l=32,x=1${salt}${key}"),
        format!("$pbkdf2-sha256$l=32,i=10${salt}${key}"),
        format!("$pbkdf2-sha256$i=10,l=32${salt}${key}$"),
        format!("$pbkdf2-sha256$i=10,l=0${salt}$"),
        format!("$pbkdf2-sha256$i=10,l=32${salt}"),
        format!("$pbkdf2-sha256$29000${salt}${key}"),
        format!("$scrypt$ln=1000,r=8,p=1${salt}${key}"),
        format!("$scrypt$ln=0,r=8,p=1${salt}${key}"),
        format!("$scrypt$ln=10,r=0,p=1${salt}${key}"),
        format!("$scrypt$ln=10,r=8,p=0${salt}${key}"),
        format!("$scrypt$ln=10,r=8,p=1${salt}$!"),
    ] {
        assert!(matches!(check_import(&stored), Err(Unusable::Malformed(_))), "{stored}");
    }
    for stored in ["", "$", "$2x$05$", "$2$05$", "$md5$AAAA", "$firescrypt$", "{SSHA}x", "plain", "$1$a$b"] {
        assert_eq!(check_import(stored), Err(Unusable::Unknown), "{stored}");
    }
}

#[tokio::test]
async fn what_fails_costs_the_same_once_there_are_other_hashes() {
    let pool = pool(Scheme::Argon2id);
    let own = pool.hash("p").await.unwrap();
    assert!(pool.costliest().is_none());
    pool.verify("p", HASHES[3]).await.unwrap();
    let after_pbkdf2 = pool.costliest().unwrap().micros();
    // From here on a wrong password of ours is followed by one of these, the costliest so far.
    pool.verify("p", HASHES[0]).await.unwrap();
    let after_bcrypt = pool.costliest().unwrap().micros();
    assert!(after_bcrypt > after_pbkdf2);
    pool.verify("p", HASHES[3]).await.unwrap();
    pool.verify("p", &own).await.unwrap();
    assert_eq!(pool.costliest().unwrap().micros(), after_bcrypt);

    // What comes after a wrong password is computed, and never counts.
    let mut worker = Worker::new(kdf::checked_params(SMALL).unwrap(), Scheme::Argon2id);
    let stored = |hash: &str| Box::new(Stored::parse(hash).unwrap());
    let mut ask = |password: &str, first: &str, after: &str| {
        let password = Zeroizing::new(password.to_owned());
        worker.run(Work::Verify { password, stored: stored(first), after: Some(stored(after)) })
    };
    assert_eq!(ask(PASSWORD, &own, HASHES[0]), Ok(Answer::Matches(false)));
    assert_eq!(ask(PASSWORD, HASHES[0], &own), Ok(Answer::Matches(true)));

    // An unknown user, too. No machine computes 512 rounds of bcrypt in two milliseconds.
    let dear = "$2b$09$NiwxPekdeH/2C0Rv0kwWle/IPYSMBnJjk5u755u5TqkQcGEXMQtqS";
    pool.verify("p", dear).await.unwrap();
    let started = std::time::Instant::now();
    pool.dummy_verify("p").await.unwrap();
    assert!(started.elapsed() > Duration::from_millis(2));
}

proptest! {
    #[test]
    fn no_stored_text_panics(text in "\\PC*") {
        let _ = check_import(&text);
    }

    #[test]
    fn nothing_that_looks_like_a_hash_panics(
        name in "(2a|2b|2y|pbkdf2|pbkdf2-sha256|pbkdf2-sha512|scrypt|argon2id|argon2i|argon2d)",
        costs in "(i|ln|m|v)=[0-9]{0,12},?(l|r|t)?=?[0-9]{0,12},?(p=)?[0-9]{0,3}",
        rest in "[$A-Za-z0-9./+=é]{0,80}",
    ) {
        let _ = check_import(&format!("${name}${costs}${rest}"));
        let _ = check_import(&format!("${name}${rest}"));
    }
}
