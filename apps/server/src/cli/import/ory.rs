//! Identities as Ory Kratos lists them, with their credentials. Which trait is the address is the
//! schema's choice there; `email` is what its presets have.

use super::{
    person::{Linked, Person},
    row::Row,
    source::Taken,
};

pub(super) fn read(row: &Row) -> Result<Taken, String> {
    if row.text("state")?.as_deref() == Some("inactive") {
        return Err("is inactive at the source".to_owned());
    }
    let traits = row.object("traits")?;
    let email = match traits.text("email")? {
        Some(email) => email,
        // Schemas that let people sign in with a name often put the address there.
        None => traits.text("username")?.filter(|name| name.contains('@')).unwrap_or_default(),
    };
    let mut verified = false;
    for address in row.list("verifiable_addresses")? {
        let is_it = address.text("value")?.is_some_and(|value| value.eq_ignore_ascii_case(&email));
        verified |= is_it && address.flag("verified")?;
    }
    let credentials = row.object("credentials")?;
    let password = credentials.object("password")?.object("config")?.text("hashed_password")?;
    let mut accounts = Vec::new();
    for provider in credentials.object("oidc")?.object("config")?.list("providers")? {
        accounts.push(Linked {
            provider_id: provider.text("provider")?.unwrap_or_default(),
            account_id: provider.text("subject")?.unwrap_or_default(),
            access_token: provider.text("initial_access_token")?,
            refresh_token: provider.text("initial_refresh_token")?,
            id_token: provider.text("initial_id_token")?,
            ..Linked::default()
        });
    }
    let left = [
        (&credentials, "totp", "second factors"),
        (&credentials, "lookup_secret", "second factors"),
        (&credentials, "webauthn", "passkeys"),
        (&credentials, "passkey", "passkeys"),
        (row, "metadata_public", "metadata"),
        (row, "metadata_admin", "metadata"),
    ];
    let mut left: Vec<_> =
        left.iter().filter(|(at, name, _)| at.has(name)).map(|(_, _, what)| *what).collect();
    left.dedup();
    let person = Person {
        id: row.text("id")?,
        email,
        email_verified: verified,
        name: name(&traits)?,
        image: traits.text("picture")?,
        created_at: row.when("created_at")?,
        updated_at: row.when("updated_at")?,
        password,
        accounts,
    };
    Ok(Taken::person(person, left))
}

/// A text, or an object of the first and the last.
fn name(traits: &Row) -> Result<Option<String>, String> {
    if let Ok(name) = traits.text("name") {
        return Ok(name);
    }
    let parts = traits.object("name")?;
    let name =
        [parts.text("first")?, parts.text("last")?].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(Some(name))
}
