//! What happens in an organization, for members who follow it over an open socket.

use std::sync::Arc;

use auth_core::{
    Core, Event, Failure,
    access::{AccessControl, Permissions, Question},
    async_trait,
    ports::{Audience, News, Topic},
    serde_json::Value,
    session::{Identity, Level},
};

use crate::OrganizationPlugin;

/// What a limited credential has to be good for.
const READ: (&str, &[&str]) = ("organization", &["read"]);

#[async_trait]
impl Topic for OrganizationPlugin {
    fn name(&self) -> &'static str {
        "organization"
    }

    /// Members may follow.
    async fn admits(&self, core: &Arc<Core>, identity: &Identity, id: Option<&str>) -> Result<bool, Failure> {
        let Some(id) = id else { return Ok(false) };
        let asked = Permissions::of(&[READ]);
        let question =
            Question { scopes: identity.scopes.as_deref(), ..Question::new(&identity.user.id, id, &asked) };
        if !question.is_in_scope() {
            return Ok(false);
        }
        Ok(self.grants(core, &identity.user.id, id, Level::Cached).await?.is_some())
    }

    /// Everything that this plugin publishes and that names its organization.
    fn tells(&self, event: &Event) -> Option<News> {
        let Event::Plugin { plugin: "organization", name, data } = event else { return None };
        let id = data.get("organizationId").and_then(Value::as_str)?;
        Some(News {
            audience: Audience::Followers(id.to_owned()),
            name: (*name).to_owned(),
            data: data.clone(),
        })
    }
}
