use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Extra, FieldValue, Timestamp};
use crate::schema::View;

/// A person. `email` is stored in lower case.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    pub id: String,
    pub name: String,
    pub email: String,
    pub email_verified: bool,
    pub image: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub extra: Extra,
}

impl User {
    /// A plugin's columns on this user.
    #[must_use]
    pub fn ext<V: View>(&self) -> V {
        V::read(&self.extra)
    }

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
    pub name: Option<String>,
    pub email: Option<String>,
    pub email_verified: Option<bool>,
    pub image: Option<Option<String>>,
    pub extra: Vec<(String, FieldValue)>,
}

impl UserPatch {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.email.is_none()
            && self.email_verified.is_none()
            && self.image.is_none()
            && self.extra.is_empty()
    }
}
