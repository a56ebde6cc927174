//! The OpenAPI document in the eyes of a public validator.
//!
//! The validator is a Python package, installed by name below the target directory.

use std::process::Command;

use anyhow::Result;

use crate::shell::{root, run as execute, target};

const VALIDATOR: &str = "openapi-spec-validator==0.9.0";

pub(crate) fn run() -> Result<()> {
    let place = target()?.join("tools/openapi-validator");
    if !place.join("openapi_spec_validator").exists() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        execute(pip.arg(&place).arg(VALIDATOR))?;
    }
    let mut validator = Command::new("python3");
    validator.env("PYTHONPATH", &place).args(["-m", "openapi_spec_validator", "--schema", "3.1"]);
    execute(validator.arg(root().join("docs/reference/openapi.json")))
}
