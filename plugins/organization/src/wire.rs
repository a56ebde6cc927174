//! Rows as clients see them.

use auth_core::{Timestamp, User, access::Permissions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::{invitation, member, organization, organization_role, team, team_member};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    pub id: String,
    pub name: String,
    pub slug: String,
    pub logo: Option<String>,
    pub created_at: Timestamp,
    /// The object where it was just written, its JSON text where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

impl Organization {
    /// As it was read: metadata is the stored text.
    pub(crate) fn stored(row: organization::Model) -> Self {
        let metadata = Some(row.metadata.clone().into());
        Self { metadata, ..Self::opened(row) }
    }

    /// As it was written: metadata is the object.
    pub(crate) fn opened(row: organization::Model) -> Self {
        let metadata = row.metadata.and_then(|text| serde_json::from_str(&text).ok());
        let organization::Model { id, name, slug, logo, created_at, .. } = row;
        Self { id, name, slug, logo, created_at, metadata }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    pub id: String,
    pub organization_id: String,
    pub user_id: String,
    /// A comma list.
    pub role: String,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<MemberUser>,
}

/// What members see of each other.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MemberUser {
    pub id: String,
    pub name: String,
    pub email: String,
    pub image: Option<String>,
}

impl From<&User> for MemberUser {
    fn from(user: &User) -> Self {
        let User { id, name, email, image, .. } = user.clone();
        Self { id, name, email, image }
    }
}

impl From<member::Model> for Member {
    fn from(row: member::Model) -> Self {
        let member::Model { id, organization_id, user_id, role, created_at } = row;
        Self { id, organization_id, user_id, role, created_at, user: None }
    }
}

impl Member {
    pub(crate) fn with(row: member::Model, user: impl Into<MemberUser>) -> Self {
        Self { user: Some(user.into()), ..Self::from(row) }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    pub id: String,
    pub organization_id: String,
    pub email: String,
    /// A comma list.
    pub role: Option<String>,
    /// `pending`, `accepted`, `rejected` or `canceled`.
    pub status: String,
    /// A comma list; left out where organizations have no teams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<Option<String>>,
    pub inviter_id: String,
    pub expires_at: Timestamp,
    pub created_at: Timestamp,
}

impl Invitation {
    pub(crate) fn new(row: invitation::Model, teams: bool) -> Self {
        let invitation::Model {
            id,
            organization_id,
            email,
            role,
            team_id,
            status,
            expires_at,
            created_at,
            inviter_id,
        } = row;
        let team_id = teams.then_some(team_id);
        Self { id, organization_id, email, role, status, team_id, inviter_id, expires_at, created_at }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    pub id: String,
    pub name: String,
    pub organization_id: String,
    pub created_at: Timestamp,
    pub updated_at: Option<Timestamp>,
    /// Part of the full organization only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_count: Option<i32>,
}

impl From<team::Model> for Team {
    fn from(row: team::Model) -> Self {
        let team::Model { id, name, organization_id, created_at, updated_at, .. } = row;
        Self { id, name, organization_id, created_at, updated_at, member_count: None }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeamMember {
    pub id: String,
    pub team_id: String,
    pub user_id: String,
    pub created_at: Option<Timestamp>,
}

impl From<team_member::Model> for TeamMember {
    fn from(row: team_member::Model) -> Self {
        let team_member::Model { id, team_id, user_id, created_at, .. } = row;
        Self { id, team_id, user_id, created_at }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    pub id: String,
    pub organization_id: String,
    pub role: String,
    pub permission: Permissions,
    pub created_at: Timestamp,
    pub updated_at: Option<Timestamp>,
}

impl From<organization_role::Model> for Role {
    fn from(row: organization_role::Model) -> Self {
        let permission = crate::access::permissions_of(&row);
        let organization_role::Model { id, organization_id, role, created_at, updated_at, .. } = row;
        Self { id, organization_id, role, permission, created_at, updated_at }
    }
}

/// `role: "admin"` or `role: ["admin", "member"]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    /// The names, also of a comma list, each once.
    pub(crate) fn names(&self) -> Vec<String> {
        let texts = match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        };
        let mut names: Vec<String> = Vec::new();
        for name in texts.iter().flat_map(|text| crate::access::names(text)) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// The texts as they are, each once and without empty ones.
    pub(crate) fn into_list(self) -> Vec<String> {
        let texts = match self {
            Self::One(text) => vec![text],
            Self::More(texts) => texts,
        };
        let mut list: Vec<String> = Vec::new();
        for text in texts {
            if !text.is_empty() && !list.contains(&text) {
                list.push(text);
            }
        }
        list
    }
}
