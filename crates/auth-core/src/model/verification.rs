use super::Timestamp;

/// Something short-lived that can be redeemed once.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    pub id: String,
    /// The purpose and the secret, `reset-password:<token>`.
    pub identifier: String,
    pub value: String,
    pub expires_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
