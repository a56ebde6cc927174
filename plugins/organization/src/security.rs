//! What organizations ask of their members' sessions: a second factor, an idle time-out, how many there
//! may be.
//!
//! Whoever is in an organization is bound by it and by all above it, each demand by its strictest.

use std::sync::Arc;

use auth_core::{
    Core, Failure, User, async_trait,
    limits::{Limits, SessionLimits},
    ports::FactorPolicy,
    sea_orm::ConnectionTrait,
};

use crate::{OrganizationPlugin, memory::Reading, schema::organization_security::Model, store};

/// What one organization asks for, or several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Demands {
    pub(crate) second_factor: bool,
    pub(crate) limits: Limits,
}

impl Demands {
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            second_factor: self.second_factor || other.second_factor,
            limits: self.limits.and(other.limits),
        }
    }
}

impl From<&Model> for Demands {
    fn from(row: &Model) -> Self {
        let figure = |figure: Option<i32>| figure.and_then(|figure| u64::try_from(figure).ok()).unwrap_or(0);
        Self {
            second_factor: row.require_two_factor,
            limits: Limits::of(figure(row.idle_timeout), figure(row.max_sessions)),
        }
    }
}

impl OrganizationPlugin {
    /// What these organizations ask for, with all above them.
    pub(crate) async fn demands_of(
        &self,
        conn: &impl ConnectionTrait,
        organizations: Vec<String>,
        reading: &mut Reading,
    ) -> Result<Demands, Failure> {
        let mut all: Vec<String> = Vec::new();
        for id in organizations {
            self.memory.note(reading, &id);
            let above = if self.config.tree.enabled {
                store::tree::ancestors(conn, &id, self.config.tree.max_depth).await?
            } else {
                Vec::new()
            };
            for id in std::iter::once(id).chain(above) {
                if !all.contains(&id) {
                    self.memory.note(reading, &id);
                    all.push(id);
                }
            }
        }
        let rows = store::security::of(conn, &all).await?;
        Ok(rows.iter().map(Demands::from).fold(Demands::default(), Demands::and))
    }

    /// What a user has to put up with, as the store has it now.
    async fn demands_on(
        &self,
        conn: &impl ConnectionTrait,
        user_id: &str,
        reading: &mut Reading,
    ) -> Result<Demands, Failure> {
        self.memory.note(reading, user_id);
        let organizations = store::members::organizations_of(conn, user_id).await?;
        self.demands_of(conn, organizations, reading).await
    }
}

#[async_trait]
impl SessionLimits for OrganizationPlugin {
    async fn limits(&self, core: &Core, user_id: &str) -> Result<Limits, Failure> {
        if let Some(known) = self.memory.limits(core, user_id) {
            return Ok(known);
        }
        let mut reading = Reading::default();
        let limits = self.demands_on(core.db(), user_id, &mut reading).await?.limits;
        self.memory.keep_limits(core, user_id, limits, reading);
        Ok(limits)
    }
}

#[async_trait]
impl FactorPolicy for OrganizationPlugin {
    /// Asked when somebody signs in, and answered from the store.
    async fn demands(&self, core: &Arc<Core>, user: &User) -> Result<bool, Failure> {
        Ok(self.demands_on(core.db(), &user.id, &mut Reading::default()).await?.second_factor)
    }
}
