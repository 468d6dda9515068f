//! The life of the keys in one VM: it looks at what all VMs share, fetches when that falls to it,
//! and says how the keys are.

mod slots;

use std::collections::HashMap;
use std::time::Duration;

use dockgate_policy::UnixSeconds;
use dockgate_policy::config::{IssuerPolicy, JwksSource, RemoteJwks};
use dockgate_policy::keys::{
    CallAnswer, FetchOutcome, FetchStep, FetchedKeys, KeySet, Slot, fingerprint, slot_name,
};

use crate::host;
use crate::shared::Shared;
use slots::{read_or_begin, settle, swap};

/// Envoy should serve within a blink of its start.
const FIRST_KEYS_PERIOD: Duration = Duration::from_millis(50);
/// The unit of the fetch schedule is the second.
const REFRESH_PERIOD: Duration = Duration::from_secs(1);
pub(crate) struct KeyKeeper {
    /// By position of the issuer; `None` where there is nothing to fetch.
    slots: Vec<Option<Watched>>,
    /// Calls under way, by the host's token.
    calls: HashMap<u32, Fetch>,
    period: Duration,
}

/// A slot that is looked at.
struct Watched {
    name: String,
    /// Whether it is worth a look at each tick; otherwise once a second does.
    urgent: bool,
    looked_at: Option<UnixSeconds>,
}

/// A fetch under way.
struct Fetch {
    position: usize,
    /// Whose lease it is.
    holder: u64,
    step: FetchStep,
}

