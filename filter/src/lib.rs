//! The Proxy-Wasm shell: turns host callbacks into questions for `dockgate-policy` and its answers
//! into host calls. There are no rules here.
#![expect(
    missing_docs,
    reason = "the entry point that the SDK's macro makes has none"
)]

mod attendance;
#[cfg(feature = "faults")]
mod faults;
mod host;
mod key_keeper;
mod request;
mod root;
mod shared;

use proxy_wasm::traits::RootContext;
use proxy_wasm::types::LogLevel;

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> { Box::new(root::Root::default()) });
}}
