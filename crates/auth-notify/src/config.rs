//! The `[mail]` section.

use std::path::PathBuf;

use auth_core::{PluginConfig, Preset};
use lettre::message::Mailbox;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{credential::Credential, smtp::Server};

/// How letters are written and sent.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NotifyConfig {
    /// Where letters go.
    pub transport: Transport,
    /// The file of `transport = "file"`; `none` throws letters away.
    pub outbox: Option<PathBuf>,
    /// The sender: `Name <address>` or an address. Needed for SMTP.
    pub from: Option<String>,
    /// A directory with templates of your own: `<kind>.txt` (first line `Subject: …`),
    /// `<kind>.html` and `layout.html` replace the built-in ones of the same name.
    pub templates: Option<PathBuf>,
    /// Milliseconds that one attempt to deliver a letter may take.
    pub timeout_ms: u64,
    /// Of these, milliseconds until the mail server has greeted and knows who is there.
    pub connect_timeout_ms: u64,
    /// Letters that may wait for delivery. When it is full, further ones are refused with 503.
    pub queue: u32,
    /// Connections to the mail server at the same time.
    pub connections: u32,
    /// How often a letter is tried before it is given up. What is tried to find out whether the mail
    /// server is back does not count.
    pub attempts: u32,
    /// Milliseconds that a letter waits for a mail server that is away before it is given up. Links in
    /// letters end after an hour.
    pub wait_max_ms: u64,
    /// Milliseconds before the second attempt; doubled for each further one, shortened at random
    /// by up to a half.
    pub backoff_ms: u64,
    /// The longest wait between two attempts, in milliseconds.
    pub backoff_max_ms: u64,
    /// Letters that one address gets within `recipient_window`; further ones are dropped without a
    /// visible difference. Counted by each node for itself. 0 switches it off.
    pub max_per_recipient: u32,
    /// Seconds over which `max_per_recipient` counts.
    pub recipient_window: u64,
    /// The mail server of `transport = "smtp"`.
    pub smtp: SmtpConfig,
}

/// Where letters go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Standard output, readable. For development: letters carry secrets.
    #[default]
    Console,
    /// One JSON object a line appended to `outbox`. For tests and for a mailer of your own.
    File,
    /// A mail server.
    Smtp,
}

/// A mail server: either `url`, or `host` with the others.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpConfig {
    /// `smtps://user:password@host:465` (TLS from the start) or `smtp://user:password@host:587`
    /// (STARTTLS, required); `?tls=none` for a relay on the same machine. User and password are
    /// percent-encoded.
    pub url: Option<Credential>,
    /// Name or address of the server.
    pub host: Option<String>,
    /// 465 for `implicit`, 587 for `starttls`, 25 for `none`.
    pub port: Option<u16>,
    /// User to sign in as.
    pub user: Option<String>,
    /// Password of `user`.
    pub password: Option<Credential>,
    /// Encryption of the connection; `implicit` where nothing else is said.
    pub tls: Option<Tls>,
}

/// Encryption of the connection to the mail server. There is no opportunistic kind: whoever can
/// read the traffic could switch it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// TLS from the first byte.
    Implicit,
    /// An upgrade to TLS before anything is said, or no delivery.
    Starttls,
    /// Plain text.
    None,
}

impl Default for NotifyConfig {
    fn default() -> Self {
        Self {
            transport: Transport::Console,
            outbox: None,
            from: None,
            templates: None,
            timeout_ms: 15_000,
            connect_timeout_ms: 5_000,
            queue: 1_000,
            connections: 4,
            attempts: 6,
            wait_max_ms: 3_600_000,
            backoff_ms: 1_000,
            backoff_max_ms: 60_000,
            max_per_recipient: 10,
            recipient_window: 3_600,
            smtp: SmtpConfig::default(),
        }
    }
}

impl PluginConfig for NotifyConfig {
    fn preset(preset: Preset) -> Self {
        let defaults = Self::default();
        match preset {
            Preset::Tessera => defaults,
            Preset::BetterAuth => Self { max_per_recipient: 0, ..defaults },
        }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        let mut say = |key: &str, what: &str| wrong.push((key.to_owned(), what.to_owned()));
        let counts = [("queue", self.queue), ("connections", self.connections), ("attempts", self.attempts)];
        for (key, value) in counts {
            if value == 0 {
                say(key, "must be at least 1");
            }
        }
        for (key, value) in [("timeout_ms", self.timeout_ms), ("connect_timeout_ms", self.connect_timeout_ms)]
        {
            if value == 0 {
                say(key, "must be at least 1");
            }
        }
        if self.backoff_max_ms < self.backoff_ms {
            say("backoff_max_ms", "must not be less than backoff_ms");
        }
        if self.max_per_recipient > 0 && self.recipient_window == 0 {
            say("recipient_window", "must be at least 1 second");
        }
        if self.transport == Transport::File && self.outbox.is_none() {
            say("outbox", "name the file that letters are appended to, or `none`");
        }
        if self.transport == Transport::Smtp {
            if let Err(what) = self.sender() {
                say("from", &what);
            }
            if let Err((key, what)) = Server::new(&self.smtp) {
                say(&format!("smtp.{key}"), &what);
            }
        }
        wrong
    }
}

impl NotifyConfig {
    pub(crate) fn sender(&self) -> Result<Mailbox, String> {
        let from = self.from.as_deref().ok_or("SMTP needs a sender: \"Name <address>\"")?;
        from.parse().map_err(|error| format!("not \"Name <address>\": {error}"))
    }
}

/// What `doctor` should tell about a section that is valid. `https` says that the server's own
/// address is, which means that people use it.
#[must_use]
pub fn warnings(config: &NotifyConfig, https: bool) -> Vec<String> {
    let mut warnings = Vec::new();
    match config.transport {
        Transport::Console if https => warnings.push(
            "mail.transport is \"console\": letters, with the secrets in them, go to standard output and \
             reach nobody; use \"smtp\""
                .to_owned(),
        ),
        Transport::File if https => warnings
            .push("mail.transport is \"file\": letters reach nobody unless something sends them".to_owned()),
        Transport::Smtp => {
            if let Ok(server) = Server::new(&config.smtp)
                && server.tls == Tls::None
                && !server.is_loopback()
            {
                warnings.push(
                    "mail.smtp.tls is \"none\" and the mail server is another machine: letters and the \
                     password are readable on the way"
                        .to_owned(),
                );
            }
        }
        _ => {}
    }
    warnings
}
