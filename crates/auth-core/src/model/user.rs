use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Extra, FieldValue, Timestamp};
use crate::schema::View;

/// A person. `email` is stored in lower case.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Never given to anybody else, not even after the user has gone.
    pub id: String,
    /// What the user calls themselves: any text, so escape it.
    pub name: String,
    /// In lower case; no two users have the same. It is theirs only where `email_verified`.
    pub email: String,
    /// The user proved that the address is theirs.
    pub email_verified: bool,
    /// The address of a picture, as the user or a provider gave it. Nobody has looked at what is there.
    pub image: Option<String>,
    /// When they signed up.
    pub created_at: Timestamp,
    /// When a column last changed; the repositories set it.
    pub updated_at: Timestamp,
    /// Columns of plugins and of the configuration.
    pub extra: Extra,
}

impl User {
    /// A plugin's columns on this user.
    #[must_use]
    pub fn ext<V: View>(&self) -> V {
        V::read(&self.extra)
    }

    /// Sets a plugin's columns, of a user who is not stored yet. Of a stored one put them into
    /// [`UserPatch::extra`].
    pub fn set_ext<V: View>(&mut self, view: &V) {
        view.write(&mut self.extra);
    }
}

impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("email", &self.email)?;
        map.serialize_entry("emailVerified", &self.email_verified)?;
        map.serialize_entry("image", &self.image)?;
        map.serialize_entry("createdAt", &self.created_at)?;
        map.serialize_entry("updatedAt", &self.updated_at)?;
        self.extra.serialize_into(&mut map)?;
        map.serialize_entry("id", &self.id)?;
        map.end()
    }
}

impl JsonSchema for User {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "User".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "A person.",
            "properties": {
                "id": { "type": "string" },
                "name": { "type": "string" },
                "email": { "type": "string", "format": "email" },
                "emailVerified": { "type": "boolean" },
                "image": { "type": ["string", "null"] },
                "createdAt": { "type": "string", "format": "date-time" },
                "updatedAt": { "type": "string", "format": "date-time" }
            },
            "required": ["id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt"]
        })
    }
}

/// What an update changes. `None` leaves a column as it is.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    /// Another name.
    pub name: Option<String>,
    /// Another address, in lower case. One that is taken fails with 409.
    pub email: Option<String>,
    /// Whether the address is proved. It does not change by itself when the address does.
    pub email_verified: Option<bool>,
    /// `Some(None)` takes the picture away.
    pub image: Option<Option<String>>,
    /// Columns by name, with their new values. Undeclared ones are left out.
    pub extra: Vec<(String, FieldValue)>,
}

impl UserPatch {
    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.email.is_none()
            && self.email_verified.is_none()
            && self.image.is_none()
            && self.extra.is_empty()
    }
}
