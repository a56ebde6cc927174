//! Rows of `User` and `Account` of NextAuth (Auth.js), as its adapters for SQL keep them. `User` has
//! no password of its own; many applications added a column `password` with a bcrypt hash.

use super::{
    person::{Linked, Person},
    row::Row,
    source::{Entry, Taken, Way},
};

pub(super) fn read(row: &Row) -> Result<Taken, String> {
    if row.has("userId") && row.has("providerAccountId") {
        let user_id = row.text("userId")?.unwrap_or_default();
        let entry = match account(row)? {
            Some(linked) => Entry::Account { user_id, way: Way::Provider(Box::new(linked)) },
            None => Entry::Nothing,
        };
        return Ok(Taken { entry, left: Vec::new() });
    }
    let password = [row.text("password")?, row.text("hashedPassword")?, row.text("passwordHash")?];
    let mut person = Person {
        id: row.text("id")?,
        email: row.text("email")?.unwrap_or_default(),
        email_verified: is_verified(row)?,
        name: row.text("name")?,
        image: row.text("image")?,
        created_at: row.when("createdAt")?,
        updated_at: row.when("updatedAt")?,
        password: password.into_iter().flatten().next(),
        ..Person::default()
    };
    for nested in row.list("accounts")? {
        person.accounts.extend(account(&nested)?);
    }
    let left = [("role", "roles"), ("authenticators", "passkeys"), ("sessions", "sessions")];
    let left = left.iter().filter(|(name, _)| row.has(name)).map(|(_, what)| *what).collect();
    Ok(Taken::person(person, left))
}

/// The moment of the verification, or nothing; some applications made a switch of it.
fn is_verified(row: &Row) -> Result<bool, String> {
    match row.flag("emailVerified") {
        Ok(on) => Ok(on),
        Err(_) => Ok(row.when("emailVerified")?.is_some()),
    }
}

/// Nothing where it is the row of a password or of a mailed link, which say no more than the user does.
fn account(row: &Row) -> Result<Option<Linked>, String> {
    if matches!(row.text("type")?.as_deref(), Some("credentials" | "email")) {
        return Ok(None);
    }
    Ok(Some(Linked {
        provider_id: row.text("provider")?.unwrap_or_default(),
        account_id: row.text("providerAccountId")?.unwrap_or_default(),
        // Here it is a comma list.
        scope: row.text("scope")?.map(|scope| scope.split_whitespace().collect::<Vec<_>>().join(",")),
        access_token: row.text("access_token")?,
        refresh_token: row.text("refresh_token")?,
        id_token: row.text("id_token")?,
        access_token_expires_at: row.when("expires_at")?,
        created_at: row.when("createdAt")?,
        updated_at: row.when("updatedAt")?,
        ..Linked::default()
    }))
}
