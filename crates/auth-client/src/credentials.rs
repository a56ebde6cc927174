//! How a client says who it is.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{BoxError, cookies::Jar};

/// Where the server hands over a session's token.
const TOKEN: &str = "set-auth-token";
const KEY: HeaderName = HeaderName::from_static("x-api-key");

pub(crate) enum Credentials {
    /// As a browser does.
    Cookies(Mutex<Jar>),
    /// The session's token; a new one is taken from answers.
    Bearer(Mutex<Option<SecretString>>),
    Key(SecretString),
}

impl Credentials {
    pub(crate) fn write(&self, url: &Url, headers: &mut HeaderMap) -> Result<(), BoxError> {
        match self {
            Self::Cookies(jar) => {
                let jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(pairs) = jar.header(url, Instant::now()) {
                    headers.insert(header::COOKIE, secret(&pairs)?);
                }
                // Cookies need it: the server asks where a request comes from.
                headers.insert(header::ORIGIN, HeaderValue::try_from(url.origin().ascii_serialization())?);
            }
            Self::Bearer(token) => {
                let token = token.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(token) = &*token {
                    let value = secret(&format!("Bearer {}", token.expose_secret()))?;
                    headers.insert(header::AUTHORIZATION, value);
                }
            }
            Self::Key(key) => {
                headers.insert(KEY, secret(key.expose_secret())?);
            }
        }
        Ok(())
    }

    pub(crate) fn read(&self, headers: &HeaderMap) {
        match self {
            Self::Cookies(jar) => {
                jar.lock().unwrap_or_else(PoisonError::into_inner).store(headers, Instant::now());
            }
            Self::Bearer(token) => {
                let new = headers.get(TOKEN).and_then(|token| token.to_str().ok()).filter(|t| !t.is_empty());
                if let Some(new) = new {
                    *token.lock().unwrap_or_else(PoisonError::into_inner) = Some(new.into());
                }
            }
            Self::Key(_) => {}
        }
    }

    pub(crate) fn bearer(&self) -> Option<SecretString> {
        match self {
            Self::Bearer(token) => token.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Self::Cookies(_) | Self::Key(_) => None,
        }
    }
}

fn secret(text: &str) -> Result<HeaderValue, BoxError> {
    // The error must not show it.
    let mut value = HeaderValue::try_from(text).map_err(|_| "a credential has letters that no header has")?;
    value.set_sensitive(true);
    Ok(value)
}
