//! Sign-up and sign-in with e-mail and password, verification of addresses, reset and change of
//! passwords.

mod config;
mod deny_list;
pub mod endpoints;
mod links;
mod lockout;
mod policy;

use std::{sync::Arc, time::Duration};

use auth_core::{
    Manifest, Plugin, Preset, Problem, Registrar,
    endpoint::{Tag, internal},
    get,
    http::Method,
    lockout::Lockout,
    ports::{EmailLinks, PasswordPolicy},
    post,
    rate::{KeyPart, Limit, RateRule},
};

pub use config::{EmailPasswordConfig, LockoutConfig, PolicyConfig, PolicyProfile};

pub struct EmailPassword {
    config: EmailPasswordConfig,
    lockout: Option<Lockout>,
}

impl Plugin for EmailPassword {
    const MANIFEST: Manifest = Manifest::new(
        "email-password",
        env!("CARGO_PKG_VERSION"),
        "Sign-up and sign-in with e-mail and password, verification, reset",
    )
    .requires(&["session"]);
    type Config = EmailPasswordConfig;

    fn new(config: EmailPasswordConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self { lockout: lockout::policy(&config.lockout), config })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        use endpoints::{
            change_password, request_reset, reset_callback, reset_password, send_verification, set_password,
            sign_in, sign_up, verify_email, verify_password,
        };
        host.endpoint(
            post(sign_up::SIGN_UP, "/sign-up/email", sign_up::sign_up)
                .alias(Method::POST, "/register")
                .tag(Tag::SIGN_UP)
                .tag(Tag::ISSUES_SESSION)
                .tag(Tag::FORM_LOGIN)
                .accepts_forms()
                .summary("Makes an account and signs it in"),
        );
        host.endpoint(
            post(sign_in::SIGN_IN, "/sign-in/email", sign_in::sign_in)
                .alias(Method::POST, "/login")
                .tag(Tag::CREDENTIAL_SIGN_IN)
                .tag(Tag::ISSUES_SESSION)
                .tag(Tag::FORM_LOGIN)
                .accepts_forms()
                .summary("Signs in with e-mail and password"),
        );
        host.endpoint(
            post(
                send_verification::SEND_VERIFICATION,
                "/send-verification-email",
                send_verification::send_verification,
            )
            .tag(Tag::VERIFICATION)
            .summary("Mails a link that verifies an address"),
        );
        host.endpoint(
            get(verify_email::VERIFY_EMAIL, "/verify-email", verify_email::verify_email)
                .tag(Tag::VERIFICATION)
                .tag(Tag::ISSUES_SESSION)
                .summary("Redeems a mailed link"),
        );
        host.endpoint(
            post(request_reset::REQUEST_RESET, "/request-password-reset", request_reset::request_reset)
                .tag(Tag::PASSWORD)
                .summary("Mails a link to set a new password"),
        );
        host.endpoint(
            get(reset_callback::RESET_CALLBACK, "/reset-password/:token", reset_callback::reset_callback)
                .tag(Tag::PASSWORD)
                .summary("Leads from the mailed link to the page that asks for the new password"),
        );
        host.endpoint(
            post(reset_password::RESET_PASSWORD, "/reset-password", reset_password::reset_password)
                .tag(Tag::PASSWORD)
                .summary("Sets a new password with a mailed token"),
        );
        host.endpoint(
            post(change_password::CHANGE_PASSWORD, "/change-password", change_password::change_password)
                .tag(Tag::PASSWORD)
                .tag(Tag::ISSUES_SESSION)
                .summary("Changes the password of the user who is signed in"),
        );
        host.endpoint(
            post(verify_password::VERIFY_PASSWORD, "/verify-password", verify_password::verify_password)
                .tag(Tag::PASSWORD)
                .summary("Asks for the password once more"),
        );
        host.endpoint(
            internal(set_password::SET_PASSWORD, set_password::set_password)
                .tag(Tag::PASSWORD)
                .summary("Gives a password to a user who has none"),
        );
        self.rates(host);
        if let Some(lockout) = self.lockout {
            lockout::register(lockout, host);
        }
        host.mail("verify-email", "Proves an address: url, token");
        host.mail("reset-password", "Sets a new password: url, token");
        host.mail(
            "change-email-confirmation",
            "The present address agrees to a change: url, token, newEmail",
        );
        host.mail("existing-user-sign-up", "Somebody tried to sign up with an address that has an account");
        host.provide::<dyn PasswordPolicy>(Arc::new(policy::Policy::new(&self.config)));
        host.provide::<dyn EmailLinks>(Arc::new(links::Links::new(&self.config)));
    }
}

impl EmailPassword {
    fn rates(&self, host: &mut Registrar) {
        match self.config.limits {
            Preset::BetterAuth => upstream_rates(host),
            Preset::Tessera => own_rates(host),
        }
    }
}

fn upstream_rates(host: &mut Registrar) {
    let (guess, letter) = (Limit::new(3, Duration::from_secs(10)), Limit::new(3, MINUTE));
    for prefix in ["/sign-in", "/change-password", "/change-email", "/sign-up"] {
        host.rate(RateRule::prefix(prefix, guess).general());
    }
    for path in ["/request-password-reset", "/send-verification-email"] {
        host.rate(RateRule::exact(path, letter));
    }
    host.rate(RateRule::prefix("/forget-password", letter).general());
}

/// Upstream has windows of seconds; ours stop a guesser for a quarter of an hour. Sign-in keeps the
/// general rule too, and has a budget for an address that tries many accounts.
fn own_rates(host: &mut Registrar) {
    let (guess, letter) = (Limit::new(5, QUARTER), Limit::new(5, QUARTER));
    for path in ["/change-password", "/change-email"] {
        host.rate(RateRule::prefix(path, guess).general());
    }
    host.rate(RateRule::exact("/verify-password", guess));
    for path in ["/request-password-reset", "/send-verification-email"] {
        host.rate(RateRule::exact(path, letter));
    }
    host.rate(RateRule::prefix("/forget-password", letter).general());
    // Whoever has got hold of a session does not guess its password from many addresses.
    for path in ["/change-password", "/verify-password"] {
        host.rate(RateRule::exact(path, Limit::sliding(5, QUARTER)).beside("password", &[KeyPart::Session]));
    }
    let sign_in = Limit::sliding(5, QUARTER);
    let address = Limit::sliding(50, QUARTER);
    for path in ["/sign-in", "/login"] {
        host.rate(RateRule::prefix(path, sign_in).beside("sign-in", &[KeyPart::Ip, KeyPart::Account]));
        host.rate(RateRule::prefix(path, address).beside("sign-in-address", &[KeyPart::Ip]));
    }
    // Whoever asks: one person gets so many letters.
    let letters = Limit::sliding(10, HOUR);
    for path in [
        "/request-password-reset",
        "/send-verification-email",
        "/sign-up",
        "/register",
        "/forget-password",
        "/change-email",
    ] {
        host.rate(RateRule::prefix(path, letters).beside("letters", &[KeyPart::Account]));
    }
}

const MINUTE: Duration = Duration::from_mins(1);
const QUARTER: Duration = Duration::from_mins(15);
const HOUR: Duration = Duration::from_hours(1);

auth_core::plugin!(EmailPassword);
