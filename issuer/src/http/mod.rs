//! HTTP: the routes, what goes into and out of them, and the accept loop.

mod accept;
pub mod admin;
mod app;
mod cors;
mod documents;
mod idle;
mod metadata;
pub mod ops;
mod request_body;
mod request_id;
mod responses;
pub mod router;
#[cfg(test)]
mod tests;
mod token;

pub use accept::{Connections, Limits, accept};
pub use app::App;
