//! Dockgate's issuer: the OAuth 2.0 authorization server whose tokens the Envoy filter accepts.
//!
//! | module | what it is |
//! |---|---|
//! | [`audit`] | what happened that bears on security |
//! | [`protocol`] | the rules of OAuth and OpenID Connect, free of I/O, clocks and randomness |
//! | [`keys`] | the signing keys and the JWKS |
//! | [`store`] | what has to survive a restart |
//! | [`sweeping`] | the task that has what has expired removed from it |
//! | [`renewing`] | the task that keeps password hashes that were made anew |
//! | [`turning`] | the task that has the signing keys follow each other |
//! | [`counting`] | the task that writes down how often somebody failed |
//! | [`passwords`] | checking passwords, within bounds of memory, time and guesses |
//! | [`throttle`] | making guesses slow |
//! | [`proxies`] | which proxies are believed for whom they speak |
//! | [`registration`] | clients that register themselves, from what they send to what is kept |
//! | [`client_documents`] | documents that say what a client is, fetched from where its id says |
//! | [`pages`] | what people see in their browsers |
//! | [`metrics`] | what is counted |
//! | [`traces`] | what OpenTelemetry is told of a request |
//! | [`http`] | routes, CORS and the accept loop |
//! | [`config`] | the configuration file, checked as a whole before anything starts |
//! | [`reload`] | having it count anew while the issuer runs |
//!
//! [`clock`] and [`entropy`] are the only places that read a clock or draw randomness; everything
//! else takes the result as an argument.

pub mod additions;
pub mod audit;
pub mod client_documents;
pub mod clock;
pub mod config;
#[cfg(test)]
mod constant_time;
pub mod counting;
pub mod entropy;
pub mod http;
pub mod keys;
pub mod logging;
pub mod metrics;
pub mod pages;
pub mod passwords;
pub mod protocol;
pub mod proxies;
pub mod registration;
pub mod reload;
pub mod renewing;
pub mod store;
pub mod sweeping;
#[cfg(test)]
mod temp_dir;
pub mod throttle;
pub mod traces;
pub mod turning;
