//! A plugin with an endpoint for everything that the edge has to carry, and a session authority
//! whose cookies are names: `who=ada` signs Ada in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_core::{
    Call, Failure, Json, Manifest, Params, Plugin, Problem, Registrar, Session, User, async_trait,
    call::SetCookie,
    config::NoConfig,
    endpoint::{Body, Html, Key, Redirect},
    get,
    model::{self, Timestamp},
    post,
    schema::CoreTable,
    schemars::JsonSchema,
    session::{Claim, Identity, Level, Pending, SessionAuthority, SessionOutcome, SessionSource},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(crate = "auth_core::schemars")]
pub(crate) struct Said {
    pub(crate) text: String,
}

#[derive(Default)]
pub(crate) struct Toy {
    pub(crate) lookups: Arc<AtomicUsize>,
}

impl Plugin for Toy {
    const MANIFEST: Manifest = Manifest::new("toy", "0.1.0", "For tests of the edge");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self::default())
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.provide::<dyn SessionAuthority>(Arc::new(Names { lookups: self.lookups.clone() }));
        host.endpoint(get(Key::<(), Said>::new("hi"), "/hi", hi).at_root("/.well-known/hi"));
        host.endpoint(get(Key::<(), Said>::new("big"), "/big", big));
        host.endpoint(get(Key::<(), Said>::new("big-secret"), "/big-secret", big).no_store());
        host.endpoint(get(Key::<(), Said>::new("whence"), "/whence", whence));
        host.endpoint(get(Key::<(), Said>::new("panic"), "/panic", panics));
        host.endpoint(get(Key::<(), Said>::new("slow"), "/slow", slow));
        host.endpoint(get(Key::<(), ()>::new("page"), "/page", page));
        host.endpoint(get(Key::<(), ()>::new("away"), "/away", away));
        host.endpoint(get(Key::<(), Said>::new("me"), "/me", me));
        host.endpoint(get(Key::<(), Said>::new("item"), "/item/:name", item));
        host.endpoint(post(Key::<Said, Said>::new("echo"), "/echo", echo));
    }
}

type Answer = Result<Json<Said>, Failure>;

#[allow(clippy::unnecessary_wraps, reason = "it is what every handler ends with")]
fn say(text: impl Into<String>) -> Answer {
    Ok(Json(Said { text: text.into() }))
}

async fn hi() -> Answer {
    say("hi")
}

async fn big() -> Answer {
    say("x".repeat(4000))
}

async fn whence(call: Arc<Call>) -> Answer {
    say(call.ip().unwrap_or("nowhere"))
}

async fn panics() -> Answer {
    panic!("the cellar is flooded")
}

async fn slow() -> Answer {
    tokio::time::sleep(Duration::from_millis(300)).await;
    say("at last")
}

async fn page(call: Arc<Call>) -> Result<Html, Failure> {
    Ok(Html(format!("<script nonce=\"{}\"></script>", call.page_nonce().unwrap_or("none"))))
}

async fn away() -> Result<Redirect, Failure> {
    Ok(Redirect("/elsewhere".to_owned()))
}

async fn me(session: Session) -> Answer {
    say(session.user.name.as_str())
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "auth_core::schemars")]
struct Item {
    name: String,
}

async fn item(Params(item): Params<Item>) -> Answer {
    say(item.name)
}

async fn echo(Body(said): Body<Said>) -> Answer {
    Ok(Json(said))
}

struct Names {
    lookups: Arc<AtomicUsize>,
}

/// Somebody, as their name says: `old` has signed in long ago.
pub(crate) fn somebody(call: &Call, name: &str, method: &'static str) -> Identity {
    let core = call.core();
    let user = User { id: name.to_owned(), ..core.users().draft(name, format!("{name}@example.com")) };
    let age = Duration::from_secs(if name == "old" { 86_400 } else { 0 });
    let at = core.now().minus(age);
    let session = model::Session {
        id: "1".into(),
        user_id: user.id.clone(),
        token: "t".into(),
        expires_at: core.now().plus_seconds(60),
        created_at: at,
        updated_at: at,
        ip_address: None,
        user_agent: None,
        extra: core.schema().new_extra(CoreTable::Session),
    };
    Identity::new(Arc::new(session), Arc::new(user), method)
}

#[async_trait]
impl SessionAuthority for Names {
    async fn resolve(&self, call: &Arc<Call>, level: Level) -> Result<Option<Identity>, Failure> {
        self.lookups.fetch_add(1, Ordering::Relaxed);
        call.set_cookie(SetCookie::new("seen", format!("{level:?}"), None));
        for source in call.core().services().slot::<dyn SessionSource>() {
            match source.find(call, level).await? {
                None => {}
                Some(Claim::Identity(identity)) => return Ok(Some(identity)),
                Some(Claim::Token { token, method }) => return Ok(Some(somebody(call, &token, method))),
            }
        }
        let Some(name) = call.cookie_values("who").next() else { return Ok(None) };
        if name == "broken" {
            return Err(Failure::unavailable("the store is away: secret detail", 5));
        }
        Ok(Some(somebody(call, name, "cookie")))
    }

    fn draft(&self, _: &Call, _: &User, _: Option<bool>) -> model::Session {
        unreachable!("nobody signs in here")
    }

    fn is_fresh(&self, session: &model::Session, now: Timestamp) -> bool {
        now.since(session.created_at) < Duration::from_mins(1)
    }

    async fn committed(&self, _: &Arc<Call>, _: &Pending) -> Result<(), Failure> {
        Ok(())
    }

    fn cookie(&self, _: &Call, _: &str, _: Option<bool>) -> SetCookie {
        unreachable!("nobody signs in here")
    }

    fn render(&self, _: &Call, _: &SessionOutcome) -> Vec<SetCookie> {
        Vec::new()
    }

    async fn forget(&self, _: &auth_core::Core, _: &str) {}

    async fn forget_user(&self, _: &auth_core::Core, _: &str) {}
}
