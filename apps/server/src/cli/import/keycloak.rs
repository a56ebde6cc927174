//! `users` of a realm that Keycloak exported. A password is two texts of JSON: what is secret of it, and
//! how it was made.

use super::{
    person::{Linked, Person},
    row::Row,
    source::Taken,
};

pub(super) fn read(row: &Row) -> Result<Taken, String> {
    if row.has("serviceAccountClientId") {
        return Err("is the account of a service; give the service an API key".to_owned());
    }
    if row.has("enabled") && !row.flag("enabled")? {
        return Err("is disabled at the source".to_owned());
    }
    let mut left = Vec::new();
    let mut password = None;
    for credential in row.list("credentials")? {
        match credential.text("type")?.as_deref() {
            Some("password") => password = Some(hash(&credential)?),
            Some("otp" | "totp" | "hotp" | "recovery-authn-codes") => left.push("second factors"),
            Some("webauthn" | "webauthn-passwordless") => left.push("passkeys"),
            _ => left.push("credentials of another kind"),
        }
    }
    let mut accounts = Vec::new();
    for identity in row.list("federatedIdentities")? {
        accounts.push(Linked {
            provider_id: identity.text("identityProvider")?.unwrap_or_default(),
            account_id: identity.text("userId")?.unwrap_or_default(),
            ..Linked::default()
        });
    }
    for (name, what) in [
        ("realmRoles", "realm roles"),
        ("clientRoles", "client roles"),
        ("groups", "groups"),
        ("attributes", "attributes"),
        ("federationLink", "links to a directory, where the password is"),
    ] {
        if row.has(name) {
            left.push(what);
        }
    }
    if row.has("requiredActions") {
        left.push("required actions");
    }
    let names = [row.text("firstName")?, row.text("lastName")?];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let person = Person {
        id: row.text("id")?,
        email: row.text("email")?.unwrap_or_default(),
        email_verified: row.flag("emailVerified")?,
        name: if name.is_empty() { row.text("username")? } else { Some(name) },
        created_at: row.when("createdTimestamp")?,
        password,
        accounts,
        ..Person::default()
    };
    Ok(Taken::person(person, left))
}

/// The hash in the form in which it is verified here.
fn hash(credential: &Row) -> Result<String, String> {
    let malformed = || "has a password that Keycloak would not write".to_owned();
    let made = credential.object("credentialData")?;
    let secret = credential.object("secretData")?;
    let algorithm = made.text("algorithm")?.ok_or_else(malformed)?;
    let iterations = made.text("hashIterations")?.ok_or_else(malformed)?;
    let unpadded =
        |name| Ok::<_, String>(secret.text(name)?.ok_or_else(malformed)?.trim_end_matches('=').to_owned());
    let (value, salt) = (unpadded("value")?, unpadded("salt")?);
    match algorithm.as_str() {
        "pbkdf2" | "pbkdf2-sha256" | "pbkdf2-sha512" => {
            // Four letters are three bytes.
            let length = value.len() * 3 / 4;
            Ok(format!("${algorithm}$i={iterations},l={length}${salt}${value}"))
        }
        "argon2" => {
            let more = made.object("additionalParameters")?;
            let one = |name| more.first(name).ok_or_else(malformed);
            let version = match one("version")?.as_str() {
                "1.0" => 16,
                _ => 19,
            };
            let (kind, memory, lanes) = (one("type")?, one("memory")?, one("parallelism")?);
            Ok(format!("$argon2{kind}$v={version}$m={memory},t={iterations},p={lanes}${salt}${value}"))
        }
        _ => Err("has a password of an algorithm that is not known here".to_owned()),
    }
}
