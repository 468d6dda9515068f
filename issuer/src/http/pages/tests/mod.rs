//! The pages, driven by a browser in process on the real store.

mod account;
mod browser;
mod code_flow;
mod consent;
mod device;
mod documents;
mod every_form;
mod foreign_pictures;
mod forms;
mod hostile;
mod injected_headers;
mod known_browsers;
mod languages;
mod logins;
mod logout;
mod observed;
mod protection;
mod strangers;
mod twice;
mod unknown_names;

/// The demo's users.
const ALICE: (&str, &str) = ("alice", "wonderland");
const BOB: (&str, &str) = ("bob", "builder");
