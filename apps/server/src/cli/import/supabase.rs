//! Rows of Supabase's `auth.users` and `auth.identities`.

use auth_core::Timestamp;

use super::{
    person::{Linked, Person},
    row::Row,
    source::{Entry, Taken, Way},
};

pub(super) fn read(row: &Row, now: Timestamp) -> Result<Taken, String> {
    if row.has("user_id") && row.has("provider") {
        let user_id = row.text("user_id")?.unwrap_or_default();
        let entry = match identity(row)? {
            Some(linked) => Entry::Account { user_id, way: Way::Provider(Box::new(linked)) },
            None => Entry::Nothing,
        };
        return Ok(Taken { entry, left: Vec::new() });
    }
    if row.has("deleted_at") {
        return Err("is deleted at the source".to_owned());
    }
    if row.when("banned_until")?.is_some_and(|until| until > now) {
        return Err("is banned at the source".to_owned());
    }
    if row.flag("is_anonymous")? {
        return Err("is an anonymous user".to_owned());
    }
    let meta = row.object("raw_user_meta_data")?;
    let first = |names: [&str; 3]| names.iter().find_map(|name| meta.text(name).ok().flatten());
    let mut accounts = Vec::new();
    for nested in row.list("identities")? {
        accounts.extend(identity(&nested)?);
    }
    let left = [("phone", "phone numbers"), ("factors", "second factors")];
    let person = Person {
        id: row.text("id")?,
        email: row.text("email")?.unwrap_or_default(),
        // `confirmed_at` beside it may be of the phone.
        email_verified: row.has("email_confirmed_at"),
        name: first(["full_name", "name", "user_name"]),
        image: first(["avatar_url", "picture", "image"]),
        created_at: row.when("created_at")?,
        updated_at: row.when("updated_at")?,
        password: row.text("encrypted_password")?,
        accounts,
    };
    Ok(Taken::person(person, left.iter().filter(|(name, _)| row.has(name)).map(|(_, what)| *what).collect()))
}

/// Nothing where it stands for the password or the phone, which the user's own row has.
fn identity(row: &Row) -> Result<Option<Linked>, String> {
    let provider_id = row.text("provider")?.unwrap_or_default();
    if matches!(provider_id.as_str(), "email" | "phone") {
        return Ok(None);
    }
    let account_id = match row.text("provider_id")? {
        Some(id) => id,
        None => row.object("identity_data")?.text("sub")?.unwrap_or_default(),
    };
    Ok(Some(Linked {
        provider_id,
        account_id,
        created_at: row.when("created_at")?,
        updated_at: row.when("updated_at")?,
        ..Linked::default()
    }))
}
