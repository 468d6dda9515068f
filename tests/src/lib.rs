//! What the end-to-end tests share: a raw HTTP client, the running stack, and an issuer that makes
//! whatever token a test wants.

pub mod authorization_server;
pub mod browser;
pub mod deployment;
pub mod forge;
pub mod http;
pub mod http2;
pub mod https;
mod shared;
pub mod sign_in;
pub mod stats;
pub mod upstream;

pub use shared::demo;
