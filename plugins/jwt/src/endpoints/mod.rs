//! One endpoint a file, in the order errors, input, output, handler.

pub mod jwks;
pub mod revoke;
pub mod sign_jwt;
pub mod token;
pub mod verify_jwt;
