//! What organizations ask of their members' sessions.

pub mod get;
pub mod set;

use auth_core::{Failure, sea_orm::ConnectionTrait};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, memory::Reading, security::Demands, store};

/// What an organization asks for itself, and what holds in it together with all above it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Security {
    pub organization_id: String,
    #[serde(flatten)]
    pub own: Asked,
    pub effective: Asked,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Members have to have a second factor.
    pub require_two_factor: bool,
    /// Seconds without use after which a member's session signs nobody in; `null` for no demand.
    pub idle_timeout: Option<u64>,
    /// Sessions that a member can have at the same time; `null` for no demand.
    pub max_sessions: Option<u64>,
}

impl From<Demands> for Asked {
    fn from(demands: Demands) -> Self {
        let Demands { second_factor, limits } = demands;
        Self {
            require_two_factor: second_factor,
            idle_timeout: limits.idle_timeout,
            max_sessions: limits.max_sessions,
        }
    }
}

async fn view(
    plugin: &OrganizationPlugin,
    conn: &impl ConnectionTrait,
    id: String,
) -> Result<Security, Failure> {
    let own = store::security::find(conn, &id).await?;
    let effective = plugin.demands_of(conn, vec![id.clone()], &mut Reading::default()).await?;
    Ok(Security {
        organization_id: id,
        own: own.as_ref().map(Demands::from).unwrap_or_default().into(),
        effective: effective.into(),
    })
}
