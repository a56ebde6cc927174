//! Rows of Better Auth's `user` and `account`, for what is not adopted in place.

use auth_core::{Timestamp, model::CREDENTIAL};

use super::{
    person::{Linked, Person},
    row::Row,
    source::{Entry, Taken, Way},
};

/// Columns of plugins that have no place in a user here by themselves.
const LEFT: &[(&str, &str)] = &[
    ("twoFactorEnabled", "second factors"),
    ("role", "roles"),
    ("username", "user names"),
    ("phoneNumber", "phone numbers"),
    ("stripeCustomerId", "customer numbers"),
];

pub(super) fn read(row: &Row, now: Timestamp) -> Result<Taken, String> {
    if row.has("userId") && row.has("providerId") {
        return account(row);
    }
    if row.flag("banned")? && row.when("banExpires")?.is_none_or(|until| until > now) {
        return Err("is banned at the source".to_owned());
    }
    let mut person = Person {
        id: row.text("id")?,
        email: row.text("email")?.unwrap_or_default(),
        email_verified: row.flag("emailVerified")?,
        name: row.text("name")?,
        image: row.text("image")?,
        created_at: row.when("createdAt")?,
        updated_at: row.when("updatedAt")?,
        ..Person::default()
    };
    for nested in row.list("accounts")? {
        match way(&nested)? {
            Some(Way::Password(hash)) => person.password = Some(hash),
            Some(Way::Provider(linked)) => person.accounts.push(*linked),
            None => {}
        }
    }
    let on = |name: &str| row.has(name) && row.flag(name) != Ok(false);
    let left = LEFT.iter().filter(|(name, _)| on(name)).map(|(_, what)| *what).collect();
    Ok(Taken::person(person, left))
}

fn account(row: &Row) -> Result<Taken, String> {
    let user_id = row.text("userId")?.unwrap_or_default();
    let entry = match way(row)? {
        Some(way) => Entry::Account { user_id, way },
        None => Entry::Nothing,
    };
    Ok(Taken { entry, left: Vec::new() })
}

/// Nothing where it is a password account without a password.
fn way(row: &Row) -> Result<Option<Way>, String> {
    let provider_id = row.text("providerId")?.unwrap_or_default();
    if provider_id == CREDENTIAL {
        return Ok(row.text("password")?.map(Way::Password));
    }
    Ok(Some(Way::Provider(Box::new(Linked {
        provider_id,
        account_id: row.text("accountId")?.unwrap_or_default(),
        scope: row.text("scope")?,
        access_token: row.text("accessToken")?,
        refresh_token: row.text("refreshToken")?,
        id_token: row.text("idToken")?,
        access_token_expires_at: row.when("accessTokenExpiresAt")?,
        refresh_token_expires_at: row.when("refreshTokenExpiresAt")?,
        created_at: row.when("createdAt")?,
        updated_at: row.when("updatedAt")?,
    }))))
}
