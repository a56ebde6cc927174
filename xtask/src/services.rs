//! A PostgreSQL, a Redis and a MariaDB of the tests' own: started here, gone with this process.
//!
//! Each server has a *keeper*: a shell in a process group of its own that waits for the end of its
//! input. That end comes when the [`Keeper`] is dropped, and also when this process is killed, so
//! no server outlives a test run that was broken off.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::shell::{free_port, output, program, run, which, works};

/// Databases refuse to run as root; then this user runs them.
const USER: &str = "tessera-test";

/// What could be started, and what could not and why.
#[derive(Default)]
pub(crate) struct Services {
    pub(crate) postgres: Option<String>,
    pub(crate) redis: Option<String>,
    /// MariaDB stands for MySQL, which Debian does not have.
    pub(crate) mysql: Option<String>,
    pub(crate) skipped: Vec<String>,
    /// Shell commands that stop the PostgreSQL that was started here, and start it again.
    pub(crate) switch: Option<(String, String)>,
    keepers: Vec<Keeper>,
}

impl Services {
    /// No servers, for a reason.
    pub(crate) fn none(reason: &str) -> Self {
        Self {
            skipped: vec![format!("everything on PostgreSQL, MariaDB and Redis: {reason}")],
            ..Self::default()
        }
    }

    pub(crate) fn start() -> Self {
        let mut services = Self::default();
        let mut switch = None;
        services.postgres = services.one("PostgreSQL", "TESSERA_TEST_POSTGRES", || {
            let (url, keeper, commands) = start_postgres()?;
            switch = Some(commands);
            Ok((url, keeper))
        });
        services.switch = switch;
        services.redis = services.one("Redis", "TESSERA_TEST_REDIS", start_redis);
        services
    }

    /// With the database that only some tests run on.
    pub(crate) fn for_tests() -> Self {
        let mut services = Self::start();
        services.mysql = services.one("MariaDB", "TESSERA_TEST_MYSQL", start_mariadb);
        services
    }

    fn one(
        &mut self,
        name: &str,
        variable: &str,
        start: impl FnOnce() -> Result<(String, Keeper)>,
    ) -> Option<String> {
        if let Some(url) = env::var(variable).ok().filter(|url| !url.is_empty()) {
            println!("{name}: the one of {variable}");
            return Some(url);
        }
        match start() {
            Ok((url, keeper)) => {
                println!("{name}: {url}");
                self.keepers.push(keeper);
                Some(url)
            }
            Err(error) => {
                self.skipped.push(format!("everything on {name}: {error:#}"));
                None
            }
        }
    }

