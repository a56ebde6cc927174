//! Each fault: breaks, waits, mends, and says whether it had its effect.

pub(crate) mod clients;
pub(crate) mod databases;
pub(crate) mod nodes;
pub(crate) mod redis;
