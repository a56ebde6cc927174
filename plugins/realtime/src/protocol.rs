//! What is said over a socket: texts of JSON.

use auth_core::{Timestamp, socket::Utf8};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The name of this protocol in `Sec-WebSocket-Protocol`.
pub(crate) const PROTOCOL: &str = "tessera.v1";

/// What a client says.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Asked {
    Subscribe { topic: String },
    Unsubscribe { topic: String },
    Ping,
}

/// What the server says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Said<'a> {
    #[serde(rename_all = "camelCase")]
    Welcome {
        socket_id: &'a str,
        /// Seconds between pings.
        heartbeat: u64,
        #[serde(flatten)]
        who: &'a Value,
    },
    Subscribed {
        topic: &'a str,
    },
    Unsubscribed {
        topic: &'a str,
    },
    Pong,
    Event {
        topic: &'a str,
        name: &'a str,
        data: &'a Value,
        at: Timestamp,
    },
    /// News may have been lost: what was read before may be old.
    Resync,
    Error {
        code: &'a str,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<&'a str>,
    },
}

impl Said<'_> {
    pub(crate) fn text(&self) -> Utf8 {
        // Values of our own always are JSON.
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

/// Why a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
}

const fn end(code: u16, reason: &'static str) -> End {
    End { code, reason }
}

impl End {
    /// The client has gone, or the application has let go.
    pub(crate) const GONE: Self = end(1000, "goodbye");
    pub(crate) const NOT_TEXT: Self = end(1003, "texts only");
    pub(crate) const TOO_FAST: Self = end(1008, "too many messages");
    pub(crate) const STOPPING: Self = end(1012, "the server stops; connect again");
    pub(crate) const TOO_SLOW: Self = end(1013, "news are read too slowly");
    pub(crate) const UNSURE: Self = end(1013, "it cannot be known whether this may go on");
    pub(crate) const SIGNED_OUT: Self = end(4401, "signed out");
    pub(crate) const SILENT: Self = end(4408, "no sign of life");
    pub(crate) const IDLE: Self = end(4408, "nothing was said");
    pub(crate) const TOO_MANY: Self = end(4429, "too many sockets");
}

#[cfg(test)]
mod tests {
    use super::{Asked, Said};

    #[test]
    fn what_clients_say_is_read_and_nothing_else() {
        let read = |text| serde_json::from_str::<Asked>(text).ok();
        assert_eq!(
            read(r#"{"type":"subscribe","topic":"session"}"#),
            Some(Asked::Subscribe { topic: "session".into() })
        );
        assert_eq!(read(r#"{"type":"ping","more":1}"#), Some(Asked::Ping));
        for bad in ["", "null", "[]", r#"{"type":"shout"}"#, r#"{"type":"subscribe"}"#] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_said_has_its_type_first() {
        assert_eq!(Said::Pong.text().as_str(), r#"{"type":"pong"}"#);
    }
}
