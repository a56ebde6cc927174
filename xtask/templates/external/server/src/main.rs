//! Tessera with the plugin `{{id}}`: the whole server and its command line.

use std::process::ExitCode;

use auth_plugin_{{snake}}::{{Type}};

fn main() -> ExitCode {
    tessera::Program::new().plugin::<{{Type}}>().run()
}
