//! Resources with actions.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Resources with actions, in the order in which they were written.
///
/// ```
/// use auth_core::access::Permissions;
///
/// let writer = Permissions::of(&[("post", &["read", "write"]), ("page", &["read"])]);
/// assert!(writer.authorize(&Permissions::of(&[("post", &["write"])])));
/// assert!(!writer.authorize(&Permissions::of(&[("post", &["delete"])])));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(IndexMap<String, Vec<String>>);

impl Permissions {
    /// What is written in the program: `&[("member", &["create", "delete"])]`.
    #[must_use]
    pub fn of(statements: &[(&str, &[&str])]) -> Self {
        let owned = |actions: &[&str]| actions.iter().map(|action| (*action).to_owned()).collect();
        Self(statements.iter().map(|(resource, actions)| ((*resource).to_owned(), owned(actions))).collect())
    }

    /// Each resource with its actions, in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(resource, actions)| (resource.as_str(), actions.as_slice()))
    }

    /// Every resource with every action.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter()
            .flat_map(|(resource, actions)| actions.iter().map(move |action| (resource, action.as_str())))
    }

    /// Whether no resource is named. A resource without actions counts as named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The actions of one resource; `None` where it is not named.
    #[must_use]
    pub fn get(&self, resource: &str) -> Option<&[String]> {
        self.0.get(resource).map(Vec::as_slice)
    }

    /// Whether one action on one resource is granted.
    #[must_use]
    pub fn grants(&self, resource: &str, action: &str) -> bool {
        self.get(resource).is_some_and(|actions| actions.iter().any(|granted| granted == action))
    }

    /// Whether everything that is asked for is granted. Asking for nothing, for no action of a resource,
    /// or for a resource that is not known is refused.
    #[must_use]
    pub fn authorize(&self, asked: &Self) -> bool {
        let whole = |(resource, actions): (&str, &[String])| {
            !actions.is_empty() && actions.iter().all(|action| self.grants(resource, action))
        };
        !asked.is_empty() && asked.iter().all(whole)
    }

    /// The first thing that is asked for and not granted, as `(resource, action)`.
    #[must_use]
    pub fn missing<'a>(&self, asked: &'a Self) -> Option<(&'a str, &'a str)> {
        asked.pairs().find(|(resource, action)| !self.grants(resource, action))
    }

    /// Adds what another set grants.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        for (resource, actions) in other.iter() {
            let granted = self.0.entry(resource.to_owned()).or_default();
            for action in
                actions.iter().filter(|action| !granted.contains(action)).cloned().collect::<Vec<_>>()
            {
                granted.push(action);
            }
        }
        self
    }
}

impl JsonSchema for Permissions {
    fn schema_name() -> Cow<'static, str> {
        "Permissions".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Resources, each with a list of actions.",
            "additionalProperties": { "type": "array", "items": { "type": "string" } }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admin() -> Permissions {
        Permissions::of(&[("member", &["create", "update"]), ("team", &["create"])])
    }

    #[test]
    fn everything_that_is_asked_for_has_to_be_granted() {
        let asks = |statements: &[(&str, &[&str])]| admin().authorize(&Permissions::of(statements));
        assert!(asks(&[("member", &["create"])]));
        assert!(asks(&[("member", &["update", "create"]), ("team", &["create"])]));
        assert!(!asks(&[("member", &["create", "delete"])]));
        assert!(!asks(&[("member", &["create"]), ("team", &["delete"])]));
        assert!(!asks(&[]));
        assert!(!asks(&[("member", &[])]));
        assert!(!asks(&[("unknown", &["create"])]));
        assert!(!asks(&[("__proto__", &["create"])]));
        assert!(!asks(&[("member", &["Create"])]));
        assert!(!Permissions::default().authorize(&admin()));
    }

    #[test]
    fn what_is_missing_is_named() {
        let asked = Permissions::of(&[("member", &["create", "delete"])]);
        assert_eq!(admin().missing(&asked), Some(("member", "delete")));
        assert_eq!(admin().missing(&admin()), None);
    }

    #[test]
    fn sets_add_up_in_their_order() {
        let more = Permissions::of(&[("team", &["create", "delete"]), ("ac", &["read"])]);
        let sum = admin().with(&more);
        let text = r#"{"member":["create","update"],"team":["create","delete"],"ac":["read"]}"#;
        assert_eq!(serde_json::to_string(&sum).unwrap_or_default(), text);
        assert_eq!(serde_json::from_str::<Permissions>(text).ok(), Some(sum));
    }
}
