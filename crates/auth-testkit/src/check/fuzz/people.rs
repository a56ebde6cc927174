//! Who sends: nobody, somebody with a session, and those whose papers are not in order.

use auth_core::{User, crypto::decode_component, endpoint::SessionNeed, session::SessionAuthority};
use serde_json::{Value, json};

use super::{
    example::{Known, SECRET},
    send::Received,
};
use crate::{Actor, TestApp};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// With the cookies of a session.
    Signed,
    Anonymous,
    /// With the session's token in `Authorization`, and no cookie.
    Bearer,
    /// With cookies and headers that nobody gave out.
    Forged,
}

impl Who {
    pub(super) const ALL: [Self; 4] = [Self::Signed, Self::Anonymous, Self::Bearer, Self::Forged];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Signed => "signed in",
            Self::Anonymous => "anonymous",
            Self::Bearer => "with a bearer token",
            Self::Forged => "with forged credentials",
        }
    }

    /// Whether single fields are tried by them: where it matters who they are, and they are let in.
    pub(super) fn tries_fields(self, session: SessionNeed) -> bool {
        match self {
            Self::Anonymous => session <= SessionNeed::Optional,
            Self::Signed => session != SessionNeed::None,
            Self::Bearer | Self::Forged => false,
        }
    }
}

/// The senders on one host, and what they have heard.
pub(super) struct People {
    pub(super) app: TestApp,
    pub(super) known: Known,
    /// Where a plugin keeps sessions.
    somebody: Option<Actor>,
    users: usize,
    letters: usize,
}

impl People {
    pub(super) async fn new(app: TestApp) -> Self {
        let mut people = Self { app, known: Known::default(), somebody: None, users: 0, letters: 0 };
        people.known.secrets.push(SECRET.to_owned());
        people.known.learn(&json!({ "name": "Somebody", "email": "somebody@example.com" }));
        people.sign_in(None).await;
        people
    }

    /// A new session of a user, who is made where there is none.
    async fn sign_in(&mut self, user: Option<User>) {
        if self.app.core().services().get::<dyn SessionAuthority>().is_none() {
            return;
        }
        let actor = if let Some(user) = user {
            self.app.signed_in(&user).await
        } else {
            self.users += 1;
            self.app.user(&format!("somebody{}", self.users)).await
        };
        let (id, token) = (actor.user().id.clone(), actor.token().to_owned());
        self.known.secrets.push(token);
        self.known.learn(&json!({ "userId": id, "email": actor.user().email }));
        self.somebody = Some(actor.unnoted());
    }

    pub(super) fn actor(&self, who: Who) -> Option<Actor> {
        let anybody = self.app.anon().unnoted();
        let core = self.app.core();
        match who {
            Who::Anonymous => Some(anybody),
            Who::Signed => Some(self.somebody.clone().unwrap_or(anybody)),
            Who::Bearer => {
                let token =
                    decode_component(&core.signer().sign(self.somebody.as_ref()?.token())).into_owned();
                Some(anybody.header("origin", "").header("authorization", &format!("Bearer {token}")))
            }
            Who::Forged => {
                let mut forger =
                    anybody.header("authorization", "Bearer x.y.z").header("x-api-key", "forged");
                let cookies = &core.settings().cookies;
                for name in ["session_token", "session_data"] {
                    forger.set_cookie(&cookies.name(name), "forged.%00%ff==");
                }
                Some(forger)
            }
        }
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.known.secrets.iter().map(String::as_str)
    }

    /// Hears an answer. Whatever was done may have ended the session, or the user.
    pub(super) async fn after(&mut self, received: Received, learn: bool) {
        if received.status >= 400 {
            return;
        }
        if learn {
            self.known.learn(&received.body);
            let letters = self.app.mailbox().all();
            for letter in letters.iter().skip(self.letters) {
                self.known.learn(&Value::Object(letter.data.clone()));
            }
            self.letters = letters.len();
        }
        if let Some(actor) = &self.somebody {
            let user = self.app.stored_user(&actor.user().id.clone()).await;
            self.sign_in(user).await;
        }
    }
}
