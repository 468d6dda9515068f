//! The life of the keys in one VM: it looks at what all VMs share, fetches when that falls to it,
//! and says how the keys are.

use std::collections::HashMap;
use std::time::Duration;

use dockgate_policy::UnixSeconds;
use dockgate_policy::config::{IssuerPolicy, JwksSource, RemoteJwks};
use dockgate_policy::keys::{
    CallAnswer, FetchOutcome, FetchStep, FetchedKeys, KeySet, Roll, SlotNames, SlotState,
    fingerprint,
};

use crate::host::{self, shared_data};
use crate::shared::Shared;

/// Envoy should serve within a blink of its start.
const FIRST_KEYS_PERIOD: Duration = Duration::from_millis(50);
/// The unit of the fetch schedule is the second.
const REFRESH_PERIOD: Duration = Duration::from_secs(1);
/// How often a write is tried that others got in the way of. Each of them writes once a second.
const ATTEMPTS: usize = 4;

pub(crate) struct KeyKeeper {
    /// By position of the issuer; `None` where there is nothing to fetch.
    slots: Vec<Option<SlotNames>>,
    /// Calls under way, by the host's token.
    calls: HashMap<u32, Fetch>,
    /// This VM's name on the roll.
    member: u64,
    had_keys: bool,
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
            let names = SlotNames::new(&issuer.identifier, source);
            let (state, _) = read_or_begin(&names).ok_or(
                "the host gives no shared data: allow proxy_get_shared_data and \
                 proxy_set_shared_data",
            )?;
            take_keys(shared, position, &names, &state, host::now());
            slots.push(Some(names));
        }
        // Calls are not possible yet; the first tick makes them.
        host::set_tick_period(FIRST_KEYS_PERIOD);
        Ok(Self {
            slots,
            calls: HashMap::new(),
            member: host::random(),
            had_keys: false,
        })
    }

    /// Looks at every slot, and fetches where that is due and nobody else does it.
    pub(crate) fn tick(&mut self, shared: &Shared) {
        let now = host::now();
        for (position, issuer) in shared.policy.issuers().iter().enumerate() {
            if let JwksSource::Remote(source) = &issuer.jwks {
                self.look(shared, position, source, now);
            }
        }
        self.report(shared, now);
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
        let (Some(issuer), Some(Some(names))) = (
            shared.policy.issuers().get(position),
            self.slots.get(position),
        ) else {
            return;
        };
        let Some((state, version)) = read_or_begin(names) else {
            return;
        };
        take_keys(shared, position, names, &state, now);
        let wish = shared.keys.borrow_mut().take_wish(position);
        let holder = host::random();
        let leased = state.lease_to(holder, source, wish, now);
        if leased.is_some_and(|leased| shared_data::swap(&names.state, &leased.write(), version)) {
            let step = FetchStep::first(source);
            let fetch = Fetch {
                position,
                holder,
                step,
            };
            self.call(shared, issuer, source, fetch);
        }
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
        let Some(Some(names)) = self.slots.get(fetch.position) else {
            return;
        };
        let logged = fingerprint(&fetched.skipped);
        let before = shared_data::get(&names.state).and_then(|entry| SlotState::read(&entry.bytes));
        let Some(before) = before.filter(|state| state.is_held_by(fetch.holder)) else {
            // Somebody else has fetched meanwhile.
            return;
        };
        // Before the state, so that whoever sees the state finds the document that it speaks of.
        if !shared_data::set(&names.document, document) {
            return;
        }
        let now = host::now();
        let random = host::random();
        let told = (fetched.lifetime, logged);
        let settled = settle(names, |state| {
            state.fetched(fetch.holder, source, told, now, random)
        });
        if let Some(state) = settled {
            let mut keys = shared.keys.borrow_mut();
            keys.take_news(fetch.position, state.revision());
            keys.fetched(fetch.position, fetched.keys, now);
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
        if let Some(Some(names)) = self.slots.get(fetch.position) {
            let (now, random) = (host::now(), host::random());
            settle(names, |state| {
                state.failed(fetch.holder, source, now, random)
            });
        }
    }

    /// Says how the keys are, and slows the tick down once there is nothing urgent to wait for.
    fn report(&mut self, shared: &Shared, now: UnixSeconds) {
        let keys = shared.keys.borrow();
        if let Some(age) = keys.age(now) {
            shared.metrics.jwks_age(age);
        }
        let has_keys = keys.is_complete(now);
        if has_keys && !self.had_keys {
            self.had_keys = true;
            host::set_tick_period(REFRESH_PERIOD);
        }
        if self.had_keys
            && let Some(count) = sign_in(self.member, has_keys, now)
        {
            shared.metrics.workers_with_keys(count);
        }
    }
}

/// The state of a slot and the version of its entry. One that is not there or cannot be read is
/// begun anew.
fn read_or_begin(names: &SlotNames) -> Option<(SlotState, u32)> {
    let read = || {
        let entry = shared_data::get(&names.state)?;
        Some((SlotState::read(&entry.bytes)?, entry.version))
    };
    read().or_else(|| {
        // The first to do so is Envoy's main thread, before there are workers.
        shared_data::set(&names.state, &SlotState::default().write());
        read()
    })
}

/// Takes the slot's document if it is another one than before.
fn take_keys(
    shared: &Shared,
    position: usize,
    names: &SlotNames,
    state: &SlotState,
    now: UnixSeconds,
) {
    let mut keys = shared.keys.borrow_mut();
    let Some(fetched_at) = state.fetched_at(now) else {
        return;
    };
    if !keys.take_news(position, state.revision()) {
        return;
    }
    let document = shared_data::get(&names.document).map_or_else(Vec::new, |entry| entry.bytes);
    match KeySet::parse(&document) {
        Ok((set, _)) => keys.fetched(position, set, fetched_at),
        Err(error) => {
            // A new fetch would mend it.
            keys.unknown_key_seen(position, now);
            host::log_warn(&format!(
                "dockgate: the shared keys are not usable: {error}"
            ));
        }
    }
}

/// Changes a slot's state to what `next` makes of it; `None` where that is nothing.
fn settle(names: &SlotNames, next: impl Fn(&SlotState) -> Option<SlotState>) -> Option<SlotState> {
    (0..ATTEMPTS).find_map(|_| {
        let entry = shared_data::get(&names.state)?;
        let state = next(&SlotState::read(&entry.bytes)?)?;
        shared_data::swap(&names.state, &state.write(), entry.version).then_some(state)
    })
}

/// Signs the roll; gives how many are on it, unless others kept getting in the way.
fn sign_in(member: u64, has_keys: bool, now: UnixSeconds) -> Option<u64> {
    (0..ATTEMPTS).find_map(|_| {
        let entry = shared_data::get(Roll::NAME);
        let (bytes, version) = entry.map_or((Vec::new(), 0), |entry| (entry.bytes, entry.version));
        let roll = Roll::read(&bytes).signed(member, has_keys, now);
        shared_data::swap(Roll::NAME, &roll.write(), version).then(|| roll.count())
    })
}
