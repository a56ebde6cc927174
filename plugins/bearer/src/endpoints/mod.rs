//! One endpoint, one file.

pub mod pair;
pub mod refresh;
