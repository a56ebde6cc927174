//! Notice boards: an organization's notes are for its members, and roles say whose they may change.
//!
//! Ada owns `acme`; Bob is a member and Eve an editor there. Mallory owns `globex`.

use serde_json::{Value, json};

use crate::{Answer, Credential, World, nobody};

const NO_MEMBER: &str = "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION";

struct Boards {
    world: World,
    ada: Credential,
    bob: Credential,
    eve: Credential,
    mallory: Credential,
    acme: String,
    globex: String,
}

impl Boards {
    async fn new() -> Self {
        let sources = example_axum::sources()
            // Nobody reads letters here.
            .set("plugins.organization.require_verified_email", false)
            .set("plugins.api-key.configurations.reader.permissions.note", ["read"])
            .set("rate_limit.enabled", false);
        let world = World::with(sources).await;
        let ada = world.cookie.clone();
        let [bob, eve, mallory] =
            [sign_up(&world, "bob").await, sign_up(&world, "eve").await, sign_up(&world, "mallory").await];
        let acme = organization(&world, &ada, "acme").await;
        let globex = organization(&world, &mallory, "globex").await;
        join(&world, &ada, &acme, ("bob", &bob), "member").await;
        join(&world, &ada, &acme, ("eve", &eve), "editor").await;
        Self { world, ada, bob, eve, mallory, acme, globex }
    }

    async fn list(&self, who: &Credential, organization: &str) -> Answer {
        self.world.send("GET", &board(organization), who, "").await
    }

    async fn create(&self, who: &Credential, organization: &str, text: &str) -> Answer {
        self.world.send("POST", &board(organization), who, text).await
    }

    async fn update(&self, who: &Credential, organization: &str, id: &str, text: &str) -> Answer {
        self.world.send("PUT", &format!("{}/{id}", board(organization)), who, text).await
    }

    async fn delete(&self, who: &Credential, organization: &str, id: &str) -> Answer {
        self.world.send("DELETE", &format!("{}/{id}", board(organization)), who, "").await
    }

    /// A new note's id.
    async fn note(&self, who: &Credential, organization: &str, text: &str) -> String {
        id_of(&self.create(who, organization, text).await.ok().json())
    }

    async fn texts(&self, who: &Credential, organization: &str) -> Vec<String> {
        let notes = self.list(who, organization).await.ok().json();
        notes.as_array().unwrap().iter().map(|note| note["text"].as_str().unwrap().to_owned()).collect()
    }

    /// A key of somebody's, of a kind that the configuration knows.
    async fn key(&self, who: &Credential, kind: &str) -> Credential {
        let body = json!({ "configId": kind, "name": "robot" }).to_string();
        let made = self.world.send("POST", "/api/auth/api-key/create", who, &body).await.ok().json();
        ("x-api-key", made["key"].as_str().unwrap().to_owned())
    }
}

fn board(organization: &str) -> String {
    format!("/organizations/{organization}/notes")
}

