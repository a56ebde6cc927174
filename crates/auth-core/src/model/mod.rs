//! The rows of the core tables.

mod account;
mod extra;
mod session;
mod timestamp;
mod user;
mod verification;

pub use account::{Account, AccountPatch, CREDENTIAL};
pub use extra::{Extra, FieldValue, FromField};
pub use session::{Session, SessionPatch};
pub use timestamp::Timestamp;
pub use user::{User, UserPatch};
pub use verification::Verification;
