//! What the tests against the whole stack share: a raw HTTP client, the running stack, an issuer that
//! makes whatever token a test wants, and real browsers.

pub mod authorization_server;
pub mod backed_up;
pub mod browser;
pub mod client_site;
pub mod collector;
pub mod deployment;
pub mod forge;
pub mod http;
pub mod http2;
pub mod https;
pub mod person;
pub mod readme;
mod shared;
pub mod sign_in;
pub mod stats;
pub mod upstream;
mod web_server;
pub mod webdriver;
mod witness;

pub use shared::{Shared, demo};
