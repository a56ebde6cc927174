//! What the readers make of exports. The exports are of our making, after the documented shapes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use auth_core::crypto::check_import;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn now() -> Timestamp {
    Timestamp::parse("2026-01-01T00:00:00Z").unwrap()
}

/// Each record as what it says, or why it is left out.
fn read(source: Source, text: &str) -> Vec<Result<Value, String>> {
    let mut found = Vec::new();
    let done = source.each(now(), text.as_bytes(), |item| {
        found.push(item.read.map(|taken| match taken.entry {
            Entry::Person(person) => json!({ "person": *person, "left": taken.left }),
            Entry::Account { user_id, way } => match way {
                Way::Password(hash) => json!({ "of": user_id, "hash": hash }),
                Way::Provider(linked) => json!({ "of": user_id, "account": linked }),
            },
            Entry::Nothing => Value::Null,
        }));
        true
    });
    done.unwrap();
    found
}

fn one(source: Source, value: &Value) -> Result<Value, String> {
    read(source, &value.to_string()).pop().unwrap()
}

#[test]
fn a_keycloak_user_comes_with_the_password_and_its_providers() {
    let credential = |data: Value, secret: Value| json!({ "type": "password", "credentialData": data.to_string(), "secretData": secret.to_string() });
    let user = |credentials: Value| {
        json!({
            "id": "0b0e7c1e-0000-4000-8000-000000000001", "username": "ada", "firstName": "Ada", "lastName": "Lovelace",
            "email": "Ada@Example.com", "emailVerified": true, "createdTimestamp": 1_714_557_600_000_i64, "enabled": true,
            "credentials": credentials, "realmRoles": ["default"], "groups": [], "requiredActions": [],
            "federatedIdentities": [{ "identityProvider": "google", "userId": "123", "userName": "ada" }],
        })
    };
    let old = credential(
        json!({ "hashIterations": 27_500, "algorithm": "pbkdf2-sha256" }),
        json!({ "value": "gQpwBLkOwBTi1VaFCkukos40ISG6zYNyE/dPuUZXttk=", "salt": "AAECAwQFBgcICQoLDA0ODw==" }),
    );
    let realm = json!({ "realm": "r", "clients": [{ "users": [1] }], "users": [user(json!([old, { "type": "otp" }]))] });
    let told = one(Source::Keycloak, &realm).unwrap();
    assert_eq!(
        told["person"],
        json!({
            "id": "0b0e7c1e-0000-4000-8000-000000000001", "email": "Ada@Example.com", "emailVerified": true, "name": "Ada Lovelace",
            "createdAt": "2024-05-01T10:00:00.000Z",
            "password": "$pbkdf2-sha256$i=27500,l=32$AAECAwQFBgcICQoLDA0ODw$gQpwBLkOwBTi1VaFCkukos40ISG6zYNyE/dPuUZXttk",
            "accounts": [{ "providerId": "google", "accountId": "123" }],
        })
    );
    assert_eq!(told["left"], json!(["second factors", "realm roles"]));

    let new = credential(
        json!({ "hashIterations": 5, "algorithm": "argon2", "additionalParameters": { "hashLength": ["32"], "memory": ["7168"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"] } }),
        json!({ "value": "lzQgojw8x2OPoL35sE1l/E1z1buM+I+KEIkqm9SaW48=", "salt": "AAECAwQFBgcICQoLDA0ODw==" }),
    );
    let told = one(Source::Keycloak, &json!({ "users": [user(json!([new]))] })).unwrap();
    let hash = told["person"]["password"].as_str().unwrap();
    assert_eq!(
        hash,
        "$argon2id$v=19$m=7168,t=5,p=1$AAECAwQFBgcICQoLDA0ODw$lzQgojw8x2OPoL35sE1l/E1z1buM+I+KEIkqm9SaW48"
    );
    for algorithm in ["pbkdf2", "pbkdf2-sha512"] {
        let data = json!({ "hashIterations": 1000, "algorithm": algorithm });
        let made = credential(
            data,
            json!({ "value": "gQpwBLkOwBTi1VaFCkukos40ISG6zYNyE/dPuUZXttk=", "salt": "AAEC" }),
        );
        let told = one(Source::Keycloak, &json!({ "users": [user(json!([made]))] })).unwrap();
        assert_eq!(check_import(told["person"]["password"].as_str().unwrap()), Ok(()), "{algorithm}");
    }

    for (wrong, why) in [
        (json!({ "enabled": false }), "disabled"),
        (json!({ "serviceAccountClientId": "c" }), "service"),
        (json!({ "credentials": [{ "type": "password" }] }), "Keycloak would not write"),
        (
            json!({ "credentials": [credential(json!({ "algorithm": "md5", "hashIterations": 1 }), json!({ "value": "a", "salt": "b" }))] }),
            "not known",
        ),
        (json!({ "credentials": "x" }), "`credentials`"),
        (json!({ "emailVerified": "perhaps" }), "`emailVerified`"),
    ] {
        let said = one(Source::Keycloak, &json!({ "users": [wrong] })).unwrap_err();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn an_ory_identity_is_verified_where_its_own_address_is() {
    let identity = |addresses: Value| {
        json!([{
            "id": "9f425a8d-0000-4000-8000-000000000001", "state": "active", "created_at": "2024-05-01T10:00:00.123456Z",
            "traits": { "email": "ada@example.com", "name": { "first": "Ada", "last": "Lovelace" } }, "verifiable_addresses": addresses,
            "credentials": {
                "password": { "type": "password", "config": { "hashed_password": "$2a$12$x" } },
                "oidc": { "config": { "providers": [{ "subject": "123", "provider": "google", "initial_access_token": "" }] } },
                "totp": { "type": "totp", "config": {} },
            },
        }])
    };
    let told = one(
        Source::Ory,
        &identity(json!([{ "value": "ADA@example.com", "verified": true, "via": "email" }])),
    )
    .unwrap();
    assert_eq!(
        told,
        json!({
            "person": {
                "id": "9f425a8d-0000-4000-8000-000000000001", "email": "ada@example.com", "emailVerified": true, "name": "Ada Lovelace",
                "createdAt": "2024-05-01T10:00:00.123Z", "password": "$2a$12$x", "accounts": [{ "providerId": "google", "accountId": "123" }],
            },
            "left": ["second factors"],
        })
    );
    // Another address of the same identity says nothing about this one.
    let other = one(Source::Ory, &identity(json!([{ "value": "b@example.com", "verified": true }]))).unwrap();
    assert_eq!(other["person"]["emailVerified"], false);
    let inactive = json!({ "state": "inactive", "traits": { "email": "a@example.com" } });
    assert!(one(Source::Ory, &inactive).unwrap_err().contains("inactive"));
    let plain = json!({ "traits": { "username": "a@example.com", "name": "A" } });
    assert_eq!(
        one(Source::Ory, &plain).unwrap()["person"],
        json!({ "email": "a@example.com", "emailVerified": false, "name": "A" })
    );
}

#[test]
fn supabase_comes_as_json_with_identities_and_as_csv_without() {
    let nested = json!({
        "id": "u1", "email": "ada@example.com", "encrypted_password": "$2a$10$x", "email_confirmed_at": "2024-05-01 10:00:00+00",
        "raw_user_meta_data": { "full_name": "Ada", "avatar_url": "https://example.com/a.png" }, "created_at": "2024-05-01T10:00:00Z", "banned_until": "2025-01-01 00:00:00+00",
        "identities": [{ "provider": "email", "provider_id": "u1" }, { "provider": "google", "provider_id": "123", "identity_data": { "sub": "123" } }],
    });
    let person = json!({
        "id": "u1", "email": "ada@example.com", "emailVerified": true, "name": "Ada", "image": "https://example.com/a.png",
        "createdAt": "2024-05-01T10:00:00.000Z", "password": "$2a$10$x", "accounts": [{ "providerId": "google", "accountId": "123" }],
    });
    assert_eq!(one(Source::Supabase, &nested).unwrap()["person"], person);

    let csv = "\u{feff}id,email,encrypted_password,email_confirmed_at,confirmed_at,phone,raw_user_meta_data,deleted_at,banned_until,is_anonymous\n\
        u1,a@example.com,$2a$10$x,2024-05-01 10:00:00+00,,,\"{\"\"name\"\":\"\"A, B\"\"}\",,,f\n\
        u2,b@example.com,,,2024-05-01 10:00:00+00,491,,,,false\n\
        u3,c@example.com,,,,,,2024-05-01 10:00:00+00,,\n\
        u4,d@example.com,,,,,,,2027-01-01 00:00:00+00,\n\
        u5,,,,,,,,,t\n\
        u6,short\n";
    let told = read(Source::Supabase, csv);
    assert_eq!(
        told[0].as_ref().unwrap()["person"],
        json!({ "id": "u1", "email": "a@example.com", "emailVerified": true, "name": "A, B", "password": "$2a$10$x" })
    );
    // The phone was confirmed, not the address.
    assert_eq!(told[1].as_ref().unwrap()["person"]["emailVerified"], false);
    for (at, why) in [(2, "deleted"), (3, "banned"), (4, "anonymous"), (5, "has 2 columns of 10")] {
        assert!(told[at].as_ref().unwrap_err().contains(why), "{at}");
    }
    let links = "provider_id,user_id,identity_data,provider\n123,u1,\"{\"\"sub\"\":\"\"123\"\"}\",github\nu1,u1,{},email\n";
    assert_eq!(
        read(Source::Supabase, links),
        [
            Ok(json!({ "of": "u1", "account": { "providerId": "github", "accountId": "123" } })),
            Ok(Value::Null)
        ]
    );
}

#[test]
fn rows_of_authjs_come_together_apart_and_nested() {
    let user = json!({ "id": "cl1", "name": "Ada", "email": "ada@example.com", "emailVerified": "2024-05-01T10:00:00.000Z", "image": null, "password": "$2b$10$x", "role": "ADMIN" });
    let account = json!({
        "userId": "cl1", "type": "oauth", "provider": "google", "providerAccountId": "123", "access_token": "t", "expires_at": 1_714_557_600,
        "scope": "openid email", "session_state": null,
    });
    let person = json!({ "id": "cl1", "email": "ada@example.com", "emailVerified": true, "name": "Ada", "password": "$2b$10$x" });
    let linked = json!({ "providerId": "google", "accountId": "123", "scope": "openid,email", "accessToken": "t", "accessTokenExpiresAt": "2024-05-01T10:00:00.000Z" });
    let told = read(Source::NextAuth, &json!({ "users": [user], "accounts": [account] }).to_string());
    assert_eq!(told[0].as_ref().unwrap(), &json!({ "person": person, "left": ["roles"] }));
    assert_eq!(told[1].as_ref().unwrap(), &json!({ "of": "cl1", "account": linked }));
    let mut nested = user.clone();
    nested["accounts"] =
        json!([account, { "type": "credentials", "provider": "credentials", "providerAccountId": "cl1" }]);
    nested["emailVerified"] = Value::Null;
    let told = one(Source::NextAuth, &nested).unwrap();
    assert_eq!(
        (&told["person"]["accounts"], &told["person"]["emailVerified"]),
        (&json!([linked]), &json!(false))
    );
}

#[test]
fn better_auth_rows_keep_their_hashes_and_tokens() {
    let text = json!({
        "user": [
            { "id": "u1", "name": "Ada", "email": "ada@example.com", "emailVerified": 1, "createdAt": 1_714_557_600_000_i64, "twoFactorEnabled": true },
            { "id": "u2", "name": "B", "email": "b@example.com", "emailVerified": 0, "banned": true },
            { "id": "u3", "name": "C", "email": "c@example.com", "banned": true, "banExpires": "2025-01-01T00:00:00Z" },
        ],
        "account": [
            { "userId": "u1", "providerId": "credential", "accountId": "u1", "password": "salt:key" },
            { "userId": "u1", "providerId": "github", "accountId": "7", "accessToken": "t", "scope": "a,b" },
            { "userId": "u1", "providerId": "credential", "accountId": "u1" },
        ],
    });
    let told = read(Source::BetterAuth, &text.to_string());
    assert_eq!(told[0].as_ref().unwrap()["left"], json!(["second factors"]));
    assert!(told[1].as_ref().unwrap_err().contains("banned") && told[2].is_ok());
    assert_eq!(told[3].as_ref().unwrap(), &json!({ "of": "u1", "hash": "salt:key" }));
    assert_eq!(
        told[4].as_ref().unwrap()["account"],
        json!({ "providerId": "github", "accountId": "7", "accessToken": "t", "scope": "a,b" })
    );
    assert_eq!(told[5], Ok(Value::Null));
}

#[test]
fn the_neutral_format_names_what_it_does_not_know_and_quotes_no_value() {
    let good = "{\"email\":\"a@example.com\",\"emailVerified\":true}";
    assert!(read(Source::Tessera, good)[0].is_ok());
    for (text, why) in [
        ("{\"email\":\"a@example.com\",\"pasword\":\"hunter2\"}", "pasword"),
        ("{\"email\":\"a@example.com\",\"accounts\":\"hunter2\"}", "wrong type"),
        ("{\"email\":\"a@example.com\",\"createdAt\":\"hunter2\"}", "RFC 3339"),
        ("{\"email\":\"\\ud800\"}", "is no JSON"),
        ("{\"name\":\"A\"}", "email"),
        ("7", "wrong type"),
    ] {
        let said = read(Source::Tessera, &format!("[{text}]")).pop().unwrap().unwrap_err();
        assert!(said.contains(why) && !said.contains("hunter2"), "{said}");
    }
}

#[test]
fn a_quote_that_is_never_closed_does_not_fill_the_memory() {
    let csv = format!("id,email\nu1,\"{}", "x".repeat(6 << 20));
    let done = Source::Supabase.each(now(), csv.as_bytes(), |_| true);
    assert!(done.unwrap_err().to_string().contains("never closed"));
}

proptest! {
    #[test]
    fn no_file_panics(text in "\\PC{0,80}", like in "[\\[{\"users:identtesaco,}\\]\n 0-9a-z_$=]{0,120}") {
        for source in Source::value_variants() {
            let _ = source.each(now(), text.as_bytes(), |_| true);
            let _ = source.each(now(), like.as_bytes(), |_| true);
        }
    }

    #[test]
    fn no_record_panics(
        name in prop::sample::select(vec![
            "email", "emailVerified", "credentials", "federatedIdentities", "traits", "verifiable_addresses", "identities",
            "raw_user_meta_data", "accounts", "createdAt", "created_at", "createdTimestamp", "expires_at", "user_id", "banned_until",
        ]),
        value in prop::sample::select(vec![
            json!(null), json!(true), json!(-1), json!(1e300), json!(""), json!("{"), json!("[1]"), json!("é-1"), json!([]), json!([1]), json!([[]]),
            json!({}), json!([{ "type": "password", "secretData": "{}", "credentialData": "[]" }]), json!(i64::MIN), json!({ "config": [] }),
        ]),
    ) {
        for source in Source::value_variants() {
            let _ = one(*source, &json!([{ "email": "a@example.com", "provider": "p", name: value }]));
        }
    }
}
