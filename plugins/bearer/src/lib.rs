//! Bearer: the session token in the `Authorization` header, for clients without cookies.
//!
//! A client finds the token in `set-auth-token` whenever an answer gives it a session, and sends it
//! back as `Authorization: Bearer`. It is the same session as the cookie's.
//!
//! Where `refresh` is on, a client can turn its session into a *paired* one: with an access token
//! that ends soon, and a refresh token that is redeemed once for the next two.

mod config;
pub mod endpoints;
mod expose;
mod pair;
mod refresh_token;
mod source;

use std::{sync::Arc, time::Duration};

use auth_core::{
    Manifest, Match, Phase, Plugin, Problem, Registrar,
    endpoint::Tag,
    post,
    rate::{Limit, RateRule},
    session::{SessionRule, SessionSource},
};

pub use config::{BearerConfig, ClientPolicy};
pub use pair::TokenPair;

/// How a caller that sends the token proves who they are.
const METHOD: &str = "bearer";

pub struct Bearer {
    config: BearerConfig,
}

impl Plugin for Bearer {
    const MANIFEST: Manifest =
        Manifest::new("bearer", env!("CARGO_PKG_VERSION"), "The session token in the Authorization header")
            .requires(&["session"]);
    type Config = BearerConfig;

    fn new(config: BearerConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self { config })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.after(Phase::Finish, Match::All, expose::SetAuthToken);
        if self.config.refresh {
            host.alarm("token.reused", 90);
            refreshing(host);
        }
        host.contribute::<dyn SessionSource>(self);
    }
}

fn refreshing(host: &mut Registrar) {
    use endpoints::{pair, refresh};
    host.columns::<crate::pair::Paired>();
    host.contribute::<dyn SessionRule>(Arc::new(crate::pair::AccessTokens));
    host.endpoint(
        post(pair::PAIR_TOKENS, "/token/pair", pair::pair_tokens)
            .tag(Tag::SESSION)
            .summary("Gives the session a short access token and a refresh token")
            .no_store(),
    );
    host.endpoint(
        post(refresh::REFRESH_TOKENS, "/token/refresh", refresh::refresh_tokens)
            .tag(Tag::SESSION)
            .summary("Redeems a refresh token for the next pair")
            .no_store(),
    );
    // Nobody guesses a token; this bounds what one address can make the database do.
    host.rate(RateRule::exact("/token/refresh", Limit::new(60, Duration::from_secs(60))));
}

auth_core::plugin!(Bearer);
