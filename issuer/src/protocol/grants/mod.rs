//! The grants of the token endpoint, one per file, and the choices that they share.

pub(super) mod authorization_code;
pub(super) mod client_credentials;
pub(super) mod device_code;
pub(super) mod jwt_bearer;
pub(super) mod password;
pub(super) mod refresh_token;
pub(super) mod scope;
pub(super) mod target;
pub(super) mod token_exchange;
