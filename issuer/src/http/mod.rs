//! HTTP: the routes, what goes into and out of them, and the accept loop.

mod accept;
pub mod admin;
mod app;
mod client_address;
mod client_documents;
mod cors;
mod device_authorization;
#[cfg(test)]
mod documented;
mod documents;
mod exchange;
mod idle;
mod introspection;
pub mod ops;
mod pages;
mod par;
mod rarely;
mod register;
mod request_body;
mod request_id;
mod responses;
mod revocation;
pub mod router;
mod shares;
#[cfg(test)]
pub(crate) mod tests;
mod token;
mod trace_parent;
mod userinfo;

pub use accept::{Connections, Limits, accept};
pub use app::{App, Current, NotReplaced};
pub use pages::PageSecrets;
pub use register::remove_unused;
