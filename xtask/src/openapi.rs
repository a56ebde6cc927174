//! The OpenAPI document in the eyes of a public validator.

use std::process::Command;

use anyhow::Result;

use crate::shell::{python_package, root, run as execute};

const VALIDATOR: &str = "openapi-spec-validator==0.9.0";

pub(crate) fn run() -> Result<()> {
    let place = python_package(VALIDATOR)?;
    let mut validator = Command::new("python3");
    validator.env("PYTHONPATH", &place).args(["-m", "openapi_spec_validator", "--schema", "3.1"]);
    execute(validator.arg(root().join("docs/reference/openapi.json")))
}
