//! From the document to the model.

mod operations;
mod schemas;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    Options, Problem,
    model::{Api, Group, Operation},
    names::{camel, is_identifier, pascal, words},
};
use schemas::Types;

type Object = Map<String, Value>;

fn problem(place: &str, what: impl Into<String>) -> Problem {
    Problem { place: place.to_owned(), what: what.into() }
}

fn object<'v>(value: &'v Value, place: &str) -> Result<&'v Object, Problem> {
    value.as_object().ok_or_else(|| problem(place, "is no object"))
}

fn text<'v>(map: &'v Object, key: &str) -> &'v str {
    map.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(map: &'v Object, key: &str) -> impl Iterator<Item = &'v Value> {
    map.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// One operation as it stands in the document.
struct Found<'v> {
    place: String,
    path: &'v str,
    method: &'v str,
    tag: &'v str,
    id: &'v str,
    map: &'v Object,
}

pub(crate) fn api(document: &Value, options: &Options) -> Result<Api, Problem> {
    let root = object(document, "#")?;
    if !text(root, "openapi").starts_with("3.1") {
        return Err(problem("openapi", "is not 3.1"));
    }
    let found = find(root, options)?;
    let mut types = Types::of(document);
    let mut groups: BTreeMap<&str, Vec<Operation>> = BTreeMap::new();
    for operation in &found {
        let name = name(operation, &found);
        let read = operations::read(operation, name, &mut types)?;
        let group = groups.entry(operation.tag).or_default();
        if group.iter().any(|other| camel(&other.name) == camel(&read.name)) {
            return Err(problem(
                &operation.place,
                format!("`{}` has another operation `{}`", operation.tag, read.name),
            ));
        }
        group.push(read);
    }
    let group = |(tag, operations): (&str, Vec<Operation>)| {
        let described = list(root, "tags").filter_map(Value::as_object).find(|t| text(t, "name") == tag);
        let docs = described.map(|t| text(t, "description")).unwrap_or_default().to_owned();
        if !is_identifier(&camel(tag)) {
            return Err(problem("tags", format!("`{tag}` gives no name")));
        }
        Ok(Group { tag: tag.to_owned(), docs, operations })
    };
    let groups = groups.into_iter().map(group).collect::<Result<_, _>>()?;
    let title = root.get("info").and_then(Value::as_object).map(|info| text(info, "title"));
    // It goes into a comment of one line.
    let title = title.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Api { title, groups, types: types.finish()? })
}

fn find<'v>(root: &'v Object, options: &Options) -> Result<Vec<Found<'v>>, Problem> {
    let mut found: Vec<Found<'v>> = Vec::new();
    let paths = root.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        let place = format!("paths.{path}");
        for (method, operation) in object(item, &place)? {
            let place = format!("{place}.{method}");
            if !matches!(method.as_str(), "get" | "post" | "put" | "patch" | "delete" | "head" | "options") {
                return Err(problem(&place, "is not expected beside operations"));
            }
            let map = object(operation, &place)?;
            let id = text(map, "operationId");
            if words(id).is_empty() || !is_identifier(&pascal(id)) {
                return Err(problem(&place, "has no operationId that gives a name"));
            }
            let tag = list(map, "tags").next().and_then(Value::as_str).unwrap_or("api");
            let wanted = options.groups.is_empty() || options.groups.iter().any(|group| group == tag);
            if wanted && !options.skip.iter().any(|skipped| skipped == id) {
                found.push(Found { place, path, method, tag, id, map });
            }
        }
    }
    for group in &options.groups {
        if !found.iter().any(|operation| operation.tag == group) {
            return Err(problem("tags", format!("no operation has the tag `{group}`")));
        }
    }
    Ok(found)
}

/// Below the plugin's own prefix the path names the method, as it does in Better Auth's client:
/// `/organization/create` is `create`. Elsewhere, and where a path has several methods or parameters, the
/// operation's id does.
fn name(operation: &Found, all: &[Found]) -> String {
    let own = operation.path.strip_prefix('/').and_then(|path| path.strip_prefix(operation.tag));
    let rest = own.and_then(|path| path.strip_prefix('/')).unwrap_or_default();
    let alone = all.iter().filter(|other| other.path == operation.path).count() == 1;
    let name = words(rest).join("-");
    if alone && !rest.contains('{') && is_identifier(&camel(&name)) {
        name
    } else {
        words(operation.id).join("-")
    }
}
