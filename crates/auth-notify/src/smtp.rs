//! SMTP. The protocol is lettre's; connections are kept here, because lettre's own pool keeps one
//! whose conversation was cut off by a timeout, and panics when dropped outside the runtime.

use std::{
    borrow::Cow,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::{
    message::Mailbox,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        extension::ClientId,
    },
};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::{
    config::{SmtpConfig, Tls},
    envelope::Sealed,
};

/// A mail server as the configuration names it.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Tls,
    pub(crate) credentials: Option<Credentials>,
}

impl Server {
    /// Errors are a key and what is wrong with it; they never quote an address, for it may hold the
    /// password.
    pub(crate) fn new(config: &SmtpConfig) -> Result<Self, (&'static str, String)> {
        let Some(url) = &config.url else { return Self::from_parts(config) };
        let others = [config.host.is_some(), config.port.is_some(), config.user.is_some()];
        if others.contains(&true) || config.password.is_some() || config.tls.is_some() {
            return Err(("url", "give either `url` or `host` with the others, not both".to_owned()));
        }
        Self::from_url(url.expose()).map_err(|what| ("url", what.to_owned()))
    }

    fn from_parts(config: &SmtpConfig) -> Result<Self, (&'static str, String)> {
        let host = config.host.clone().filter(|host| !host.is_empty());
        let host = host.ok_or(("host", "name the mail server, here or in `url`".to_owned()))?;
        let tls = config.tls.unwrap_or(Tls::Implicit);
        let credentials = match (&config.user, &config.password) {
            (Some(user), Some(password)) => {
                Some(Credentials::new(user.clone(), password.expose().to_owned()))
            }
            (None, None) => None,
            (Some(_), None) => return Err(("password", "`user` needs a password".to_owned())),
            (None, Some(_)) => return Err(("user", "`password` needs a user".to_owned())),
        };
        Ok(Self { host, port: config.port.unwrap_or(port(tls)), tls, credentials })
    }

    fn from_url(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "not an address like smtps://user:password@host:465")?;
        let mut tls = match url.scheme() {
            "smtps" => Tls::Implicit,
            "smtp" => Tls::Starttls,
            _ => return Err("must start with smtps:// or smtp://"),
        };
        for (key, value) in url.query_pairs() {
            tls = match (&*key, &*value) {
                ("tls", "implicit") => Tls::Implicit,
                ("tls", "starttls") => Tls::Starttls,
                ("tls", "none") => Tls::None,
                _ => return Err("the only parameter is tls, with implicit, starttls or none"),
            };
        }
        let host = match url.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => return Err("names no host"),
        };
        let decode = |text: &str| percent_decode_str(text).decode_utf8().map(Cow::into_owned);
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) | (_, None) => return Err("needs user and password, or neither"),
            (user, Some(password)) => {
                let wrong = |_| "user and password must be percent-encoded UTF-8";
                Some(Credentials::new(decode(user).map_err(wrong)?, decode(password).map_err(wrong)?))
            }
        };
        Ok(Self { host, port: url.port().unwrap_or(port(tls)), tls, credentials })
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

fn port(tls: Tls) -> u16 {
    match tls {
        Tls::Implicit => 465,
        Tls::Starttls => 587,
        Tls::None => 25,
    }
}

/// Why a letter was not delivered.
pub(crate) struct Refusal {
    /// Trying again cannot help.
    pub(crate) permanent: bool,
    /// The mail server itself is in trouble, whatever the letter.
    pub(crate) away: bool,
    /// Without the server's own words, which may quote the letter.
    pub(crate) reason: String,
}

/// How long things may take.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) connect: Duration,
    /// All of an attempt.
    pub(crate) whole: Duration,
}

pub(crate) struct Smtp {
    server: Server,
    tls: Option<TlsParameters>,
    hello: ClientId,
    pub(crate) from: Mailbox,
    limits: Limits,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

impl Smtp {
    pub(crate) fn new(server: Server, from: Mailbox, limits: Limits) -> Result<Self, Error> {
        let tls = match server.tls {
            Tls::None => None,
            Tls::Implicit | Tls::Starttls => Some(TlsParameters::new(server.host.clone())?),
        };
        let hello = ClientId::Domain(from.email.domain().to_owned());
        Ok(Self { server, tls, hello, from, limits, idle: Mutex::default() })
    }

    /// One attempt. With `more` letters waiting the connection is kept for them.
    pub(crate) async fn deliver(&self, letter: &Sealed, more: bool) -> Result<(), Refusal> {
        tokio::time::timeout(self.limits.whole, self.attempt(letter, more))
            .await
            .unwrap_or_else(|_| Err(too_long()))
    }

    async fn attempt(&self, letter: &Sealed, more: bool) -> Result<(), Refusal> {
        // A wrong password fails every letter alike, so it must not cost any of them.
        let connecting = tokio::time::timeout(self.limits.connect, self.connection()).await;
        let mut connection = connecting.map_err(|_| too_long())?.map_err(|error| Refusal {
            permanent: false,
            away: true,
            ..refusal(&error)
        })?;
        connection.send(&letter.envelope, &letter.bytes).await.map_err(|error| refusal(&error))?;
        if more {
            self.idle().push(connection);
        } else {
            let idle = std::mem::take(&mut *self.idle());
            // The letter is delivered: whatever happens from here on must not repeat it.
            tokio::spawn(tokio::time::timeout(self.limits.whole, async move {
                for mut connection in idle.into_iter().chain([connection]) {
                    connection.abort().await;
                }
            }));
        }
        Ok(())
    }

    async fn connection(&self) -> Result<AsyncSmtpConnection, Error> {
        loop {
            let Some(mut kept) = self.idle().pop() else { break };
            if kept.test_connected().await {
                return Ok(kept);
            }
        }
        let server = (self.server.host.as_str(), self.server.port);
        let wrapper = if self.server.tls == Tls::Implicit { self.tls.clone() } else { None };
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(self.limits.connect),
            &self.hello,
            wrapper,
            None,
        )
        .await?;
        if self.server.tls == Tls::Starttls
            && let Some(tls) = &self.tls
        {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.server.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<AsyncSmtpConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_long() -> Refusal {
    Refusal { permanent: false, away: true, reason: "the server took too long".to_owned() }
}

fn refusal(error: &Error) -> Refusal {
    let reason = match error.status() {
        Some(code) => format!("the server answered {code}"),
        None if error.is_response() => "the server's answer makes no sense".to_owned(),
        None => error.to_string(),
    };
    // 421 closes the connection; other codes are about the letter, and show that somebody is there.
    let away = error.status().is_none_or(|code| u16::from(code) == 421);
    Refusal { permanent: error.is_permanent(), away, reason }
}
