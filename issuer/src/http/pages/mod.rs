//! What a browser meets: the authorization endpoint, and the pages for logging in, agreeing,
//! connecting devices, logging out and looking at one's account.
//!
//! A way through the pages is a [`flow::Flow`], sealed into each page; [`visit::Visit`] is one
//! request of a browser on it. Every form brings its flow and a token that is good for this form of
//! this flow in this browser. Every address is relative, so that it does not matter under which
//! path the issuer lives.

pub(super) mod account;
mod answer;
pub(super) mod authorize;
mod browser_name;
pub(super) mod consent;
mod cookies;
pub(super) mod device;
mod fault;
mod flow;
mod known_browser;
mod language;
pub(super) mod login;
pub(super) mod logout;
pub(super) mod same_origin;
mod secrets;
#[cfg(test)]
mod tests;
mod visit;

pub use secrets::PageSecrets;
