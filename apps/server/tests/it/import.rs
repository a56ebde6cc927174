//! `tessera user import` and `tessera user export`.
//!
//! The exports in `exports/` are of our making, after the shapes that those systems document. Their
//! hashes are real, and made by other implementations: Python's `bcrypt`, `argon2-cffi`, and `hashlib`
//! (OpenSSL) for PBKDF2 and scrypt. The password of whoever is `ada@example.com` is `Correct-Horse-ada`.

use std::{
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
};

use auth_store::DatabaseConfig;
use serde_json::Value;

use crate::support::{Folder, Outcome};

const KEYCLOAK: &str = include_str!("exports/keycloak.json");
const ORY: &str = include_str!("exports/ory.json");
const SUPABASE: &str = include_str!("exports/supabase.jsonl");
const SUPABASE_USERS: &str = include_str!("exports/supabase-users.csv");
const SUPABASE_IDENTITIES: &str = include_str!("exports/supabase-identities.csv");
const NEXT_AUTH: &str = include_str!("exports/next-auth.json");
const BETTER_AUTH: &str = include_str!("exports/better-auth.json");
const TESSERA: &str = include_str!("exports/tessera.jsonl");

/// An empty database, and how one names it on the command line.
struct Target {
    folder: Folder,
    set: Vec<String>,
    /// The server and the name of a database to drop.
    postgres: Option<(String, String)>,
}

impl Target {
    fn sqlite() -> Self {
        Self { folder: Folder::new(), set: vec!["rate_limit.enabled=false".to_owned()], postgres: None }
    }

    /// Where a PostgreSQL is running; `cargo xtask test` starts one.
    fn postgres() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("TESSERA_TEST_POSTGRES") else {
            eprintln!("skipped: TESSERA_TEST_POSTGRES is not set");
            return None;
        };
        let since = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros();
        let name =
            format!("t_import_{}_{}_{since:x}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        on(&server, &format!("CREATE DATABASE {name}"));
        let url = format!("database.url={}/{name}", server.rsplit_once('/').unwrap().0);
        let mut target = Self::sqlite();
        target.set.push(url);
        target.postgres = Some((server, name));
        Some(target)
    }

    fn each() -> impl Iterator<Item = Self> {
        std::iter::once(Self::sqlite()).chain(Self::postgres())
    }

    fn with(&self, args: &[&str]) -> Vec<String> {
        let set = self.set.iter().flat_map(|set| ["--set".to_owned(), set.clone()]);
        set.chain(args.iter().map(|arg| (*arg).to_owned())).collect()
    }

