//! Tessera, the server: assembles the plugins, and the command line
