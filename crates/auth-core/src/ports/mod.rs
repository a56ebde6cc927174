//! What the core needs from outside, as traits: time, mail, texts to phones, caches, tokens, in-process calls,
//! organizations, second factors, other nodes and what they share, health, open sockets.

mod cache;
mod clock;
mod factors;
mod health;
mod links;
mod mail;
mod nodes;
mod organizations;
mod password;
mod shared;
mod sms;
mod sockets;
mod tokens;

pub use auth_crypto::{OsRng, Rng, SeededRng};
pub use cache::{Cache, CacheKind, CacheProvider};
pub use clock::{Clock, FrozenClock, SystemClock};
pub use factors::{FactorPolicy, SecondFactors};
pub use health::{Checked, Condition, Dependency, Health};
pub use links::{EmailLinks, LinkPurpose};
pub use mail::{Mailer, Message};
pub use nodes::{Alone, Concern, NodeMemory, Nodes, Presence, Watcher};
pub use organizations::OrganizationProperty;
pub use password::{PasswordPolicy, TOO_LONG, TOO_SHORT, Unmet, utf16_len};
pub use shared::{Claim, Shared, SharedKey, Shelf};
pub use sms::SmsSender;
pub use sockets::{Admitted, Audience, Conversation, News, SocketHost, Sockets, Topic};
pub use tokens::{TokenClaims, TokenSigner, TokenVerifier, VerifiedToken};
