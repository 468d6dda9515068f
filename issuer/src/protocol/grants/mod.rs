//! The grants of the token endpoint, one per file, and the choices that they share.

pub(super) mod client_credentials;
mod scope;
mod target;
