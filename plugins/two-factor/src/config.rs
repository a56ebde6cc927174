//! `[plugins.two-factor]`. The comments of the fields are the reference.

use auth_core::{PluginConfig, Preset};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Second factors.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Which sign-ins ask users for their second factor: `credential` for those with a password and the
    /// like, `all` for every way to get a session that does not prove two factors itself.
    pub enforce: Enforce,
    /// Who has to have a factor. They are asked however they sign in, and set one up there if they have none.
    pub required: Required,
    /// The name in authenticator apps; the application's where it is left out.
    pub issuer: Option<String>,
    pub totp: Totp,
    pub otp: Otp,
    pub backup_codes: BackupCodes,
    pub lockout: Lockout,
    pub trusted_devices: TrustedDevices,
    /// Seconds that a sign-in waits for its second factor.
    pub challenge_expires_in: u64,
    /// Wrong codes that one sign-in may have.
    pub challenge_attempts: u32,
    /// Wrong codes that a session may have in the same time; 0 for any number.
    pub session_attempts: u32,
    /// Turning factors on and off needs a session whose user proved a short while ago who they are.
    pub fresh_session: bool,
    /// Users without a password need none to turn factors on and off.
    pub allow_passwordless: bool,
    /// Users get a letter when a factor was turned on or off.
    pub letters: bool,
    /// Whose rate limits the endpoints have.
    pub limits: Preset,
}

/// Which sign-ins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Enforce {
    Credential,
    All,
}

/// Who has to have a second factor. Other plugins may name more.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Required {
    /// Every user.
    pub everyone: bool,
    /// Users with one of these roles.
    pub roles: Vec<String>,
}

/// Codes of authenticator apps.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Totp {
    /// Users may enrol an app.
    pub enabled: bool,
    /// A code passes once. Better Auth takes it again while it is shown.
    pub single_use: bool,
}

/// Codes by mail, or by text where a plugin sends texts and the user has a verified number.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Otp {
    /// Users may ask for one.
    pub enabled: bool,
    /// Seconds.
    pub expires_in: u64,
    /// Wrong tries of one code.
    pub attempts: u32,
    /// A wrong one counts among those of the sign-in too, so that a new code gives no new tries.
    pub counts_for_challenge: bool,
}

/// Codes for who has lost the rest.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupCodes {
    /// How many a user gets.
    pub amount: u32,
    /// `sealed`, as Better Auth has them: the program can show them again. `hashed`: nobody can.
    pub storage: BackupStorage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BackupStorage {
    Sealed,
    Hashed,
}

/// An account with too many wrong codes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lockout {
    /// Whether it takes none for a while.
    pub enabled: bool,
    /// Wrong codes, over all sign-ins since the last right one.
    pub after: u32,
    /// Seconds that it takes none.
    pub seconds: u64,
    /// Each further lock without a right code between lasts twice as long, up to a day.
    pub back_off: bool,
}

/// Browsers that are not asked again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustedDevices {
    /// Users may trust a device.
    pub enabled: bool,
    /// Seconds since its last sign-in.
    pub expires_in: u64,
}

impl PluginConfig for Config {
    fn preset(preset: Preset) -> Self {
        let ours = preset == Preset::Tessera;
        Self {
            enforce: if ours { Enforce::All } else { Enforce::Credential },
            required: Required { everyone: false, roles: Vec::new() },
            issuer: None,
            totp: Totp { enabled: true, single_use: ours },
            otp: Otp { enabled: true, expires_in: 180, attempts: 5, counts_for_challenge: ours },
            backup_codes: BackupCodes {
                amount: 10,
                storage: if ours { BackupStorage::Hashed } else { BackupStorage::Sealed },
            },
            lockout: Lockout { enabled: true, after: 10, seconds: 900, back_off: ours },
            trusted_devices: TrustedDevices { enabled: true, expires_in: 30 * 86_400 },
            challenge_expires_in: 600,
            challenge_attempts: 5,
            session_attempts: if ours { 5 } else { 0 },
            fresh_session: ours,
            allow_passwordless: false,
            letters: ours,
            limits: preset,
        }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let bounds = [
            ("challenge_expires_in", self.challenge_expires_in, 30, 3600),
            ("challenge_attempts", self.challenge_attempts.into(), 1, 100),
            ("session_attempts", self.session_attempts.into(), 0, 1000),
            ("otp.expires_in", self.otp.expires_in, 30, 3600),
            ("otp.attempts", self.otp.attempts.into(), 1, 100),
            ("backup_codes.amount", self.backup_codes.amount.into(), 1, 100),
            ("lockout.after", self.lockout.after.into(), 1, 1000),
            ("lockout.seconds", self.lockout.seconds, 1, 86_400),
            ("trusted_devices.expires_in", self.trusted_devices.expires_in, 60, 400 * 86_400),
        ];
        let mut wrong: Vec<_> = bounds
            .into_iter()
            .filter(|(_, value, least, most)| !(least..=most).contains(&value))
            .map(|(key, _, least, most)| (key.to_owned(), format!("from {least} to {most}")))
            .collect();
        if !self.totp.enabled && !self.otp.enabled {
            wrong.push(("totp.enabled".to_owned(), "one of `totp` and `otp` has to be enabled".to_owned()));
        }
        wrong
    }
}
