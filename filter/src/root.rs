//! The root context: the configuration, and what the host calls between requests. One per VM.

use std::cell::RefCell;
use std::hash::RandomState;
use std::rc::Rc;

use dockgate_policy::keys::KeyRing;
use dockgate_policy::{Policy, TokenCache};
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::ContextType;

use crate::attendance::Attendance;
use crate::host::{self, HostVerifier, Metrics};
use crate::key_keeper::KeyKeeper;
use crate::request::RequestContext;
use crate::shared::Shared;

/// Empty until a configuration was accepted; without one no request context is made, and the host
/// answers by its failure policy.
#[derive(Default)]
pub(crate) struct Root {
    running: Option<Running>,
}

struct Running {
    shared: Rc<Shared>,
    keeper: KeyKeeper,
    /// `None` where the host gives no shared data, which keys in the configuration do without.
    attendance: Option<Attendance>,
}

impl RootContext for Root {
    /// Refuses a bad configuration, so that the host does not start with it.
    fn on_configure(&mut self, size: usize) -> bool {
        match configure(size) {
            Ok(running) => {
                self.running = Some(running);
                true
            }
            Err(problem) => {
                host::log_critical(&format!("dockgate: {problem}"));
                false
            }
        }
    }

    fn on_tick(&mut self) {
        if let Some(running) = &mut self.running {
            running.shared.hand_over_counts();
            running.keeper.tick(&running.shared);
            if let Some(attendance) = &running.attendance {
                attendance.sign_in(&running.shared);
            }
        }
    }

    fn create_http_context(&self, _context_id: u32) -> Option<Box<dyn HttpContext>> {
        let running = self.running.as_ref()?;
        Some(Box::new(RequestContext::new(Rc::clone(&running.shared))))
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
        #[cfg(feature = "faults")]
        crate::faults::strike("call");
        if let Some(Running { shared, keeper, .. }) = &mut self.running {
            shared.hand_over_counts();
            keeper.answered(shared, call, headers, body_size);
        }
    }
}

fn configure(size: usize) -> Result<Running, String> {
    let configuration = host::plugin_configuration(size);
    let policy = Policy::from_plugin_configuration(&configuration)
        .map_err(|error| format!("the configuration is not valid: {error}"))?;
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
    announce(&shared);
    let keeper = KeyKeeper::open(&shared)?;
    let attendance = Attendance::open(&configuration)
        .inspect(|own| own.sign_in(&shared))
        .inspect_err(|fault| host::log_warn(&format!("dockgate: {fault}")))
        .ok();
    Ok(Running {
        shared: Rc::new(shared),
        keeper,
        attendance,
    })
}

/// Says what is meant for a while or for a developer's machine.
fn announce(shared: &Shared) {
    for warning in shared.policy.warnings() {
        host::log_warn(&format!("dockgate: {warning}"));
    }
}
