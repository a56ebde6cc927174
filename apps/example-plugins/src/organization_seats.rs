//! Extends another plugin: an organization has so many seats, and invitations wait three days at most.

use std::sync::Arc;

use auth_core::{
    Body, Cx, Failure, Json, Key, Manifest, MergeStrategy, Overlay, Plugin, PluginConfig, Preset, Problem,
    Query, Registrar, ServerOnly, StrictSession, Tx,
    access::AccessControl,
    async_trait,
    endpoint::{get, internal},
    schema::{Column, ColumnType},
    schemars::JsonSchema,
    sea_orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
        QuerySelect, Select, Set,
    },
    serde::{Deserialize, Serialize},
    serde_json::json,
    session::Level,
};
use auth_plugin_organization::{OrganizationChange, OrganizationHook};

/// How many seats an organization has, for its members.
pub const SEATS: Key<(), Seats> = Key::new("organizationSeats");
/// Gives an organization seats: for the part of the program that sells them.
pub const SET_SEATS: Key<SetSeats, Seats> = Key::new("setOrganizationSeats");

/// `[plugins.organization-seats]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde", deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
pub struct Config {
    /// Seats of an organization that was given none.
    pub free: i64,
}

impl PluginConfig for Config {
    fn preset(_: Preset) -> Self {
        Self { free: 3 }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let nobody = self.free < 1;
        nobody
            .then(|| ("free".to_owned(), "must be at least 1: its maker sits too".to_owned()))
            .into_iter()
            .collect()
    }
}

/// Sells seats.
pub struct OrganizationSeats {
    config: Config,
}

impl Plugin for OrganizationSeats {
    const MANIFEST: Manifest =
        Manifest::new("organization-seats", env!("CARGO_PKG_VERSION"), "Organizations have so many seats")
            .extends("organization");
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        Ok(Self { config })
    }

    fn overlay(_: Preset) -> Option<Overlay> {
        let values = json!({ "invitation_expires_in": 3 * 86_400 });
        Some(Overlay::new(values).key("invitation_expires_in", MergeStrategy::CustomWins))
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.extend_table("organization", Column::new("seats", ColumnType::BigInteger));
        host.endpoint(get(SEATS, "/organization/seats", seats).summary("Seats, and how many are taken"));
        host.endpoint(internal(SET_SEATS, set_seats).summary("Gives an organization seats"));
        host.contribute::<dyn OrganizationHook>(self);
    }
}

auth_core::errors! {
    pub(crate) enum SeatsError {
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NoMember => (403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization"),
        TooFew => (400, "SEATS_ARE_TAKEN", "More seats than that are taken"),
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde", rename_all = "camelCase")]
#[schemars(crate = "auth_core::schemars")]
struct Of {
    /// The organization.
    organization_id: String,
}

/// What is given to an organization.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde", rename_all = "camelCase")]
#[schemars(crate = "auth_core::schemars")]
pub struct SetSeats {
    /// The organization.
    pub organization_id: String,
    /// All of its seats.
    pub seats: u32,
}

/// How an organization sits.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
#[schemars(crate = "auth_core::schemars")]
pub struct Seats {
    /// All of them.
    pub seats: i64,
    /// Those of members. Invitations take none before they are accepted.
    pub taken: i64,
}

impl OrganizationSeats {
    /// `None` where there is no such organization.
    async fn count(
        &self,
        db: &impl ConnectionTrait,
        organization: Select<row::Entity>,
    ) -> Result<Option<Seats>, Failure> {
        let Some(row) = organization.one(db).await? else { return Ok(None) };
        let members = member::Entity::find().filter(member::Column::OrganizationId.eq(row.id));
        let taken = i64::try_from(members.count(db).await?).unwrap_or(i64::MAX);
        Ok(Some(Seats { seats: row.seats.unwrap_or(self.config.free), taken }))
    }

    /// Of two who take the last seat at once, the second waits here and counts the first.
    async fn count_alone(&self, tx: &Tx, organization_id: &str) -> Result<Option<Seats>, Failure> {
        self.count(tx, row::Entity::find_by_id(organization_id).lock_exclusive()).await
    }
}

/// `GET /organization/seats`
async fn seats(
    cx: Cx<OrganizationSeats>,
    session: StrictSession,
    Query(of): Query<Of>,
) -> Result<Json<Seats>, SeatsError> {
    let access = cx.services().get::<dyn AccessControl>().ok_or(SeatsError::NotFound)?;
    let grants =
        access.grants(cx.call().core(), &session.user.id, &of.organization_id, Level::Strict).await?;
    if grants.is_none() {
        return Err(SeatsError::NoMember);
    }
    let seats = cx.plugin().count(cx.db(), row::Entity::find_by_id(&of.organization_id)).await?;
    seats.map(Json).ok_or(SeatsError::NotFound)
}

/// In process only: who may buy is the application's business.
async fn set_seats(
    cx: Cx<OrganizationSeats>,
    _: ServerOnly,
    Body(input): Body<SetSeats>,
) -> Result<Json<Seats>, SeatsError> {
    let tx = cx.begin().await?;
    let there = cx.plugin().count_alone(&tx, &input.organization_id).await?.ok_or(SeatsError::NotFound)?;
    let seats = i64::from(input.seats);
    if seats < there.taken {
        return Err(SeatsError::TooFew);
    }
    let row = row::ActiveModel { id: Set(input.organization_id), seats: Set(Some(seats)) };
    row.update(&tx).await?;
    cx.call().commit_with(tx);
    Ok(Json(Seats { seats, ..there }))
}

#[async_trait]
impl OrganizationHook for OrganizationSeats {
    async fn before(&self, tx: &Tx, change: &mut OrganizationChange<'_>) -> Result<(), Failure> {
        // Whoever makes an organization joins it in the same transaction, on a seat that is free.
        let organization_id = match change {
            OrganizationChange::AddMember(member) => &member.organization_id,
            OrganizationChange::Invite(invitation) => &invitation.organization_id,
            _ => return Ok(()),
        };
        match self.count_alone(tx, organization_id).await? {
            Some(Seats { seats, taken }) if taken >= seats => {
                Err(Failure::forbidden("NO_FREE_SEAT", "All seats of this organization are taken"))
            }
            _ => Ok(()),
        }
    }
}

/// The other plugin's table as far as this one knows it.
mod row {
    use auth_core::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "organization")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub seats: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod member {
    use auth_core::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "member")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        #[sea_orm(column_name = "organizationId")]
        pub organization_id: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

auth_core::plugin!(OrganizationSeats);
