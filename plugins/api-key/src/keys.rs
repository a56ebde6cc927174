//! Keys: made, hashed, found.

use auth_core::{
    Core, Failure, Timestamp, User,
    crypto::{Alphabet, sha256_b64url},
    sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter},
};

use crate::{
    ApiKey, Kind,
    config::DEFAULT,
    memory::Known,
    schema::apikey::{Column, Entity, Model},
};

/// A new key, which nobody sees twice.
pub(crate) struct Fresh {
    pub(crate) text: String,
    pub(crate) hash: String,
    pub(crate) start: Option<String>,
}

impl Fresh {
    pub(crate) fn make(core: &Core, kind: &Kind, prefix: Option<&str>) -> Self {
        let letters = core.random(kind.config.length, Alphabet::Letters);
        let text = format!("{}{letters}", prefix.unwrap_or_default());
        let start = (kind.config.start > 0).then(|| text.chars().take(kind.config.start).collect());
        Self { hash: sha256_b64url(&text), start, text }
    }
}

/// Keys that were made before there were kinds belong to the default.
pub(crate) fn is_of(key: &Model, kind: &str) -> bool {
    key.config_id == kind || (key.config_id.is_empty() && kind == DEFAULT)
}

/// A user's key. Whose it has to be is a part of the query.
pub(crate) async fn find_owned(
    conn: &impl ConnectionTrait,
    id: &str,
    owner: &str,
) -> Result<Option<Model>, Failure> {
    let query = Entity::find().filter(Column::Id.eq(id)).filter(Column::ReferenceId.eq(owner));
    Ok(query.one(conn).await?)
}

pub(crate) async fn find_by_id(conn: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, Failure> {
    Ok(Entity::find().filter(Column::Id.eq(id)).one(conn).await?)
}

pub(crate) async fn find_by_hash(conn: &impl ConnectionTrait, hash: &str) -> Result<Option<Model>, Failure> {
    let either = Condition::any().add(Column::Key.eq(hash)).add(Column::PreviousKey.eq(hash));
    Ok(Entity::find().filter(either).one(conn).await?)
}

/// Whether a hash is the key's, or the one's before a rotation that is not over.
pub(crate) fn is_hash_of(key: &Model, hash: &str, now: Timestamp) -> bool {
    let overlaps = || key.previous_key_until.is_some_and(|until| now <= until);
    key.key == hash || (key.previous_key.as_deref() == Some(hash) && overlaps())
}

impl ApiKey {
    /// The key with a hash, as memory or the table has it.
    pub(crate) async fn look_up(
        &self,
        core: &Core,
        hash: &str,
    ) -> Result<Option<std::sync::Arc<Model>>, Failure> {
        match self.memory.get(core, hash) {
            Known::Key(key) => return Ok(Some(key)),
            Known::Nobody => return Ok(None),
            Known::Unknown => {}
        }
        let generation = self.memory.generation();
        let found = find_by_hash(core.db(), hash).await?.map(std::sync::Arc::new);
        self.memory.keep(core, hash, found.as_ref(), generation);
        Ok(found)
    }

    /// The owner of a key.
    pub(crate) async fn owner(&self, core: &Core, id: &str) -> Result<Option<std::sync::Arc<User>>, Failure> {
        if let Some(user) = self.memory.user(core, id) {
            return Ok(Some(user));
        }
        let generation = self.memory.generation();
        let found = core.users().find(core.db(), id).await?.map(std::sync::Arc::new);
        if let Some(user) = &found {
            self.memory.keep_user(core, user, generation);
        }
        Ok(found)
    }
}
