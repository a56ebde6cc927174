//! `POST /organization/check-slug`: whether a slug is free.

use auth_core::{
    Body, Cx, Json, Key, Session,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, endpoints, store};

auth_core::errors! {
    pub enum CheckSlugError {
        Taken => (400, "ORGANIZATION_SLUG_ALREADY_TAKEN", "Organization slug already taken"),
        Slug => (400, "INVALID_SLUG", "A slug has lower-case letters, digits and single hyphens, at most 63"),
    }
}

pub const CHECK_SLUG: Key<CheckSlug, Free> = Key::new("checkOrganizationSlug");

pub(crate) fn endpoint() -> Endpoint {
    post(CHECK_SLUG, "/organization/check-slug", check_slug).summary("Whether a slug is free")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CheckSlug {
    pub slug: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Free {
    pub status: bool,
}

async fn check_slug(
    cx: Cx<OrganizationPlugin>,
    _: Session,
    Body(input): Body<CheckSlug>,
) -> Result<Json<Free>, CheckSlugError> {
    endpoints::check_slug(&cx, &input.slug)?;
    if store::organizations::by_slug(cx.db(), &input.slug).await?.is_some() {
        return Err(CheckSlugError::Taken);
    }
    Ok(Json(Free { status: true }))
}
