//! Second factors: codes of authenticator apps, codes by mail or text, backup codes, trusted devices.
//!
//! Who signs in and has a factor gets a challenge in the place of a session, see `gate`; a right code gives
//! the session, see `answer`. In a session a right code is one more proof, which whatever needs a recent one
//! finds there.

mod answer;
mod backup;
mod challenge;
mod config;
mod cookies;
mod devices;
pub mod endpoints;
mod error;
mod factor;
mod gate;
mod otp;
mod owner;
mod qr;
mod schema;
mod service;
mod switch;
mod totp;

use std::{sync::Arc, time::Duration};

use auth_core::{
    Core, Manifest, Match, Phase, Plugin, Preset, Problem, Registrar,
    endpoint::Tag,
    ports::SecondFactors,
    rate::{Limit, RateRule},
};

pub use config::{BackupCodes, BackupStorage, Config, Enforce, Lockout, Otp, Required, Totp, TrustedDevices};

pub struct TwoFactor {
    config: Config,
}

impl Plugin for TwoFactor {
    const MANIFEST: Manifest = Manifest::new(
        "two-factor",
        env!("CARGO_PKG_VERSION"),
        "A second proof at sign-in: authenticator apps, codes by mail, backup codes, trusted devices",
    )
    .requires(&["session"]);
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        Ok(Self { config })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.columns::<schema::Enabled>();
        host.table(schema::factors());
        host.table(schema::challenges());
        host.table(schema::devices());
        host.endpoint(endpoints::enable::endpoint());
        host.endpoint(endpoints::disable::endpoint());
        host.endpoint(endpoints::totp_uri::endpoint());
        host.endpoint(endpoints::qr::endpoint());
        host.endpoint(endpoints::verify_totp::endpoint());
        host.endpoint(endpoints::send_otp::endpoint());
        host.endpoint(endpoints::verify_otp::endpoint());
        host.endpoint(endpoints::verify_backup_code::endpoint());
        host.endpoint(endpoints::generate_backup_codes::endpoint());
        host.endpoint(endpoints::generate_totp::endpoint());
        host.endpoint(endpoints::view_backup_codes::endpoint());
        if self.config.trusted_devices.enabled {
            host.endpoint(endpoints::devices::endpoint());
            host.endpoint(endpoints::forget_device::endpoint());
            host.endpoint(endpoints::forget_devices::endpoint());
        }
        self.rates(host);
        host.mail(otp::MAIL, "A code for signing in: otp");
        if self.config.letters {
            host.mail(switch::MAIL_ON, "A second factor was turned on: news");
            host.mail(switch::MAIL_OFF, "A second factor was turned off: news");
        }
        host.mail(switch::MAIL_RESET, "An administrator took the second factor away: news");
        host.database_hook(service::PasswordChanged);
        host.task(service::Sweep);
        host.provide::<dyn SecondFactors>(Arc::new(service::Factors));
        host.after(Phase::Challenge, Match::Tag(Tag::ISSUES_SESSION), gate::Gate(self));
    }
}

impl TwoFactor {
    /// Upstream has a window of seconds; ours stops a guesser for a quarter of an hour.
    fn rates(&self, host: &mut Registrar) {
        if self.config.limits == Preset::BetterAuth {
            host.rate(RateRule::prefix("/two-factor", Limit::new(3, Duration::from_secs(10))));
            return;
        }
        host.rate(RateRule::prefix("/two-factor/verify-", Limit::new(20, Duration::from_secs(900))));
        host.rate(RateRule::exact("/two-factor/send-otp", Limit::new(5, Duration::from_secs(900))));
    }

    /// The name in authenticator apps.
    fn issuer<'i>(&'i self, core: &'i Core, asked: Option<&'i str>) -> &'i str {
        let asked = asked.filter(|name| !name.is_empty());
        asked.or(self.config.issuer.as_deref()).unwrap_or(&core.settings().app_name)
    }
}

auth_core::plugin!(TwoFactor);
