//! One request: its facts go to `decide`, the decision goes to the host.

use std::rc::Rc;

use dockgate_policy::answer::Answer;
use dockgate_policy::{
    Admission, Decision, Denial, Permit, Reply, Request, TokenFault, decide, identity_lookalikes,
};
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

use crate::host;
use crate::shared::Shared;

pub(crate) struct RequestContext {
    shared: Rc<Shared>,
}

impl RequestContext {
    pub(crate) fn new(shared: Rc<Shared>) -> Self {
        Self { shared }
    }

    fn reply(&self, reply: &Reply) -> Action {
        if let Some(denial) = &reply.denial {
            self.shared.metrics.denied(denial);
            self.note_unknown_key(denial);
        }
        host::send_answer(&reply.answer);
        Action::Pause
    }

    fn forward(&self, permit: &Permit<'_>) -> Action {
        // With the headers of before, the upstream would believe the client.
        if !host::apply(&permit.edits()) {
            host::log_critical(
                "dockgate: the host changes no headers: allow proxy_remove_header_map_value and \
                 proxy_replace_header_map_value",
            );
            host::send_answer(&Answer::headers_not_changed());
            return Action::Pause;
        }
        host::filter_state::write(permit.filter_state());
        self.shared.metrics.admitted(permit.admission());
        if let Admission::Reported { denial, .. } = permit.admission() {
            self.note_unknown_key(denial);
        }
        Action::Continue
    }

    fn note_unknown_key(&self, denial: &Denial) {
        if let Denial::Token(TokenFault::UnknownKey { issuer }) = denial {
            self.shared
                .keys
                .borrow_mut()
                .unknown_key_seen(*issuer, host::now());
        }
    }
}

impl Context for RequestContext {}

impl HttpContext for RequestContext {
    fn on_http_request_headers(&mut self, _count: usize, _end_of_stream: bool) -> Action {
        let Shared {
            policy,
            keys,
            verifier,
            cache,
            ..
        } = &*self.shared;
        let block = host::request_headers();
        #[cfg(feature = "faults")]
        crate::faults::ask(&block);
        let headers = block.pairs();
        let pseudo = |name: &[u8]| {
            headers
                .iter()
                .find(|(own, _)| *own == name)
                .map(|(_, value)| *value)
        };
        let request = Request {
            method: pseudo(b":method").unwrap_or_default(),
            target: pseudo(b":path").unwrap_or_default(),
            headers: &headers,
        };
        let decision = decide(
            policy,
            &keys.borrow(),
            verifier,
            &mut cache.borrow_mut(),
            &request,
            host::now(),
        );
        match decision {
            Decision::Forward(permit) => self.forward(&permit),
            Decision::Reply(reply) => self.reply(&reply),
        }
    }

    /// Trailers could carry what was stripped from the headers.
    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        let block = host::request_trailers();
        let pairs = block.pairs();
        for name in identity_lookalikes(&self.shared.policy, pairs.iter().map(|(name, _)| *name)) {
            if !host::remove_request_trailer(name) {
                // Too late for an answer: the host ends the request with the VM.
                std::process::abort();
            }
        }
        Action::Continue
    }
}
