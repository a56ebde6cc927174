//! The addresses where sockets are opened.

pub mod events;
pub mod socket;
pub mod ticket;