    fn run(&self, args: &[&str]) -> Outcome {
        let args = self.with(args);
        self.folder.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn import(&self, from: &str, text: &str, more: &[&str]) -> Outcome {
        self.folder.write("export", text);
        self.run(&[&["user", "import", "--from", from, "export"], more].concat())
    }

    /// The sum of an import, and what was told of single records.
    fn sum(&self, from: &str, text: &str, more: &[&str]) -> (Value, Vec<Value>) {
        let outcome = self.import(from, text, &[more, &["--json"]].concat());
        let mut lines: Vec<Value> =
            outcome.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let sum = lines.pop().unwrap_or_else(|| panic!("{outcome:?}"));
        assert_eq!(outcome.code, i32::from(sum["skipped"] != 0), "{outcome:?}");
        (sum, lines)
    }

    fn exported(&self, more: &[&str]) -> Vec<Value> {
        let text = self.run(&[&["user", "export"], more].concat()).ok();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Signs in as each of these, wrongly and rightly.
    fn sign_in(&self, people: &[&str], password: impl Fn(&str) -> String) {
        let set = self.with(&[]);
        let server = self.folder.serve(&set.iter().map(String::as_str).collect::<Vec<_>>());
        for who in people {
            let send = |password: &str| {
                let body = format!("{{\"email\":\"{who}@example.com\",\"password\":\"{password}\"}}");
                server.send("POST /api/auth/sign-in/email", &body)
            };
            assert!(send("Correct-Horse-xyz").starts_with("HTTP/1.1 401"), "{who}");
            let answer = send(&password(who));
            assert!(answer.starts_with("HTTP/1.1 200"), "{who}: {answer}");
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.postgres {
            on(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn on(server: &str, sql: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = auth_store::connect(&DatabaseConfig::new(server.to_owned())).await.unwrap();
        auth_core::sea_orm::ConnectionTrait::execute_unprepared(&db, sql).await.unwrap();
        db.close().await;
    });
}

fn own(who: &str) -> String {
    format!("Correct-Horse-{who}")
}

/// What a sum says of these.
fn figures(sum: &Value) -> [u64; 5] {
    ["added", "there", "changed", "skipped", "accounts"].map(|name| sum[name].as_u64().unwrap())
}

/// Brings an export in, dry, once and twice; signs everybody in with the old password, after which the
/// hashes are ours.
fn journey(from: &str, text: &str, [added, skipped, accounts]: [u64; 3], people: &[&str]) {
    for target in Target::each() {
        let (dry, told) = target.sum(from, text, &["--dry-run"]);
        assert_eq!(figures(&dry), [added, 0, 0, skipped, accounts], "{from}: {told:?}");
        assert_eq!(target.exported(&[]), [Value::Null; 0], "{from}: a dry run writes nothing");
        let (sum, told_again) = target.sum(from, text, &[]);
        assert_eq!((figures(&sum), told_again), (figures(&dry), told.clone()), "{from}");
        let all = target.exported(&["--with-hashes"]);
        let (again, _) = target.sum(from, text, &[]);
        assert_eq!(figures(&again)[0], 0, "{from}: {again}");
        assert_eq!(
            (&again["changed"], &again["accounts"], &again["passwords"]),
            (&0.into(), &0.into(), &0.into())
        );
        assert_eq!(target.exported(&["--with-hashes"]), all, "{from}");

        target.sign_in(people, own);
        for person in target.exported(&["--with-hashes"]) {
            let who = person["email"].as_str().unwrap().split('@').next().unwrap();
            let hash = person["password"].as_str().unwrap_or_default();
            assert_eq!(
                hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
                people.contains(&who),
                "{from}: {who}"
            );
        }
        // A hash that is ours is newer than the file's.
        let (after, _) = target.sum(from, text, &["--update"]);
        assert_eq!((&after["changed"], &after["updated"]), (&0.into(), &0.into()), "{from}: {after}");
        target.sign_in(people, own);
    }
}

#[test]
fn people_of_keycloak_sign_in_with_their_passwords() {
    journey("keycloak", KEYCLOAK, [4, 2, 1], &["ada", "bea", "cyd", "dan"]);
}

#[test]
fn people_of_ory_sign_in_with_their_passwords() {
    journey("ory", ORY, [4, 0, 1], &["ada", "bea", "cyd", "dan"]);
}

#[test]
fn people_of_supabase_sign_in_with_their_passwords() {
    journey("supabase", SUPABASE, [3, 0, 1], &["ada", "bea"]);
}

#[test]
fn people_of_next_auth_sign_in_with_their_passwords() {
    journey("next-auth", NEXT_AUTH, [3, 0, 1], &["ada", "bea"]);
}

#[test]
fn people_of_better_auth_sign_in_with_their_passwords() {
    // Case 82.
    journey("better-auth", BETTER_AUTH, [1, 0, 1], &["ada"]);
}

#[test]
fn people_of_the_neutral_format_sign_in_with_their_passwords() {
    journey("tessera", TESSERA, [1, 0, 1], &["ada"]);
}

#[test]
fn everything_that_a_source_says_of_a_user_comes_over() {
    for target in Target::each() {
        let (sum, told) = target.sum("keycloak", KEYCLOAK, &[]);
        let all = target.exported(&[]);
        assert_eq!(
            all[0].to_string(),
            "{\"id\":\"5e0b6a8e-0000-4000-8000-000000000001\",\"email\":\"ada@example.com\",\"emailVerified\":true,\
             \"name\":\"Ada Example\",\"createdAt\":\"2024-05-01T10:00:00.001Z\",\"updatedAt\":\"2024-05-01T10:00:00.001Z\",\
             \"accounts\":[{\"providerId\":\"google\",\"accountId\":\"1040\"}]}"
                .replace("\"accountId\":\"1040\"", &format!("\"accountId\":\"1040\",{}", dates(&all[0]["accounts"][0])))
        );
        assert_eq!(all[1]["emailVerified"], false);
        assert_eq!(sum["left"], serde_json::json!({ "realm roles": 4, "required actions": 1 }));
        assert!(sum["notes"][0].as_str().unwrap().contains("signs nobody in with a provider"));
        let skipped: Vec<_> = told.iter().map(|line| line["skipped"].as_str().unwrap()).collect();
        assert_eq!(skipped.len(), 2);
        assert!(skipped[0].contains("disabled") && skipped[1].contains("service"), "{skipped:?}");
        assert!(told[0]["line"].as_u64().unwrap() > 100 && told[0]["who"] == "eve@example.com", "{told:?}");
    }
}

/// Points in time that no source says.
fn dates(account: &Value) -> String {
    format!("\"createdAt\":{},\"updatedAt\":{}", account["createdAt"], account["updatedAt"])
}

#[test]
fn accounts_in_a_file_of_their_own_find_their_users() {
    for target in Target::each() {
        let (early, told) = target.sum("supabase", SUPABASE_IDENTITIES, &[]);
        assert_eq!(figures(&early), [0, 2, 0, 1, 0], "{told:?}");
        assert!(told[0]["skipped"].as_str().unwrap().contains("bring the users in first"));
        assert_eq!(figures(&target.sum("supabase", SUPABASE_USERS, &[]).0), [3, 0, 0, 0, 0]);
        assert_eq!(figures(&target.sum("supabase", SUPABASE_IDENTITIES, &[]).0), [0, 2, 0, 0, 1]);
        assert_eq!(figures(&target.sum("supabase", SUPABASE_IDENTITIES, &[]).0), [0, 3, 0, 0, 0]);
        // Both ways lead to the same.
        assert_eq!(figures(&target.sum("supabase", SUPABASE, &[]).0), [0, 3, 0, 0, 0]);
        let all = target.exported(&[]);
        assert_eq!(all[2]["accounts"][0]["accountId"], "1040");
        assert_eq!(all[0]["image"], "https://example.com/ada.png");
    }
}

#[test]
fn an_export_comes_back_into_an_empty_database_as_it_was() {
    for (from, to) in [(Target::sqlite(), Target::postgres()), (Target::sqlite(), Some(Target::sqlite()))] {
        let Some(to) = to else { continue };
        from.sum("next-auth", NEXT_AUTH, &[]);
        from.folder
            .tell(
                &["user", "create", "--email", "zoe42@example.com", "--name", "Zo\u{eb}"],
                "Correct-Horse-zoe42",
            )
            .ok();
        let everything = ["user", "export", "--with-hashes", "--with-tokens"];
        let text = from.run(&everything).ok();
        assert_eq!(text.lines().count(), 4);
        assert!(text.contains("gho_not-a-token") && text.contains("$2b$10$") && text.contains("$argon2id$"));
        // Neither comes out unless it is asked for.
        let bare = from.run(&["user", "export"]).ok();
        assert!(!bare.contains("gho_") && !bare.contains("$2b$") && !bare.contains("password"), "{bare}");

        assert_eq!(figures(&to.sum("tessera", &text, &[]).0), [4, 0, 0, 0, 1]);
        assert_eq!(to.run(&everything).ok(), text);
        to.sign_in(&["ada", "bea", "zoe42"], own);
    }
}

#[test]
fn bad_records_are_told_and_cost_nobody_else() {
    let good = |name: &str| {
        format!(
            "{{\"email\":\"{name}@example.com\",\"accounts\":[{{\"providerId\":\"p\",\"accountId\":\"{name}\"}}]}}"
        )
    };
    let hash = "$2b$31$NiwxPekdeH/2C0Rv0kwWle/IPYSMBnJjk5u755u5TqkQcGEXMQtqS";
    let bad = [
        ("{\"email\":\"a@example.com\"", "is no JSON"),
        ("{\"email\":\"ada@example.com\",\"name\":\"A\\u0000B\"}", "null character"),
        ("{\"email\":\"nul\\u0000@example.com\"}", "is no e-mail address"),
        ("{\"email\":\"nobody\"}", "is no e-mail address"),
        ("{\"email\":\"ONE@example.com\"}", "the same address as the one in line 1"),
        ("{\"email\":\"x@example.com\",\"nonsense\":1}", "unknown field"),
        ("{\"email\":\"y@example.com\",\"password\":\"HASH\"}", "costs more than a cost of 14"),
        ("{\"email\":\"y@example.com\",\"password\":\"hunter2\"}", "in no format that is known"),
        (
            "{\"email\":\"z@example.com\",\"accounts\":[{\"providerId\":\"p\",\"accountId\":\"one\"}]}",
            "another user's",
        ),
        ("nonsense", "is no JSON"),
        ("{\"email\":\"w@example.com\",\"name\":\"LARGE\"}", "is larger than"),
        ("{\"email\":\"v@example.com\",\"image\":\"javascript:alert(1)\"}", "not an address of an image"),
    ];
    for target in Target::each() {
        let mut text = good("one");
        for (at, (record, _)) in bad.iter().enumerate() {
            let record = record.replace("HASH", hash).replace("LARGE", &"x".repeat(2 << 20));
            text.push_str(&["\n", &record, "\n", &good(&format!("good{at}"))].concat());
        }
        for more in [&["--dry-run"][..], &[]] {
            let outcome = target.import("tessera", &text, &[more, &["--json"]].concat());
            assert_eq!(outcome.code, 1);
            assert!(!outcome.out.contains("hunter2") && !outcome.out.contains("NiwxPekd"), "{outcome:?}");
            assert!(!outcome.err.contains("hunter2") && !outcome.err.contains("NiwxPekd"), "{outcome:?}");
            let mut lines: Vec<Value> =
                outcome.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let sum = lines.pop().unwrap();
            assert_eq!((&sum["added"], &sum["skipped"]), (&13.into(), &12.into()), "{lines:?}");
            for (at, (_, why)) in bad.iter().enumerate() {
                let line = 2 * at + 2;
                let said = lines.iter().find(|told| told["line"] == line).unwrap_or_else(|| panic!("{line}"));
                assert!(said["skipped"].as_str().unwrap().contains(why), "{said}");
            }
        }
        assert_eq!(target.exported(&[]).len(), 13);
        let human = target.import("tessera", "{\"email\":\"a\\u001b[2J\"}\n", &[]);
        assert!(!human.out.contains('\u{1b}') && human.out.contains("skipped 1"), "{human:?}");

        // Without the password that cannot be taken the user can come.
        let text = "{\"email\":\"y@example.com\",\"password\":\"{SSHA}x\"}";
        let (sum, _) = target.sum("tessera", text, &["--drop-unusable-passwords"]);
        assert_eq!((&sum["added"], &sum["passwords"]), (&1.into(), &0.into()));
    }
}

#[test]
fn what_changed_at_the_source_is_told_and_written_only_when_asked() {
    let old = "{\"id\":\"u-1\",\"email\":\"ada@example.com\",\"emailVerified\":false,\"name\":\"Ada\"}";
    let new = "{\"id\":\"u-1\",\"email\":\"ada@example.com\",\"emailVerified\":true,\"name\":\"Ada L.\",\"image\":\"https://example.com/a.png\",\
               \"password\":\"$2b$05$NiwxPekdeH/2C0Rv0kwWle/IPYSMBnJjk5u755u5TqkQcGEXMQtqS\",\
               \"accounts\":[{\"providerId\":\"github\",\"accountId\":\"7\"}]}";
    let newer = new.replace("NiwxPekdeH/2C0Rv0kwWle", "RsidCH1HtqlHnKmdcZ1Ftu");
    for target in Target::each() {
        target.sum("tessera", old, &[]);
        let before = target.exported(&["--with-hashes"]);
        let (sum, told) = target.sum("tessera", new, &[]);
        assert_eq!(figures(&sum), [0, 0, 1, 0, 0]);
        assert_eq!(told[0]["changed"], "name, image, emailVerified, password, account at github");
        assert_eq!(target.exported(&["--with-hashes"]), before);
        let (_, told) = target.sum("tessera", new, &["--update", "--dry-run"]);
        assert!(told[0]["updated"].is_string());
        assert_eq!(target.exported(&["--with-hashes"]), before);
        target.sum("tessera", new, &["--update"]);
        assert_eq!(figures(&target.sum("tessera", new, &[]).0), [0, 1, 0, 0, 0]);
        // A password that was changed at the source and not yet used here.
        let (_, told) = target.sum("tessera", &newer, &["--update"]);
        assert_eq!(told[0]["updated"], "password");
        let all = target.exported(&["--with-hashes"]);
        assert_eq!(
            (all.len(), &all[0]["name"], &all[0]["emailVerified"]),
            (1, &"Ada L.".into(), &true.into())
        );
        assert!(all[0]["password"].as_str().unwrap().contains("RsidCH1HtqlHnKmdcZ1Ftu"));
        // What was verified here stays so.
        assert_eq!(
            figures(&target.sum("tessera", &old.replace("Ada\"", "Ada L.\""), &[]).0),
            [0, 1, 0, 0, 0]
        );
    }
}

#[test]
fn nobody_comes_into_an_account_by_an_address_that_is_not_theirs() {
    let theirs = |verified: bool| {
        format!(
            "{{\"id\":\"source-1\",\"email\":\"ceo@example.com\",\"emailVerified\":{verified},\"name\":\"Mallory\",\
             \"password\":\"$2b$05$NiwxPekdeH/2C0Rv0kwWle/IPYSMBnJjk5u755u5TqkQcGEXMQtqS\"}}"
        )
    };
    for (here, there, merges) in [(true, false, false), (false, true, false), (true, true, true)] {
        let target = Target::sqlite();
        let own = format!(
            "{{\"id\":\"own-1\",\"email\":\"ceo@example.com\",\"emailVerified\":{here},\"name\":\"Ceo\"}}"
        );
        target.sum("tessera", &own, &[]);
        let (sum, told) = target.sum("tessera", &theirs(there), &["--update"]);
        assert_eq!(sum["skipped"] == 0, merges, "{told:?}");
        let all = target.exported(&["--with-hashes"]);
        assert_eq!((all[0]["password"].is_string(), &all[0]["id"]), (merges, &"own-1".into()));
    }
    // Nor where the password comes apart from a user who looks the same.
    let target = Target::sqlite();
    target.sum("tessera", "{\"email\":\"ceo@example.com\",\"name\":\"Ceo\"}", &[]);
    let rows = "{\"user\":[{\"id\":\"source-0000000000001\",\"email\":\"ceo@example.com\",\"name\":\"Ceo\"}],\
                \"account\":[{\"userId\":\"source-0000000000001\",\"providerId\":\"credential\",\"accountId\":\"1\",\
                \"password\":\"$2b$05$NiwxPekdeH/2C0Rv0kwWle/IPYSMBnJjk5u755u5TqkQcGEXMQtqS\"},\
                {\"userId\":\"source-0000000000001\",\"providerId\":\"github\",\"accountId\":\"7\"}]}";
    let (sum, told) = target.sum("better-auth", rows, &["--update"]);
    assert_eq!(figures(&sum), [0, 1, 0, 2, 0], "{told:?}");
    assert!(target.exported(&["--with-hashes"])[0]["password"].is_null());
    // An id of a counter belongs to somebody in every database.
    let target = Target::sqlite();
    target.sum("tessera", "{\"id\":\"1\",\"email\":\"ceo@example.com\"}", &[]);
    let rows = "{\"user\":[{\"id\":1,\"email\":\"mallory@example.com\",\"name\":\"M\"}],\
                \"account\":[{\"userId\":1,\"providerId\":\"github\",\"accountId\":\"7\"},\
                {\"userId\":2,\"providerId\":\"github\",\"accountId\":\"8\"}]}";
    let (sum, told) = target.sum("better-auth", rows, &["--update"]);
    assert_eq!(figures(&sum), [0, 0, 0, 3, 0], "{told:?}");
    assert!(told[0]["skipped"].as_str().unwrap().contains("another address"));
    assert_eq!(
        figures(
            &target
                .sum("better-auth", &rows.replace("\"id\":1", "\"id\":9").replace("mallory", "trent"), &[])
                .0
        )[4],
        0
    );
    // With new ids the same people come, and their accounts find them.
    let (sum, _) = target.sum("better-auth", rows, &["--keep-ids", "false"]);
    assert_eq!(figures(&sum), [1, 0, 0, 1, 1]);
    let all = target.exported(&[]);
    let with = all.iter().filter(|person| person["accounts"].is_array()).map(|person| &person["email"]);
    assert_eq!(with.collect::<Vec<_>>(), ["mallory@example.com"]);
}

#[test]
fn standard_input_will_do_and_a_missing_file_is_told() {
    let target = Target::sqlite();
    let args = ["user", "import", "--from", "tessera", "-"];
    let said = target.folder.tell(&args, "{\"email\":\"ada@example.com\"}").ok();
    assert!(said.contains("added 1"), "{said}");
    let missing = target.run(&["user", "import", "--from", "tessera", "nowhere"]);
    assert_eq!((missing.code, missing.err.contains("cannot open nowhere")), (1, true), "{missing:?}");
    let cut =
        target.import("keycloak", "{\"users\":[{\"email\":\"b@example.com\",\"enabled\":true},{\"ema", &[]);
    assert_eq!((cut.code, cut.out.contains("the file ends in the middle")), (1, true), "{cut:?}");
    // What came before it is there.
    assert_eq!(target.exported(&[]).len(), 2);
}

#[test]
fn passwords_that_nobody_takes_are_told() {
    let target = Target::sqlite();
    let off = ["--set", "plugins.email-password.enabled=false"];
    let outcome = target.import("tessera", TESSERA, &off);
    assert!(outcome.out.contains("email-password is not enabled"), "{outcome:?}");
}

#[test]
fn an_export_that_cannot_be_written_is_no_success() {
    let target = Target::sqlite();
    target.sum("tessera", TESSERA, &[]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = target.folder.command(&["user", "export"]);
    let outcome = command.stdout(Stdio::from(full)).output().unwrap();
    assert_eq!(outcome.status.code(), Some(1));
}
