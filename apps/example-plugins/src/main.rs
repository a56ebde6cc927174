//! The server with the three plugins in it: `cargo run -p example-plugins -- plugins list`.

use std::process::ExitCode;

use example_plugins::{EmailDomains, OrganizationSeats, SessionHints};
use tessera::Program;

fn main() -> ExitCode {
    Program::new().plugin::<EmailDomains>().plugin::<SessionHints>().plugin::<OrganizationSeats>().run()
}
