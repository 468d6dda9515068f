//! What a stack is to be like.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Build, Edit, Ports};

/// Asks a start that is under way to give up.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Raises the flag, for good.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it has been raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a stack is to be like; the default is what a test wants.
#[derive(Clone, Debug)]
pub struct StackOptions {
    /// Which programs run.
    pub build: Build,
    /// Where everything listens; free ports by default.
    pub ports: Option<Ports>,
    /// Where configurations, logs and the store are kept; by default a directory of its own
    /// below the target directory, removed with the stack.
    pub dir: Option<PathBuf>,
    /// Changes to `envoy/envoy.yaml`, written against the committed text.
    pub envoy_edits: Vec<Edit>,
    /// Changes to `envoy/issuer.toml`, written against the committed text.
    pub issuer_edits: Vec<Edit>,
    /// TOML files merged into the issuer's configuration: tables merge, arrays of tables append,
    /// everything else replaces.
    pub issuer_config: Vec<PathBuf>,
    /// Envoy's worker threads; 2 by default, so that what workers share is exercised.
    pub concurrency: u32,
    /// Whether the start waits until every worker has keys and a token opens a route; a test that
    /// keeps keys away must not wait for them.
    pub await_keys: bool,
    /// Envoy's log level for the filter; `info` by default.
    pub filter_log: String,
    /// Gives up the start when raised.
    pub stop: StopFlag,
}

impl Default for StackOptions {
    fn default() -> Self {
        Self {
            build: Build::default(),
            ports: None,
            dir: None,
            envoy_edits: Vec::new(),
            issuer_edits: Vec::new(),
            issuer_config: Vec::new(),
            concurrency: 2,
            await_keys: true,
            filter_log: "info".to_owned(),
            stop: StopFlag::default(),
        }
    }
}
