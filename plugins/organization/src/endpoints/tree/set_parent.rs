//! `POST /organization/set-parent`: puts an organization below another, or above everything.

use std::collections::BTreeSet;

use auth_core::{
    Body, Cx, Event, Failure, Json, Key, StrictSession, Tx,
    access::{Grants, Permissions, Question},
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use crate::{OrganizationPlugin, memory::Reading, store};

auth_core::errors! {
    pub enum SetParentError {
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION", "You are not allowed to update this organization"),
        Ring => (400, "ORGANIZATION_CANNOT_BE_BELOW_ITSELF", "An organization cannot be below itself"),
        TooDeep => (400, "ORGANIZATION_TREE_TOO_DEEP", "The tree of organizations would be too deep"),
    }
}

pub const SET_PARENT: Key<SetParent, Placed> = Key::new("setOrganizationParent");

pub(crate) fn endpoint() -> Endpoint {
    post(SET_PARENT, "/organization/set-parent", set_parent).summary("Puts an organization below another")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetParent {
    #[schemars(length(min = 1))]
    pub organization_id: String,
    /// `null` for above everything.
    #[serde(deserialize_with = "nullable")]
    #[schemars(required, extend("x-nullable" = true))]
    pub parent_id: Option<String>,
}

/// Null has to be said: a body without it is a mistake.
fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Placed {
    pub organization_id: String,
    pub parent_id: Option<String>,
}

/// Times to look for the roots again when others move them meanwhile.
const TRIES: usize = 3;

/// Who owns the organization may put it below another in which they may update. Whoever has a role there
/// has it here then: that is the owner's to give.
async fn set_parent(
    cx: Cx<OrganizationPlugin>,
    session: StrictSession,
    Body(input): Body<SetParent>,
) -> Result<Json<Placed>, SetParentError> {
    let (id, parent) = (input.organization_id.as_str(), input.parent_id.as_deref());
    if parent == Some(id) {
        return Err(SetParentError::Ring);
    }
    let tx = lock(&cx, id, parent).await?;
    let user = session.user.id.as_str();
    let asked = Permissions::of(&[("organization", &["update"])]);
    let here =
        Question { ip: cx.call().ip().and_then(|ip| ip.parse().ok()), ..Question::new(user, id, &asked) };
    let owns = standing(&cx, &tx, user, id).await?.is_some_and(|grants| grants.creator);
    if !owns {
        here.deny(&cx);
        return Err(SetParentError::NotAllowed);
    }
    if let Some(parent) = parent {
        let there = Question { organization_id: parent, ..here };
        if !there.answer(standing(&cx, &tx, user, parent).await?.as_ref(), &cx) {
            there.deny(&cx);
            return Err(SetParentError::NotAllowed);
        }
        check_shape(&cx, &tx, id, parent).await?;
    }
    store::tree::set_parent(&tx, id, parent).await?;
    let data = json!({ "organizationId": id, "parentId": parent, "userId": user });
    tx.tell(Event::Plugin { plugin: "organization", name: "organization.moved", data });
    cx.call().commit_with(tx);
    Ok(Json(Placed { organization_id: input.organization_id, parent_id: input.parent_id }))
}

async fn standing(
    cx: &Cx<OrganizationPlugin>,
    tx: &Tx,
    user_id: &str,
    id: &str,
) -> Result<Option<Grants>, Failure> {
    let read = cx.plugin().read_grants(tx, user_id, id, &mut Reading::default()).await?;
    Ok(read.map(|grants| grants.as_ref().clone()))
}

async fn check_shape(
    cx: &Cx<OrganizationPlugin>,
    tx: &Tx,
    id: &str,
    parent: &str,
) -> Result<(), SetParentError> {
    let max_depth = cx.plugin().config.tree.max_depth;
    let above = store::tree::ancestors(tx, parent, max_depth).await?;
    if above.iter().any(|one| one == id) {
        return Err(SetParentError::Ring);
    }
    let levels = above.len() + 1 + store::tree::height(tx, id, max_depth).await?;
    if levels > max_depth { Err(SetParentError::TooDeep) } else { Ok(()) }
}

/// A transaction in which nobody else changes the two trees: it holds their roots, always in one order.
/// A ring needs two moves in one tree, and one of them waits for the other.
async fn lock(cx: &Cx<OrganizationPlugin>, id: &str, parent: Option<&str>) -> Result<Tx, SetParentError> {
    let max_depth = cx.plugin().config.tree.max_depth;
    for _ in 0..TRIES {
        let tx = cx.begin().await?;
        let held = roots(&tx, id, parent, max_depth).await?;
        for one in &held {
            store::organizations::lock(&tx, one).await?.ok_or(SetParentError::NotFound)?;
        }
        if roots(&tx, id, parent, max_depth).await? == held {
            return Ok(tx);
        }
        tx.rollback().await.map_err(Failure::from)?;
    }
    Err(Failure::unavailable("the trees of organizations are being moved", 1).into())
}

/// The organizations themselves, and the roots of their trees.
async fn roots(
    tx: &Tx,
    id: &str,
    parent: Option<&str>,
    max_depth: usize,
) -> Result<BTreeSet<String>, Failure> {
    let mut roots = BTreeSet::new();
    for one in [Some(id), parent].into_iter().flatten() {
        roots.insert(one.to_owned());
        roots.extend(store::tree::ancestors(tx, one, max_depth).await?.pop());
    }
    Ok(roots)
}
