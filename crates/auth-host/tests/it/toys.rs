//! Plugins for tests.

use std::sync::Arc;

use auth_testkit::auth_core::{
    Body, Call, Cx, Failure, Json, Key, Manifest, Plugin, PluginConfig, Preset, Problem, Registrar, User,
    async_trait,
    call::SetCookie,
    endpoint::{Tag, internal},
    get,
    model::{self, Timestamp},
    post,
    schema::CoreTable,
    schemars::JsonSchema,
    serde::{Deserialize, Serialize},
    session::{Identity, Level, Pending, SessionAuthority, SessionOutcome},
};

/// Greets, keeps a sticker on each user, and signs people in by name.
pub struct Greeter {
    pub config: GreeterConfig,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde", deny_unknown_fields)]
pub struct GreeterConfig {
    /// What it says.
    pub greeting: String,
    /// To whom it says it.
    pub names: Vec<String>,
    /// How often, at most.
    pub times: u32,
}

impl PluginConfig for GreeterConfig {
    fn preset(preset: Preset) -> Self {
        let greeting = if preset == Preset::Tessera { "Hello" } else { "Hi" };
        Self { greeting: greeting.to_owned(), names: vec!["all".to_owned()], times: 1 }
    }

    fn validate(&self) -> Vec<(String, String)> {
        if self.times > 9 { vec![("times".to_owned(), "has to be at most 9".to_owned())] } else { Vec::new() }
    }
}

auth_testkit::auth_core::columns! {
    /// A sticker on a user.
    pub struct Sticker on User {
        /// What it shows.
        picture: Option<String> => Column::text("sticker"),
        stars: i64 => Column::integer("stars").default_value(3),
    }
}

auth_testkit::auth_core::errors! {
    pub enum GreetError {
        Rude => (418, "RUDE", "That is no name"),
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde")]
pub struct Name {
    pub name: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde")]
pub struct Greeting {
    pub text: String,
}

pub const GREET: Key<Name, Greeting> = Key::new("greet");
pub const WHISPER: Key<Name, Greeting> = Key::new("whisper");
pub const ENTER: Key<Name, Greeting> = Key::new("enter");
/// As [`ENTER`], and does not say that it signs people in.
pub const SNEAK: Key<Name, Greeting> = Key::new("sneak");
pub const BREAK: Key<(), Greeting> = Key::new("break");
pub const KNOCK: Tag = Tag::new("knock");

async fn greet(cx: Cx<Greeter>, Body(input): Body<Name>) -> Result<Json<Greeting>, GreetError> {
    if input.name == "boo" {
        return Err(GreetError::Rude);
    }
    Ok(Json(Greeting { text: format!("{}, {}", cx.plugin().config.greeting, input.name) }))
}

async fn whisper(
    _: auth_testkit::auth_core::ServerOnly,
    Body(input): Body<Name>,
) -> Result<Json<Greeting>, Failure> {
    Ok(Json(Greeting { text: format!("psst, {}", input.name) }))
}

/// Makes a user and signs them in, in one commit.
async fn enter(cx: Cx<Greeter>, Body(input): Body<Name>) -> Result<Json<Greeting>, GreetError> {
    let tx = cx.begin().await?;
    let mut user = cx.users().draft(input.name.as_str(), format!("{}@example.com", input.name));
    user.set_ext(&Sticker { picture: Some("star".to_owned()), stars: 5 });
    let user = cx.users().create(&tx, user).await?;
    cx.call().commit_with(tx);
    let token = cx.issue_session(&user, None, "enter", &[])?;
    Ok(Json(Greeting { text: token }))
}

/// Panics. A test plugin may.
async fn fall(_: Cx<Greeter>) -> Result<Json<Greeting>, Failure> {
    panic!("a secret that is in the panic")
}

impl Plugin for Greeter {
    const MANIFEST: Manifest = Manifest::new("greeter", "1.2.3", "Greets");
    type Config = GreeterConfig;

    fn new(config: GreeterConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self { config })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.columns::<Sticker>();
        host.endpoint(post(GREET, "/greet", greet).tag(KNOCK).summary("Greets"));
        host.endpoint(internal(WHISPER, whisper));
        host.endpoint(post(ENTER, "/enter", enter).tag(Tag::CREDENTIAL_SIGN_IN).tag(Tag::ISSUES_SESSION));
        host.endpoint(post(SNEAK, "/sneak", enter));
        host.endpoint(get(BREAK, "/break", fall));
    }
}

/// The smallest session authority there is.
pub struct Door;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_testkit::auth_core::serde", deny_unknown_fields)]
pub struct NoConfig {}

impl PluginConfig for NoConfig {
    fn preset(_: Preset) -> Self {
        Self {}
    }
}

impl Plugin for Door {
    const MANIFEST: Manifest = Manifest::new("door", "1.0.0", "Lets people in");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.provide::<dyn SessionAuthority>(self);
    }
}

#[async_trait]
impl SessionAuthority for Door {
    async fn resolve(&self, call: &Arc<Call>, _: Level) -> Result<Option<Identity>, Failure> {
        let Some(token) = call.cookie_values("door").next() else { return Ok(None) };
        let found = call.core().sessions().find_by_token(call.core().db(), token).await?;
        Ok(found.map(|(session, user)| Identity::new(Arc::new(session), Arc::new(user), "door")))
    }

    fn draft(&self, call: &Call, user: &User, _: Option<bool>) -> model::Session {
        let core = call.core();
        let now = core.now();
        model::Session {
            id: core.new_id(),
            user_id: user.id.clone(),
            token: core.new_uuid(),
            expires_at: now.plus_seconds(60),
            created_at: now,
            updated_at: now,
            ip_address: None,
            user_agent: None,
            extra: core.schema().new_extra(CoreTable::Session),
        }
    }

    fn is_fresh(&self, _: &model::Session, _: Timestamp) -> bool {
        true
    }

    async fn committed(&self, _: &Arc<Call>, _: &Pending) -> Result<(), Failure> {
        Ok(())
    }

    fn cookie(&self, _: &Call, token: &str, _: Option<bool>) -> SetCookie {
        SetCookie::new("door", token, None)
    }

    fn render(&self, call: &Call, outcome: &SessionOutcome) -> Vec<SetCookie> {
        match outcome {
            SessionOutcome::Unchanged => Vec::new(),
            SessionOutcome::Ended => vec![SetCookie::expire("door")],
            SessionOutcome::Issued(pending) => vec![self.cookie(call, &pending.session.token, None)],
        }
    }

    async fn forget(&self, _: &auth_testkit::auth_core::Core, _: &str) {}

    async fn forget_user(&self, _: &auth_testkit::auth_core::Core, _: &str) {}
}

/// A plugin that a test writes in place.
#[macro_export]
macro_rules! toy {
    ($name:ident, $manifest:expr, |$host:ident| $body:block) => {
        struct $name;

        impl auth_testkit::auth_core::Plugin for $name {
            const MANIFEST: auth_testkit::auth_core::Manifest = $manifest;
            type Config = $crate::toys::NoConfig;

            fn new(_: $crate::toys::NoConfig) -> Result<Self, Vec<auth_testkit::auth_core::Problem>> {
                Ok(Self)
            }

            fn register(self: std::sync::Arc<Self>, $host: &mut auth_testkit::auth_core::Registrar) $body
        }
    };
}
