//! What `cargo xtask plugin check` and `cargo xtask plugin release` want to know of a plugin.

use std::fs;

use auth_host::Plan;
use serde_json::json;

use super::{errors, release::Release};
use crate::seen;

/// Writes `<package>.plugin` into the folder of `TESSERA_TEST_SEEN`, where that is set.
pub(super) fn write(plan: &Plan, id: &str, ambiguous: &[&str]) {
    let Some(path) = seen::file("plugin") else { return };
    let Some(line) = plan.plugins().iter().find(|line| line.manifest.id == id) else { return };
    let own = plan.endpoints().filter(|line| line.plugin == id && !line.replaced);
    let endpoints: Vec<_> = own
        .filter_map(|line| {
            let (path, method) = (line.endpoint.path.as_ref()?, line.endpoint.methods.first()?);
            Some(json!({ "id": line.endpoint.id, "route": format!("{method} {path}") }))
        })
        .collect();
    let errors: Vec<_> = errors::of(plan, id)
        .into_iter()
        .map(|(spec, endpoint)| {
            json!({ "code": spec.code, "status": spec.status, "message": spec.message, "endpoint": endpoint })
        })
        .collect();
    let owners = plan.owners();
    let own = owners.iter().find(|owner| owner.id == id);
    let note = json!({
        "plugin": id,
        "endpoints": endpoints,
        "errors": errors,
        "ambiguous": ambiguous,
        "release": Release::of(own, id, line.manifest.version),
    });
    let text = format!("{note:#}\n");
    fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
