pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use auth_core::{Failure, access::Permissions, schemars::JsonSchema, sea_orm::ConnectionTrait};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, schema::organization_role, standing::Standing, store};

/// A role by its name or its id.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Selection {
    Name {
        #[schemars(length(min = 1))]
        role_name: String,
        /// The active one where it is left out.
        organization_id: Option<String>,
    },
    Id {
        #[schemars(length(min = 1))]
        role_id: String,
        organization_id: Option<String>,
    },
}

impl Selection {
    pub(crate) fn organization(&self) -> Option<String> {
        let (Self::Name { organization_id, .. } | Self::Id { organization_id, .. }) = self;
        organization_id.clone()
    }

    /// The role, of this organization only.
    pub(crate) async fn find(
        &self,
        conn: &impl ConnectionTrait,
        organization_id: &str,
    ) -> Result<Option<organization_role::Model>, Failure> {
        match self {
            Self::Id { role_id, .. } => store::roles::find(conn, organization_id, role_id).await,
            Self::Name { role_name, .. } => {
                let mut named =
                    store::roles::named(conn, organization_id, std::iter::once(role_name.as_str())).await?;
                Ok(named.pop())
            }
        }
    }
}

/// The longest name of a role.
const LONGEST_NAME: usize = 64;

/// A role's name as it is stored. Names go into comma lists, so a comma would make two of one; a backslash
/// means different things to different databases when such lists are searched.
pub(crate) fn name(text: &str, field: &str) -> Result<String, Failure> {
    let name = text.to_lowercase();
    let foreign = |c: char| c == ',' || c == '\\' || c.is_control();
    let bad = name.is_empty() || name.trim() != name || name.chars().any(foreign);
    if bad || name.chars().count() > LONGEST_NAME {
        let what = format!("Invalid input: no comma, no backslash and at most {LONGEST_NAME} characters");
        return Err(Failure::bad_request("VALIDATION_ERROR", format!("[body.{field}] {what}")));
    }
    Ok(name)
}

/// Why a role may not have these permissions.
pub(crate) enum NotThese {
    /// One of the resources is nothing that anybody knows.
    Unknown,
    /// The member lacks these themselves.
    Lacking(Vec<String>),
}

impl OrganizationPlugin {
    /// Whether this member may give these permissions to a role.
    pub(crate) fn check_grant(&self, me: &Standing<'_>, wanted: &Permissions) -> Option<NotThese> {
        if wanted.iter().any(|(resource, _)| self.roles.statements().get(resource).is_none()) {
            return Some(NotThese::Unknown);
        }
        let lacking = me.lacking(wanted);
        (!lacking.is_empty()).then_some(NotThese::Lacking(lacking))
    }
}

/// A refusal that says what the caller lacks.
pub(crate) fn lacking(error: impl Into<Failure>, pairs: Vec<String>) -> Failure {
    error.into().with("missingPermissions", pairs)
}
