//! One endpoint a file, in folders by what they are about.

pub mod invitations;
pub mod members;
pub mod organizations;
pub mod roles;
pub mod security;
pub mod teams;
pub mod tree;

use auth_core::{
    Cx, Failure, Tx, fields, model, model::SessionPatch, schema::View, schemars::JsonSchema,
    session::Identity,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    OrganizationPlugin,
    schema::{ActiveOrganization, ActiveTeam},
};

/// `{message: "…"}`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    pub message: String,
}

/// `{success: true}`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Done {
    pub success: bool,
}

/// An organization, or the active one.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Which {
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

/// The organization that a session works in.
pub(crate) fn active(session: &Identity) -> Option<String> {
    session.session.ext::<ActiveOrganization>().id.filter(|id| !id.is_empty())
}

pub(crate) fn active_team(session: &Identity) -> Option<String> {
    session.session.ext::<ActiveTeam>().id.filter(|id| !id.is_empty())
}

/// Tells `null` from nothing.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(input: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(input).map(Some)
}

/// The organization that is named, or the active one.
pub(crate) fn chosen(named: Option<String>, session: &Identity) -> Option<String> {
    named.filter(|id| !id.is_empty()).or_else(|| active(session))
}

async fn set<V: View>(
    cx: &Cx<OrganizationPlugin>,
    tx: &Tx,
    session: &Identity,
    view: &V,
) -> Result<model::Session, Failure> {
    let patch = SessionPatch::default().ext(&session.session, view);
    cx.sessions().update(tx, &session.session, patch).await?.ok_or_else(Failure::unauthorized)
}

pub(crate) async fn set_active(
    cx: &Cx<OrganizationPlugin>,
    tx: &Tx,
    session: &Identity,
    id: Option<String>,
) -> Result<model::Session, Failure> {
    set(cx, tx, session, &ActiveOrganization { id }).await
}

pub(crate) async fn set_active_team(
    cx: &Cx<OrganizationPlugin>,
    tx: &Tx,
    session: &Identity,
    id: Option<String>,
) -> Result<model::Session, Failure> {
    set(cx, tx, session, &ActiveTeam { id }).await
}

/// Tells the client's cookies where the session works now, where the configuration wants that.
pub(crate) fn refresh(cx: &Cx<OrganizationPlugin>, session: &Identity, changed: model::Session) {
    if cx.plugin().config.refresh_cookies {
        cx.call().reissue_session(changed, session.user.as_ref().clone());
    }
}

/// Whoever reaches for an organization that is not theirs works in none. Committed although the request
/// is refused.
pub(crate) async fn unset_active(cx: &Cx<OrganizationPlugin>, session: &Identity) -> Result<(), Failure> {
    if active(session).is_some() {
        let tx = cx.begin().await?;
        set_active(cx, &tx, session, None).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The longest slug: an index has to hold it.
const LONGEST_SLUG: usize = 255;

/// Refuses slugs that no address should hold.
pub(crate) fn check_slug(cx: &Cx<OrganizationPlugin>, slug: &str) -> Result<(), Failure> {
    if slug.len() > LONGEST_SLUG {
        let text = format!("[body.slug] Too big: expected string to have <={LONGEST_SLUG} characters");
        return Err(Failure::bad_request("VALIDATION_ERROR", text));
    }
    let plain = |slug: &str| {
        slug.len() <= 63
            && slug.split('-').all(|part| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            })
    };
    if cx.plugin().config.strict_slugs && !plain(slug) {
        return Err(Failure::bad_request(
            "INVALID_SLUG",
            "A slug has lower-case letters, digits and single hyphens, at most 63",
        ));
    }
    Ok(())
}

/// The longest metadata, as JSON.
const LONGEST_METADATA: usize = 64 * 1024;

/// Refuses names, logos and metadata that no organization has.
pub(crate) fn check_texts(
    name: Option<&str>,
    logo: Option<&str>,
    metadata: Option<&str>,
) -> Result<(), Failure> {
    fields::check_profile(name, logo)?;
    if metadata.is_some_and(|text| text.len() > LONGEST_METADATA) {
        return Err(Failure::bad_request("VALIDATION_ERROR", "[body.metadata] Too big"));
    }
    Ok(())
}
