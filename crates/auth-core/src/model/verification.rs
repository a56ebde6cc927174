use super::Timestamp;

/// Something short-lived that can be redeemed once.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// Of the row; it is no secret and opens nothing.
    pub id: String,
    /// The purpose and the secret, `reset-password:<token>`.
    pub identifier: String,
    /// What whoever redeems it gets, such as a user's id. It may be a hash of a short code.
    pub value: String,
    /// From then on it cannot be redeemed.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its value last changed.
    pub updated_at: Timestamp,
}