    /// Tells a program where the servers are.
    pub(crate) fn tell<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let servers = [
            ("TESSERA_TEST_POSTGRES", &self.postgres),
            ("TESSERA_TEST_REDIS", &self.redis),
            ("TESSERA_TEST_MYSQL", &self.mysql),
        ];
        for (name, url) in servers {
            match url {
                Some(url) => command.env(name, url),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// Stops a server and removes its files when it is dropped.
pub(crate) struct Keeper(Child);

impl Keeper {
    /// Runs `script` with `$1` = `folder`. It has to print a line when it is ready, to wait with
    /// `cat`, and to clean up after that.
    pub(crate) fn new(script: &str, folder: &Path, more: &[String]) -> Result<Self> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("keeper").arg(folder).args(more);
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot run sh")?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        if line.trim() != "ready" {
            drop(child.wait());
            bail!("it did not start{}{line}", if line.is_empty() { "" } else { ": " });
        }
        Ok(Self(child))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // Waits for the clean-up; there is nothing to do about one that failed.
        drop(self.0.wait());
    }
}

const POSTGRES: &str = r#"
trap '' INT TERM HUP
folder=$1 bin=$2 port=$3; shift 3
clean() { "$@" "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1; rm -rf "$folder"; }
options="-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off"
options="$options -c full_page_writes=off -c max_connections=300 -c timezone=UTC"
echo "$options" >"$folder/options"
if "$@" "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 </dev/null &&
   "$@" "$bin/pg_ctl" -D "$folder/data" -o "$options" -l "$folder/server.log" -w start >>"$folder/log" 2>&1 </dev/null
then echo ready; exec >/dev/null; cat >/dev/null; clean "$@"
else tail -n 3 "$folder/log" "$folder/server.log" 2>/dev/null | tr '\n' ' '; echo; clean "$@"; exit 1
fi
"#;

fn start_postgres() -> Result<(String, Keeper, (String, String))> {
    if postgres_bin().is_none() {
        install("postgresql")?;
    }
    let bin = postgres_bin().context("the package brought no initdb")?;
    let port = free_port()?;
    let folder = folder("postgres", port)?;
    let mut arguments = vec![bin.display().to_string(), port.to_string()];
    let nobody = as_nobody(&folder)?;
    let control = format!("{} {}/pg_ctl -w -D {}/data", nobody.join(" "), bin.display(), folder.display());
    let folder_name = folder.display();
    let stop = format!("{control} -m fast stop >/dev/null 2>&1");
    let start = format!(
        "{control} -o \"$(cat {folder_name}/options)\" -l {folder_name}/server.log start >/dev/null 2>&1 </dev/null"
    );
    arguments.extend(nobody);
    let keeper = Keeper::new(POSTGRES, &folder, &arguments)?;
    Ok((format!("postgres://postgres@127.0.0.1:{port}/postgres"), keeper, (stop, start)))
}

/// Where `initdb`, `pg_ctl` and `postgres` are: on `PATH`, or where Debian puts them.
fn postgres_bin() -> Option<PathBuf> {
    if let Some(initdb) = which("initdb").and_then(|path| fs::canonicalize(path).ok()) {
        let folder = initdb.parent()?.to_path_buf();
        if folder.join("pg_ctl").exists() {
            return Some(folder);
        }
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .flatten()
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists() && bin.join("pg_ctl").exists())
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

/// As root: gives the folder to an unprivileged user and says how to run as that user.
fn as_nobody(folder: &Path) -> Result<Vec<String>> {
    if !is_root() {
        return Ok(Vec::new());
    }
    if !works(Command::new("id").arg(USER)) {
        run(program("useradd").args(["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]))
            .context("databases do not run as root, and no other user could be made")?;
    }
    output(Command::new("chown").arg(USER).arg(folder))?;
    let words: &[&str] = if which("setpriv").is_some() {
        &["setpriv", "--reuid=tessera-test", "--regid=tessera-test", "--clear-groups", "--"]
    } else if which("runuser").is_some() {
        &["runuser", "-u", USER, "--"]
    } else {
        bail!("databases do not run as root, and there is neither setpriv nor runuser");
    };
    Ok(words.iter().map(|word| (*word).to_owned()).collect())
}

const REDIS: &str = r#"
trap '' INT TERM HUP
folder=$1 port=$2
redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$folder" >"$folder/log" 2>&1 </dev/null &
pid=$!
echo ready; exec >/dev/null
cat >/dev/null
kill "$pid"; wait "$pid"; rm -rf "$folder"
"#;

fn start_redis() -> Result<(String, Keeper)> {
    if which("redis-server").is_none() {
        install("redis-server")?;
    }
    let port = free_port()?;
    let folder = folder("redis", port)?;
    let keeper = Keeper::new(REDIS, &folder, &[port.to_string()])?;
    until_it_listens(port, &folder)?;
    Ok((format!("redis://127.0.0.1:{port}"), keeper))
}

fn until_it_listens(port: u16, folder: &Path) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if Instant::now() > until {
            bail!("it does not listen: {}", fs::read_to_string(folder.join("log")).unwrap_or_default());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

const MARIADB: &str = r#"
trap '' INT TERM HUP
folder=$1 port=$2; shift 2
PATH=$PATH:/usr/sbin
"$@" mariadb-install-db --no-defaults --datadir="$folder/data" --auth-root-authentication-method=normal \
    --skip-test-db >"$folder/log" 2>&1 </dev/null ||
    { tail -n 3 "$folder/log" | tr '\n' ' '; echo; rm -rf "$folder"; exit 1; }
"$@" mariadbd --no-defaults --datadir="$folder/data" --socket="$folder/socket" --bind-address=127.0.0.1 \
    --port="$port" --max-connections=300 --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 \
    >>"$folder/log" 2>&1 </dev/null &
pid=$!
echo ready; exec >/dev/null
cat >/dev/null
kill "$pid"; wait "$pid"; rm -rf "$folder"
"#;

fn start_mariadb() -> Result<(String, Keeper)> {
    if which("mariadbd").is_none() && !Path::new("/usr/sbin/mariadbd").exists() {
        install("mariadb-server")?;
    }
    let port = free_port()?;
    let folder = folder("mariadb", port)?;
    let mut arguments = vec![port.to_string()];
    arguments.extend(as_nobody(&folder)?);
    let keeper = Keeper::new(MARIADB, &folder, &arguments)?;
    until_it_listens(port, &folder)?;
    Ok((format!("mysql://root@127.0.0.1:{port}/mysql"), keeper))
}

fn folder(name: &str, port: u16) -> Result<PathBuf> {
    let folder = env::temp_dir().join(format!("tessera-{name}-{port}"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Installs a Debian package where that is possible and allowed.
pub(crate) fn install(package: &str) -> Result<()> {
    if env::var_os("TESSERA_NO_INSTALL").is_some_and(|value| value != "0") {
        bail!("{package} is not installed, and TESSERA_NO_INSTALL forbids installing it");
    }
    if which("apt-get").is_none() || !is_root() {
        bail!("{package} is not installed, and only root on Debian could install it here");
    }
    println!("{package} is not installed; installing it (TESSERA_NO_INSTALL=1 forbids that)");
    let apt = |arguments: &[&str]| {
        let mut command = program("apt-get");
        command.args(["-qq", "-y", "-o", "Dpkg::Use-Pty=0"]).args(arguments);
        command.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()).stdin(Stdio::null());
        run(&mut command)
    };
    apt(&["update"])?;
    apt(&["install", "--no-install-recommends", package])
}
