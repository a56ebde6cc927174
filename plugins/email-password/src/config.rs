//! `[plugins.email-password]`.

use auth_core::{PluginConfig, Preset, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailPasswordConfig {
    /// Accounts can be made. Without it only those that are there can sign in.
    pub sign_up: bool,
    /// Signing up signs in.
    pub auto_sign_in: bool,
    /// Nobody signs in before the address is verified.
    pub require_email_verification: bool,
    /// Mails a verification link at sign-up. Without a value: when verification is required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_on_sign_up: Option<bool>,
    /// Mails a new verification link when an unverified user tries to sign in.
    pub send_on_sign_in: bool,
    /// Verifying an address signs in.
    pub auto_sign_in_after_verification: bool,
    /// Seconds that a verification link works.
    pub verification_expires_in: u64,
    /// Seconds that a reset link works.
    pub reset_expires_in: u64,
    /// A password that was reset or changed signs out everybody who knew the old one.
    pub revoke_sessions_on_reset: bool,
    /// Tells the owner of an address that somebody tried to sign up with it, where the answer does
    /// not tell.
    pub notify_existing_user: bool,
    /// Whose figures the rate rules of the sign-in paths have: `tessera` (5 in 15 minutes) or
    /// `better-auth` (3 in 10 seconds, letters 3 in a minute).
    pub limits: Preset,
    pub policy: PolicyConfig,
    pub lockout: LockoutConfig,
}

/// How attempts to sign in to one account wait after some that failed, from whatever addresses. A browser
/// in which somebody signed in to it before counts apart, so strangers cannot lock the owner out.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LockoutConfig {
    /// On in the preset `tessera`.
    pub enabled: bool,
    /// Failed attempts in a row before the first pause.
    pub attempts: u64,
    /// Seconds of the first pause. Each further failed attempt makes it twice as long.
    pub pause: u64,
    /// Seconds of the longest pause.
    pub longest_pause: u64,
    /// Seconds that a browser is known for after somebody signed in with it.
    pub known_device_for: u64,
}

/// What new passwords have to be like.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyConfig {
    /// `classes`: length and four kinds of characters. `nist`: length, and not one of the passwords
    /// that everybody uses. `length`: nothing else.
    pub profile: PolicyProfile,
    /// Shortest password, in UTF-16 units as browsers count.
    pub min_length: usize,
    /// Longest password.
    pub max_length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyProfile {
    Classes,
    Nist,
    Length,
}

const HOUR: u64 = 3600;

impl PluginConfig for EmailPasswordConfig {
    fn preset(preset: Preset) -> Self {
        let upstream = preset == Preset::BetterAuth;
        Self {
            sign_up: true,
            auto_sign_in: true,
            require_email_verification: false,
            send_on_sign_up: None,
            send_on_sign_in: false,
            auto_sign_in_after_verification: false,
            verification_expires_in: HOUR,
            reset_expires_in: HOUR,
            revoke_sessions_on_reset: !upstream,
            notify_existing_user: true,
            limits: preset,
            policy: PolicyConfig {
                profile: if upstream { PolicyProfile::Length } else { PolicyProfile::Classes },
                min_length: if upstream { 8 } else { 12 },
                max_length: 128,
            },
            lockout: LockoutConfig {
                enabled: !upstream,
                attempts: 5,
                pause: 60,
                longest_pause: HOUR,
                known_device_for: 180 * 24 * HOUR,
            },
        }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        if self.policy.min_length == 0 || self.policy.min_length > self.policy.max_length {
            let what = "has to be at least 1 and at most max_length".to_owned();
            wrong.push(("policy.min_length".to_owned(), what));
        }
        if self.policy.max_length > 4096 {
            let what = "has to be at most 4096: every attempt costs a hash of it".to_owned();
            wrong.push(("policy.max_length".to_owned(), what));
        }
        let lockout = &self.lockout;
        if !(1..=1000).contains(&lockout.attempts) {
            wrong.push(("lockout.attempts".to_owned(), "has to be from 1 to 1000".to_owned()));
        }
        if lockout.pause == 0 || lockout.pause > lockout.longest_pause {
            let what = "has to be at least 1 and at most longest_pause".to_owned();
            wrong.push(("lockout.pause".to_owned(), what));
        }
        if lockout.longest_pause > 12 * HOUR {
            let what = "has to be at most 12 hours: longer ones help nobody but who wants to lock people out";
            wrong.push(("lockout.longest_pause".to_owned(), what.to_owned()));
        }
        wrong
    }
}