fn id_of(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

async fn sign_up(world: &World, name: &str) -> Credential {
    let body =
        json!({ "name": name, "email": format!("{name}@example.com"), "password": "Correct-Horse-42" });
    world.send("POST", "/api/auth/sign-up/email", &nobody(), &body.to_string()).await.ok().cookie()
}

async fn organization(world: &World, owner: &Credential, slug: &str) -> String {
    let body = json!({ "name": slug, "slug": slug }).to_string();
    id_of(&world.send("POST", "/api/auth/organization/create", owner, &body).await.ok().json())
}

async fn join(world: &World, owner: &Credential, to: &str, guest: (&str, &Credential), role: &str) {
    let email = format!("{}@example.com", guest.0);
    let body = json!({ "organizationId": to, "email": email, "role": role }).to_string();
    let invited = world.send("POST", "/api/auth/organization/invite-member", owner, &body).await.ok().json();
    let body = json!({ "invitationId": invited["id"] }).to_string();
    world.send("POST", "/api/auth/organization/accept-invitation", guest.1, &body).await.ok();
}

#[tokio::test]
async fn a_board_is_for_members() {
    let boards = Boards::new().await;
    boards.note(&boards.mallory, &boards.globex, "secret").await;
    boards.note(&boards.bob, &boards.acme, "hello").await;
    for member in [&boards.ada, &boards.bob, &boards.eve] {
        assert_eq!(boards.texts(member, &boards.acme).await, ["hello"]);
        boards.list(member, &boards.globex).await.refused(403, NO_MEMBER);
        boards.create(member, &boards.globex, "hi").await.refused(403, NO_MEMBER);
    }
    boards.list(&nobody(), &boards.acme).await.refused(401, "UNAUTHORIZED");
    boards.create(&nobody(), &boards.acme, "hi").await.refused(401, "UNAUTHORIZED");
    boards.list(&boards.ada, "nowhere").await.refused(403, NO_MEMBER);
    assert_eq!(boards.texts(&boards.mallory, &boards.globex).await, ["secret"]);
    boards.world.running.stop().await;
}

#[tokio::test]
async fn a_note_is_on_one_board() {
    let boards = Boards::new().await;
    let theirs = boards.note(&boards.mallory, &boards.globex, "secret").await;
    // The owner of one organization, by its path, with the id of a note of another.
    for id in [theirs.as_str(), "no-such-note"] {
        boards.update(&boards.ada, &boards.acme, id, "mine").await.refused(404, "NOTE_NOT_FOUND");
        boards.delete(&boards.ada, &boards.acme, id).await.refused(404, "NOTE_NOT_FOUND");
    }
    boards.update(&boards.ada, &boards.globex, &theirs, "mine").await.refused(403, NO_MEMBER);
    boards.delete(&boards.ada, &boards.globex, &theirs).await.refused(403, NO_MEMBER);
    assert_eq!(boards.texts(&boards.mallory, &boards.globex).await, ["secret"]);
    boards.world.running.stop().await;
}

#[tokio::test]
async fn members_change_their_own_notes_and_editors_anybodys() {
    let boards = Boards::new().await;
    let bobs = boards.note(&boards.bob, &boards.acme, "of Bob").await;
    let eves = boards.note(&boards.eve, &boards.acme, "of Eve").await;
    boards.update(&boards.bob, &boards.acme, &eves, "Bob was here").await.refused(403, "PERMISSION_DENIED");
    boards.delete(&boards.bob, &boards.acme, &eves).await.refused(403, "PERMISSION_DENIED");
    assert_eq!(boards.texts(&boards.bob, &boards.acme).await, ["of Bob", "of Eve"]);
    boards.update(&boards.bob, &boards.acme, &bobs, "of Bob himself").await.ok();
    let changed = boards.update(&boards.eve, &boards.acme, &bobs, "edited").await.ok().json();
    assert_eq!((changed["id"].as_str(), changed["text"].as_str()), (Some(bobs.as_str()), Some("edited")));
    // Whose note it is stays as it was.
    boards.delete(&boards.bob, &boards.acme, &bobs).await.ok();
    boards.delete(&boards.ada, &boards.acme, &eves).await.ok();
    assert_eq!(boards.texts(&boards.bob, &boards.acme).await, Vec::<String>::new());
    boards.world.running.stop().await;
}

#[tokio::test]
async fn a_role_that_knows_nothing_of_notes_reads_only() {
    let boards = Boards::new().await;
    let admin = sign_up(&boards.world, "kim").await;
    join(&boards.world, &boards.ada, &boards.acme, ("kim", &admin), "admin").await;
    boards.create(&admin, &boards.acme, "hi").await.refused(403, "PERMISSION_DENIED");
    let bobs = boards.note(&boards.bob, &boards.acme, "hello").await;
    boards.update(&admin, &boards.acme, &bobs, "hi").await.refused(403, "PERMISSION_DENIED");
    assert_eq!(boards.texts(&admin, &boards.acme).await, ["hello"]);
    boards.world.running.stop().await;
}

#[tokio::test]
async fn a_note_has_text() {
    let boards = Boards::new().await;
    let note = boards.note(&boards.bob, &boards.acme, &"ä".repeat(500)).await;
    for text in ["", " \n", &"ä".repeat(501)] {
        boards.create(&boards.bob, &boards.acme, text).await.refused(400, "INVALID_TEXT");
        boards.update(&boards.bob, &boards.acme, &note, text).await.refused(400, "INVALID_TEXT");
    }
    assert_eq!(boards.texts(&boards.bob, &boards.acme).await, ["ä".repeat(500)]);
    boards.world.running.stop().await;
}

#[tokio::test]
async fn a_robots_key_puts_up_notes_and_does_nothing_else() {
    let boards = Boards::new().await;
    let robot = boards.key(&boards.bob, "robot").await;
    let made = boards.create(&robot, &boards.acme, "backup done").await.ok().json();
    let note = id_of(&made);
    boards.list(&robot, &boards.acme).await.refused(403, "INSUFFICIENT_SCOPE");
    // Its owner may, the key may not.
    boards.update(&robot, &boards.acme, &note, "hi").await.refused(403, "PERMISSION_DENIED");
    boards.delete(&robot, &boards.acme, &note).await.refused(403, "PERMISSION_DENIED");
    boards.create(&robot, &boards.globex, "hi").await.refused(403, NO_MEMBER);
    boards.update(&boards.bob, &boards.acme, &note, "backup seen").await.ok();

    let reader = boards.key(&boards.bob, "reader").await;
    assert_eq!(boards.texts(&reader, &boards.acme).await, ["backup seen"]);
    boards.create(&reader, &boards.acme, "hi").await.refused(403, "PERMISSION_DENIED");
    let plain = boards.key(&boards.bob, "default").await;
    boards.create(&plain, &boards.acme, "hi").await.refused(403, "PERMISSION_DENIED");
    boards.list(&plain, &boards.acme).await.refused(403, "INSUFFICIENT_SCOPE");
    let wrong = ("x-api-key", format!("{}x", robot.1));
    boards.create(&wrong, &boards.acme, "hi").await.refused(401, "INVALID_API_KEY");
    assert_eq!(boards.texts(&boards.ada, &boards.acme).await, ["backup seen"]);
    boards.world.running.stop().await;
}

#[tokio::test]
async fn who_is_removed_is_out_with_the_next_request() {
    let boards = Boards::new().await;
    let robot = boards.key(&boards.bob, "robot").await;
    let note = boards.note(&boards.bob, &boards.acme, "hello").await;
    boards.create(&robot, &boards.acme, "hello").await.ok();
    boards.list(&boards.bob, &boards.acme).await.ok();
    let body = json!({ "memberIdOrEmail": "bob@example.com", "organizationId": boards.acme }).to_string();
    boards.world.send("POST", "/api/auth/organization/remove-member", &boards.ada, &body).await.ok();
    // Case 182.
    boards.list(&boards.bob, &boards.acme).await.refused(403, NO_MEMBER);
    boards.create(&boards.bob, &boards.acme, "hi").await.refused(403, NO_MEMBER);
    boards.update(&boards.bob, &boards.acme, &note, "hi").await.refused(403, NO_MEMBER);
    boards.create(&robot, &boards.acme, "hi").await.refused(403, NO_MEMBER);
    assert_eq!(boards.texts(&boards.ada, &boards.acme).await, ["hello", "hello"]);
    boards.world.running.stop().await;
}

#[tokio::test]
async fn the_document_says_how_a_board_refuses() {
    let world = World::new().await;
    let document = world.send("GET", "/openapi.json", &nobody(), "").await.ok().json();
    let board = &document["paths"]["/organizations/{organization}/notes"];
    let note = &document["paths"]["/organizations/{organization}/notes/{note}"];
    let says = |operation: &Value, status: &str, code: &str| {
        let description = operation["responses"][status]["description"].as_str().unwrap_or_default();
        description.contains(&format!("`{code}`"))
    };
    for operation in [&board["get"], &board["post"], &note["put"], &note["delete"]] {
        assert!(says(operation, "401", "UNAUTHORIZED") && says(operation, "403", NO_MEMBER), "{operation}");
    }
    assert!(says(&board["get"], "403", "INSUFFICIENT_SCOPE"));
    assert!(!says(&board["get"], "403", "PERMISSION_DENIED"), "every member reads");
    for operation in [&board["post"], &note["put"], &note["delete"]] {
        assert!(says(operation, "403", "PERMISSION_DENIED"), "{operation}");
    }
    assert!(says(&board["post"], "400", "INVALID_TEXT") && says(&note["put"], "404", "NOTE_NOT_FOUND"));
    let names = |operation: &Value| -> Vec<String> {
        let parameters = operation["parameters"].as_array().unwrap();
        parameters.iter().map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&board["get"]), ["organization"]);
    assert_eq!(names(&note["put"]), ["note", "organization"]);
    let keys = json!({ "apiKey": ["note:read"] });
    assert!(board["get"]["security"].as_array().unwrap().contains(&keys));
    world.running.stop().await;
}
