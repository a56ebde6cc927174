//! A whole host in a test: actors, frozen clock, captured mail, both databases
