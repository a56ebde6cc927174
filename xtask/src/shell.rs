//! Running programs, and the folders of the workspace.

use std::{
    env,
    ffi::OsStr,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The workspace.
pub(crate) fn root() -> PathBuf {
    let own =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    own.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// A program that runs in the workspace.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Cargo in the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Set by the cargo that runs this program; a crate elsewhere must not see it.
    command.env_remove("CARGO_MANIFEST_DIR").args(arguments);
    command
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let mut line = words.map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ");
    if let Some((folder, cargo)) = line.split_once("/cargo ").filter(|(folder, _)| !folder.contains(' ')) {
        let _ = folder;
        line = format!("cargo {cargo}");
    }
    line
}

/// Prints the command, runs it, and fails where it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    eprintln!("$ {line}");
    let status = command.status().with_context(|| format!("cannot run `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// What a command prints; its errors stay visible.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot run `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed something other than text"))
}

/// Whether a command runs and succeeds, without a word.
pub(crate) fn works(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// Where a program is on `PATH`.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// What cargo says of the workspace, without its dependencies.
pub(crate) fn metadata() -> Result<&'static Value> {
    static METADATA: OnceLock<Value> = OnceLock::new();
    if let Some(metadata) = METADATA.get() {
        return Ok(metadata);
    }
    let text = output(&mut cargo(&["metadata", "--format-version", "1", "--no-deps"]))?;
    Ok(METADATA.get_or_init(|| serde_json::from_str(&text).unwrap_or_default()))
}

/// Where builds go.
pub(crate) fn target() -> Result<PathBuf> {
    let target = metadata()?.get("target_directory").and_then(Value::as_str);
    Ok(target.context("cargo names no target directory")?.into())
}

/// Builds the server and says where it is.
pub(crate) fn tessera(profile: &str) -> Result<PathBuf> {
    run(&mut cargo(&["build", "--profile", profile, "--package", "tessera", "--bin", "tessera"]))?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target()?.join(folder).join("tessera"))
}

/// A folder with a Python package, which is installed by name below the target directory.
pub(crate) fn python_package(requirement: &str) -> Result<PathBuf> {
    let place = target()?.join("tools").join(requirement.replace(['=', '[', ']'], "-"));
    let done = place.join("installed");
    if !done.exists() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target"]);
        run(pip.arg(&place).arg(requirement))?;
        write(&done, "")?;
    }
    Ok(place)
}

/// The server with the bridge that the conformance harness calls functions without an address by.
pub(crate) fn bridge() -> Result<PathBuf> {
    run(&mut cargo(&["build", "--package", "tessera-conformance"]))?;
    Ok(target()?.join("debug/tessera-conformance"))
}

/// Takes the server's own settings and the tests' out of a program's environment.
pub(crate) fn without_settings(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TESSERA_")) {
        command.env_remove(name);
    }
    command
}

/// A port of the loopback interface that is free now, and that the system gives to no outgoing
/// connection meanwhile; never the same one twice.
pub(crate) fn free_port() -> Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(61);
    let mut candidates = std::iter::repeat_with(|| begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)))
        .map(|number| 12_000 + u16::try_from(number % 20_000).unwrap_or_default())
        .take(20_000);
    candidates.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).context("no port is free")
}

/// An empty folder of its own outside of the workspace; removed when it is dropped.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Result<Self> {
        let folder = env::temp_dir().join(format!("tessera-{name}-{}", std::process::id()));
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing depends on its absence: the next run empties it.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Copies a folder, following what its entries are, without `node_modules`.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (source, goal) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            if entry.file_name() != "node_modules" {
                copy_folder(&source, &goal)?;
            }
        } else {
            // A copy of a read-only file is read-only: replace it instead of writing into it.
            if goal.exists() {
                fs::remove_file(&goal).with_context(|| format!("cannot replace {}", goal.display()))?;
            }
            fs::copy(&source, &goal).with_context(|| format!("cannot copy {}", source.display()))?;
        }
    }
    Ok(())
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
