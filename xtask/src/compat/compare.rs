//! What changed between two snapshots, and which of it breaks somebody.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    schema::{Field, covers},
    signature::{Endpoint, Snapshot},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    MissingEndpoint,
    MissingMethod,
    SignatureMismatch,
    /// Breaks nobody.
    Addition,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    pub(super) kind: Kind,
    /// Method and path as they were.
    pub(super) endpoint: String,
    pub(super) what: String,
}

/// Everything that is different, in the order of the old endpoints.
pub(super) fn compare(old: &Snapshot, new: &Snapshot) -> Vec<Change> {
    let now = addresses(new);
    let mut changes = Vec::new();
    for (address, before) in &old.endpoints {
        let mut say = |kind, what: String| changes.push(Change { kind, endpoint: address.clone(), what });
        for alias in before.aliases.iter().filter(|alias| !now.contains_key(alias.as_str())) {
            say(Kind::MissingEndpoint, format!("does not answer at its alias `{alias}`"));
        }
        match now.get(address.as_str()) {
            Some(after) => signature(before, after, &mut say),
            None if now.keys().any(|other| path(other) == path(address)) => {
                say(Kind::MissingMethod, "the path is there, the method is not".to_owned());
            }
            None => say(Kind::MissingEndpoint, "nothing answers at this path".to_owned()),
        }
    }
    let before = addresses(old);
    for (address, endpoint) in now.iter().filter(|(address, _)| !before.contains_key(*address)) {
        let what = format!("new: `{}` of {}", endpoint.id, endpoint.plugin);
        changes.push(Change { kind: Kind::Addition, endpoint: (*address).to_owned(), what });
    }
    changes
}

/// Where each endpoint answers: at its own address and at its aliases.
fn addresses(snapshot: &Snapshot) -> BTreeMap<&str, &Endpoint> {
    let aliases =
        snapshot.endpoints.values().flat_map(|e| e.aliases.iter().map(move |alias| (alias.as_str(), e)));
    // Its own address wins over somebody's alias.
    aliases.chain(snapshot.endpoints.iter().map(|(address, e)| (address.as_str(), e))).collect()
}

fn path(address: &str) -> &str {
    address.split_once(' ').map_or(address, |(_, path)| path)
}

fn signature(old: &Endpoint, new: &Endpoint, say: &mut impl FnMut(Kind, String)) {
    if old.id != new.id {
        let what = format!("its id was `{}` and is `{}`: clients and hooks name it", old.id, new.id);
        say(Kind::SignatureMismatch, what);
    }
    if old.session != new.session {
        let kind = if new.session > old.session { Kind::SignatureMismatch } else { Kind::Addition };
        say(kind, format!("a session was {:?} and is {:?}", old.session, new.session).to_lowercase());
    }
    input(&old.input, &new.input, say);
    output(&old.output, &new.output, say);
    for error in old.errors.difference(&new.errors) {
        say(Kind::SignatureMismatch, format!("the error `{error}` is gone"));
    }
    for error in new.errors.difference(&old.errors) {
        say(Kind::Addition, format!("a new error `{error}`"));
    }
}

type Fields = BTreeMap<String, Field>;

/// What is sent: less may be asked for, more may be taken.
fn input(old: &Fields, new: &Fields, say: &mut impl FnMut(Kind, String)) {
    for (name, before) in old {
        let Some(after) = new.get(name) else {
            // Its parent's absence was told.
            if parent(name, old).is_none_or(|parent| new.contains_key(parent)) {
                say(Kind::SignatureMismatch, format!("the parameter `{name}` is gone"));
            }
            continue;
        };
        if after.required && !before.required {
            say(Kind::SignatureMismatch, format!("the parameter `{name}` became required"));
        } else if before.required && !after.required {
            say(Kind::Addition, format!("the parameter `{name}` is no longer required"));
        }
        types("parameter", name, before, after, covers(&after.types, &before.types), say);
    }
    for (name, after) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        // Below something new nobody could leave anything out.
        let could_be_left_out = parent(name, new).is_none_or(|parent| old.contains_key(parent));
        if after.required && could_be_left_out {
            say(Kind::SignatureMismatch, format!("a new parameter `{name}` is required"));
        } else if could_be_left_out {
            say(Kind::Addition, format!("a new parameter `{name}`"));
        }
    }
}

/// What is answered: everything that was promised has to be there, as it was.
fn output(old: &Fields, new: &Fields, say: &mut impl FnMut(Kind, String)) {
    for (name, before) in old {
        let Some(after) = new.get(name) else {
            if parent(name, old).is_none_or(|parent| new.contains_key(parent)) {
                say(Kind::SignatureMismatch, format!("the answer's `{name}` is gone"));
            }
            continue;
        };
        if before.required && !after.required {
            say(Kind::SignatureMismatch, format!("the answer's `{name}` may be absent"));
        }
        types("answer's", name, before, after, covers(&before.types, &after.types), say);
    }
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        if parent(name, new).is_none_or(|parent| old.contains_key(parent)) {
            say(Kind::Addition, format!("the answer has a new `{name}`"));
        }
    }
}

fn types(
    whose: &str,
    name: &str,
    before: &Field,
    after: &Field,
    compatible: bool,
    say: &mut impl FnMut(Kind, String),
) {
    if before.types == after.types {
        return;
    }
    let kind = if compatible { Kind::Addition } else { Kind::SignatureMismatch };
    let plain = |field: &Field| Field { required: false, ..field.clone() }.to_string();
    say(kind, format!("the {whose} `{name}` was {} and is {}", plain(before), plain(after)));
}

/// The field that a field is in. A parameter of a query or a path, and a body, are in none.
fn parent<'n>(name: &'n str, fields: &Fields) -> Option<&'n str> {
    let mut outer = name;
    loop {
        outer = match outer.strip_suffix("[]") {
            Some(list) => list,
            None => outer.rsplit_once('.')?.0,
        };
        if fields.contains_key(outer) {
            return Some(outer);
        }
    }
}
