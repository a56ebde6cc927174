//! `POST /organization/update`: changes name, slug, logo and metadata.

use auth_core::{
    Body, Cx, Failure, Json, Key, Session,
    endpoint::{Endpoint, post},
    http::StatusCode,
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    OrganizationPlugin,
    endpoints::{check_slug, check_texts, chosen, given},
    schema::organization,
    standing::standing,
    store,
    wire::Organization,
};

auth_core::errors! {
    pub enum UpdateError {
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NoMember => (400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION", "You are not allowed to update this organization"),
        Taken => (400, "ORGANIZATION_SLUG_ALREADY_TAKEN", "Organization slug already taken"),
        Slug => (400, "INVALID_SLUG", "A slug has lower-case letters, digits and single hyphens, at most 63"),
    }
}

pub const UPDATE: Key<Update, Organization> = Key::new("updateOrganization");

pub(crate) fn endpoint() -> Endpoint {
    post(UPDATE, "/organization/update", update).summary("Changes an organization")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Update {
    pub data: Changes,
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// `null` removes it.
    #[schemars(with = "Option<String>", extend("x-nullable" = true))]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub logo: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

async fn update(
    cx: Cx<OrganizationPlugin>,
    session: Option<Session>,
    Body(input): Body<Update>,
) -> Result<Json<Organization>, UpdateError> {
    let session = session.ok_or_else(|| Failure::uncoded(StatusCode::UNAUTHORIZED, "User not found"))?;
    let id = chosen(input.organization_id, &session).ok_or(UpdateError::NotFound)?;
    let Changes { name, slug, logo, metadata } = input.data;
    let metadata = metadata.map(|metadata| Value::Object(metadata).to_string());
    check_texts(name.as_deref(), logo.as_ref().and_then(|logo| logo.as_deref()), metadata.as_deref())?;
    let tx = cx.begin().await?;
    let member = standing(&cx, &tx, &id, &session).await?.ok_or(UpdateError::NoMember)?;
    if !member.may("organization", "update") {
        return Err(UpdateError::NotAllowed);
    }
    let row = store::organizations::lock(&tx, &id).await?.ok_or(UpdateError::NotFound)?;
    if let Some(slug) = slug.as_deref().filter(|slug| *slug != row.slug) {
        check_slug(&cx, slug)?;
        if store::organizations::by_slug(&tx, slug).await?.is_some() {
            return Err(UpdateError::Taken);
        }
    }
    let changed = organization::Model {
        name: name.unwrap_or_else(|| row.name.clone()),
        slug: slug.unwrap_or_else(|| row.slug.clone()),
        logo: logo.unwrap_or_else(|| row.logo.clone()),
        metadata: metadata.or_else(|| row.metadata.clone()),
        ..row.clone()
    };
    // Without a change there is nothing to write.
    let row = if changed == row {
        row
    } else {
        match store::organizations::update(&tx, &row, changed).await {
            Err(failure) if failure.is_duplicate() => return Err(UpdateError::Taken),
            changed => changed?,
        }
    };
    cx.call().commit_with(tx);
    Ok(Json(Organization::opened(row)))
}
