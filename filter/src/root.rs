//! The root context: configuration, and the life of the keys. One per worker.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::RandomState;
use std::rc::Rc;
use std::time::Duration;

use dockgate_policy::keys::{KeyRing, KeySet};
use dockgate_policy::{Policy, TokenCache, UnixSeconds};
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::ContextType;

use crate::host::{self, HostVerifier, Metrics};
use crate::request::RequestContext;
use crate::shared::Shared;

/// Empty until a configuration was accepted; without one no request context is made, and the host
/// answers by its failure policy.
#[derive(Default)]
pub(crate) struct Root {
    shared: Option<Rc<Shared>>,
    /// JWKS calls under way: the host's token, and whose keys they will bring.
    calls: HashMap<u32, usize>,
    had_keys: bool,
}

impl RootContext for Root {
    /// Refuses a bad configuration, so that the host does not start with it.
    fn on_configure(&mut self, size: usize) -> bool {
        match Policy::from_plugin_configuration(&host::plugin_configuration(size)) {
            Ok(policy) => {
                let keys = RefCell::new(KeyRing::new(&policy));
                let cache = RefCell::new(TokenCache::new(&policy, RandomState::new()));
                let shared = Shared {
                    policy,
                    keys,
                    cache,
                    verifier: HostVerifier::probe(),
                    metrics: Metrics::define(),
                };
                let by_host: Vec<&str> = shared
                    .verifier
                    .by_host()
                    .iter()
                    .map(|own| own.as_str())
                    .collect();
                host::log_info(&format!(
                    "dockgate: verified by the host: {}",
                    by_host.join(" ")
                ));
                self.shared = Some(Rc::new(shared));
                // Calls are not possible yet; the first tick makes them.
                host::set_tick_period(FIRST_KEYS_PERIOD);
                true
            }
            Err(error) => {
                host::log_critical(&format!(
                    "dockgate: the configuration is not valid: {error}"
                ));
                false
            }
        }
    }

    fn on_tick(&mut self) {
        let Some(shared) = self.shared.clone() else {
            return;
        };
        shared.hand_over_counts();
        let now = host::now();
        let due = shared.keys.borrow_mut().take_due(now);
        for position in due {
            self.fetch(&shared, position, now);
        }
    }

    fn create_http_context(&self, _context_id: u32) -> Option<Box<dyn HttpContext>> {
        let shared = self.shared.clone()?;
        Some(Box::new(RequestContext::new(shared)))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

impl Context for Root {
    fn on_http_call_response(
        &mut self,
        call: u32,
        headers: usize,
        body_size: usize,
        _trailers: usize,
    ) {
        let (Some(shared), Some(position)) = (self.shared.clone(), self.calls.remove(&call)) else {
            return;
        };
        let now = host::now();
        match read_keys(headers, body_size) {
            Ok(keys) => {
                shared.keys.borrow_mut().fetched(position, keys, now);
                shared.metrics.jwks_fetched();
                self.note_first_keys(&shared, now);
            }
            Err(problem) => self.fetch_failed(&shared, position, &problem, now),
        }
    }
}

impl Root {
    fn fetch(&mut self, shared: &Shared, position: usize, now: UnixSeconds) {
        let Some(issuer) = shared.policy.issuers().get(position) else {
            return;
        };
        match host::get(&issuer.jwks) {
            Ok(call) => {
                self.calls.insert(call, position);
            }
            Err(problem) => self.fetch_failed(shared, position, &problem, now),
        }
    }

    fn fetch_failed(&self, shared: &Shared, position: usize, problem: &str, now: UnixSeconds) {
        let issuer = shared
            .policy
            .issuers()
            .get(position)
            .map_or("", |issuer| issuer.identifier.as_str());
        host::log_warn(&format!("dockgate: no keys from {issuer}: {problem}"));
        shared.keys.borrow_mut().fetch_failed(position, now);
        shared.metrics.jwks_fetch_failed();
    }

    /// Slows the tick down once there is nothing urgent to wait for.
    fn note_first_keys(&mut self, shared: &Shared, now: UnixSeconds) {
        if !self.had_keys && shared.keys.borrow().is_complete(now) {
            self.had_keys = true;
            shared.metrics.worker_has_keys();
            host::set_tick_period(REFRESH_PERIOD);
        }
    }
}

fn read_keys(headers: usize, body_size: usize) -> Result<KeySet, String> {
    // A call that failed comes back without headers.
    if headers == 0 {
        return Err("the call failed or timed out".to_owned());
    }
    let status = host::call_response_status().unwrap_or_default();
    if status != b"200" {
        return Err(format!(
            "the answer has status {}",
            String::from_utf8_lossy(&status)
        ));
    }
    let (keys, skipped) =
        KeySet::parse(&host::call_response_body(body_size)).map_err(|error| error.to_string())?;
    for key in skipped {
        host::log_warn(&format!(
            "dockgate: key {} of the JWKS is passed over: {}",
            key.position, key.fault
        ));
    }
    Ok(keys)
}

/// Envoy should serve within a blink of its start.
const FIRST_KEYS_PERIOD: Duration = Duration::from_millis(50);
/// The unit of the fetch schedule is the second.
const REFRESH_PERIOD: Duration = Duration::from_secs(1);