impl KeyKeeper {
    /// Makes the slots where there are none, and takes the keys that are in them: a VM that was made
    /// anew after a crash serves at once.
    ///
    /// # Errors
    /// When the host gives no shared data.
    pub(crate) fn open(shared: &Shared) -> Result<Self, &'static str> {
        let mut slots = Vec::new();
        for (position, issuer) in shared.policy.issuers().iter().enumerate() {
            let JwksSource::Remote(source) = &issuer.jwks else {
                slots.push(None);
                continue;
            };
            let name = slot_name(&issuer.identifier, source);
            let (slot, _) = read_or_begin(&name).ok_or(
                "the host gives no shared data: allow proxy_get_shared_data and \
                 proxy_set_shared_data",
            )?;
            take_keys(shared, position, &slot, host::now());
            slots.push(Some(Watched {
                name,
                urgent: true,
                looked_at: None,
            }));
        }
        // Calls are not possible yet; the first tick makes them.
        host::set_tick_period(FIRST_KEYS_PERIOD);
        Ok(Self {
            slots,
            calls: HashMap::new(),
            period: FIRST_KEYS_PERIOD,
        })
    }

    /// Looks at the slots, and fetches where that is due and nobody else does it. The tick slows down
    /// once there is nothing urgent to wait for: an issuer that is never up is asked for its first keys
    /// as rarely as any other, and holds up nobody.
    pub(crate) fn tick(&mut self, shared: &Shared) {
        let now = host::now();
        shared.keys.borrow_mut().clock_shows(now);
        for (position, issuer) in shared.policy.issuers().iter().enumerate() {
            if let JwksSource::Remote(source) = &issuer.jwks {
                self.look(shared, position, source, now);
            }
        }
        let urgent = self.slots.iter().flatten().any(|watched| watched.urgent);
        let period = if urgent {
            FIRST_KEYS_PERIOD
        } else {
            REFRESH_PERIOD
        };
        if period != self.period {
            self.period = period;
            host::set_tick_period(period);
        }
    }

    /// Goes on with the fetch that this call belongs to.
    pub(crate) fn answered(&mut self, shared: &Shared, call: u32, headers: usize, size: usize) {
        let Some(fetch) = self.calls.remove(&call) else {
            return;
        };
        let Some(issuer) = shared.policy.issuers().get(fetch.position) else {
            return;
        };
        let JwksSource::Remote(source) = &issuer.jwks else {
            return;
        };
        let block = host::call_response_headers();
        let pairs = block.pairs();
        let body = host::call_response_body(size.min(CallAnswer::MAX_BODY_BYTES + 1));
        // A call that failed comes back without headers.
        let answer = (headers > 0).then_some(CallAnswer {
            headers: &pairs,
            body: &body,
        });
        match fetch.step.answered(source, answer) {
            FetchOutcome::Next(step) => self.call(shared, issuer, source, Fetch { step, ..fetch }),
            FetchOutcome::Fetched(keys) => {
                self.fetched(shared, issuer, source, &fetch, keys, &body)
            }
            FetchOutcome::Failed(fault) => {
                self.failed(shared, issuer, source, &fetch, &fault.to_string());
            }
        }
    }

    fn look(&mut self, shared: &Shared, position: usize, source: &RemoteJwks, now: UnixSeconds) {
        let (Some(issuer), Some(Some(watched))) = (
            shared.policy.issuers().get(position),
            self.slots.get_mut(position),
        ) else {
            return;
        };
        if !watched.urgent && watched.looked_at == Some(now) {
            return;
        }
        watched.looked_at = Some(now);
        let Some((slot, version)) = read_or_begin(&watched.name) else {
            return;
        };
        watched.urgent = slot.state.is_urgent();
        take_keys(shared, position, &slot, now);
        let wish = shared.keys.borrow_mut().take_wish(position);
        let holder = host::random();
        let Some(leased) = slot.state.lease_to(holder, source, wish, now) else {
            return;
        };
        let lost = slot.state.has_lost_lease(now);
        if !swap(&watched.name, &slot.with_state(leased), version) {
            return;
        }
        if lost {
            let issuer = &issuer.identifier;
            host::log_warn(&format!(
                "dockgate: no keys from {issuer}: whoever fetched them did not come to an end"
            ));
            shared.metrics.jwks_fetch_failed();
        }
        #[cfg(feature = "faults")]
        crate::faults::strike("lease");
        let step = FetchStep::first(source);
        let fetch = Fetch {
            position,
            holder,
            step,
        };
        self.call(shared, issuer, source, fetch);
    }

    fn call(&mut self, shared: &Shared, issuer: &IssuerPolicy, source: &RemoteJwks, fetch: Fetch) {
        let Some(location) = fetch.step.location(source) else {
            return;
        };
        match host::get(source, location) {
            Ok(call) => {
                self.calls.insert(call, fetch);
            }
            Err(problem) => self.failed(shared, issuer, source, &fetch, &problem),
        }
    }

    fn fetched(
        &self,
        shared: &Shared,
        issuer: &IssuerPolicy,
        source: &RemoteJwks,
        fetch: &Fetch,
        fetched: FetchedKeys,
        document: &[u8],
    ) {
        shared.metrics.jwks_fetched();
        let Some(Some(watched)) = self.slots.get(fetch.position) else {
            return;
        };
        let (now, random) = (host::now(), host::random());
        let logged = fingerprint(&fetched.skipped);
        let told = (fetched.lifetime, logged);
        let settled = settle(&watched.name, |before| {
            let state = before
                .state
                .fetched(fetch.holder, source, told, now, random)?;
            let document = document.to_vec();
            Some(Slot { state, document })
        });
        // Nothing where somebody else has fetched meanwhile.
        if let Some((before, after)) = settled {
            let mut keys = shared.keys.borrow_mut();
            keys.take_news(fetch.position, after.document());
            keys.fetched(fetch.position, fetched.keys, now, now);
            drop(keys);
            // Last, since a log may be slow and the lease runs out.
            if before.is_news(logged) {
                for key in &fetched.skipped {
                    host::log_warn(&format!(
                        "dockgate: key {} of {} is passed over: {}",
                        key.position, issuer.identifier, key.fault
                    ));
                }
            }
        }
    }

    fn failed(
        &self,
        shared: &Shared,
        issuer: &IssuerPolicy,
        source: &RemoteJwks,
        fetch: &Fetch,
        problem: &str,
    ) {
        let issuer = &issuer.identifier;
        host::log_warn(&format!("dockgate: no keys from {issuer}: {problem}"));
        shared.metrics.jwks_fetch_failed();
        if let Some(Some(watched)) = self.slots.get(fetch.position) {
            let (now, random) = (host::now(), host::random());
            settle(&watched.name, |before| {
                let state = before.state.failed(fetch.holder, source, now, random)?;
                Some(before.clone().with_state(state))
            });
        }
    }
}

/// Takes the slot's document if it is another one than before.
fn take_keys(shared: &Shared, position: usize, slot: &Slot, now: UnixSeconds) {
    let mut keys = shared.keys.borrow_mut();
    let state = &slot.state;
    let Some(fetched_at) = state.fetched_at(now) else {
        return;
    };
    if !keys.take_news(position, state.document()) {
        return;
    }
    match KeySet::parse(&slot.document) {
        Ok((set, _)) => keys.fetched(position, set, fetched_at, now),
        Err(error) => {
            // A new fetch would mend it.
            keys.unknown_key_seen(position, now);
            host::log_warn(&format!(
                "dockgate: the shared keys are not usable: {error}"
            ));
        }
    }
}
