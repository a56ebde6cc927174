use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Extra, FieldValue, Timestamp};
use crate::schema::View;

/// A signed-in device.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Of the row; it can be shown to its user, unlike the token.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// The bearer's secret. Answers carry it because the wire does.
    pub token: String,
    /// From then on it signs nobody in. Using it may move this.
    pub expires_at: Timestamp,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When a column last changed; the repositories set it.
    pub updated_at: Timestamp,
    /// Empty when unknown.
    pub ip_address: Option<String>,
    /// Empty when unknown.
    pub user_agent: Option<String>,
    /// Columns of plugins and of the configuration.
    pub extra: Extra,
}

impl Session {
    /// A plugin's columns on this session.
    #[must_use]
    pub fn ext<V: View>(&self) -> V {
        V::read(&self.extra)
    }

    /// Sets a plugin's columns, of a session that is not stored yet. For a stored one see [`SessionPatch::ext`].
    pub fn set_ext<V: View>(&mut self, view: &V) {
        view.write(&mut self.extra);
    }
}

impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("expiresAt", &self.expires_at)?;
        map.serialize_entry("token", &self.token)?;
        map.serialize_entry("createdAt", &self.created_at)?;
        map.serialize_entry("updatedAt", &self.updated_at)?;
        map.serialize_entry("ipAddress", &self.ip_address)?;
        map.serialize_entry("userAgent", &self.user_agent)?;
        map.serialize_entry("userId", &self.user_id)?;
        self.extra.serialize_into(&mut map)?;
        map.serialize_entry("id", &self.id)?;
        map.end()
    }
}

impl JsonSchema for Session {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Session".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "A signed-in device.",
            "properties": {
                "id": { "type": "string" },
                "userId": { "type": "string" },
                "token": { "type": "string" },
                "expiresAt": { "type": "string", "format": "date-time" },
                "createdAt": { "type": "string", "format": "date-time" },
                "updatedAt": { "type": "string", "format": "date-time" },
                "ipAddress": { "type": ["string", "null"] },
                "userAgent": { "type": ["string", "null"] }
            },
            "required": [
                "id", "userId", "token", "expiresAt", "createdAt", "updatedAt", "ipAddress", "userAgent"
            ]
        })
    }
}

/// What an update changes. `None` leaves a column as it is.
#[derive(Clone, Debug, Default)]
pub struct SessionPatch {
    /// Another token. To change one safely use [`Sessions::rotate`](crate::store::Sessions::rotate).
    pub token: Option<String>,
    /// Another expiry.
    pub expires_at: Option<Timestamp>,
    /// Columns by name, with their new values. Undeclared ones are left out.
    pub extra: Vec<(String, FieldValue)>,
}

impl SessionPatch {
    /// Writes a plugin's columns.
    #[must_use]
    pub fn ext<V: View>(mut self, session: &Session, view: &V) -> Self {
        let mut extra = session.extra.clone();
        view.write(&mut extra);
        let columns = V::columns().into_iter().map(|column| column.name.into_owned());
        self.extra.extend(columns.map(|name| (name.clone(), extra.get(&name).clone())));
        self
    }
}
