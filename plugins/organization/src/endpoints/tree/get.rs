//! `GET /organization/tree`: what is above and below an organization.

use auth_core::{
    Cx, Json, Key, Query, Session,
    access::AccessControl,
    endpoint::{Endpoint, get as get_endpoint},
    schemars::JsonSchema,
    session::Level,
};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, endpoints::chosen, schema::organization, store};

auth_core::errors! {
    pub enum TreeError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization"),
    }
}

pub const TREE: Key<(), Tree> = Key::new("getOrganizationTree");

pub(crate) fn endpoint() -> Endpoint {
    get_endpoint(TREE, "/organization/tree", tree).summary("What is above and below an organization")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Which {
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tree {
    pub organization_id: String,
    /// The nearest first. One that the caller is no member of is there without its name.
    pub ancestors: Vec<Node>,
    /// Right below, at most 1000.
    pub children: Vec<Node>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
}

/// Of what is right below, as much as an answer holds.
const PAGE: u64 = 1000;

async fn tree(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Json<Tree>, TreeError> {
    let plugin = cx.plugin();
    let id = chosen(which.organization_id, &session).ok_or(TreeError::NoActive)?;
    let user = session.user.id.as_str();
    plugin.grants(cx.call().core(), user, &id, Level::Cached).await?.ok_or(TreeError::NoMember)?;
    let above = store::tree::ancestors(cx.db(), &id, plugin.config.tree.max_depth).await?;
    let below = store::tree::children(cx.db(), &id, Some(PAGE)).await?;
    let rows = store::organizations::by_ids(cx.db(), above.iter().chain(&below).map(String::as_str)).await?;
    let node = |id: &str, named: bool| {
        let row: Option<&organization::Model> = rows.iter().find(|row| named && row.id == id);
        Node {
            id: id.to_owned(),
            name: row.map(|row| row.name.clone()),
            slug: row.map(|row| row.slug.clone()),
        }
    };
    let mut ancestors = Vec::new();
    for id in &above {
        let named = plugin.grants(cx.call().core(), user, id, Level::Cached).await?.is_some();
        ancestors.push(node(id, named));
    }
    // Roles that do not reach down do not show what is there either.
    let mut children = Vec::new();
    for id in &below {
        let named = plugin.config.tree.inherits()
            || plugin.grants(cx.call().core(), user, id, Level::Cached).await?.is_some();
        children.push(node(id, named));
    }
    Ok(Json(Tree { organization_id: id, ancestors, children }))
}
