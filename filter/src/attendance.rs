//! This VM on the roll of all of them, and the gauges that come of it.

use std::cell::Cell;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use dockgate_policy::{Presence, Roll, UnixSeconds};

use crate::host::{self, shared_data};
use crate::shared::Shared;

/// How often a write is tried that others got in the way of. All of them write once a second, and often
/// at once; an attempt takes some microseconds.
const ATTEMPTS: usize = 16;

/// One VM with one configuration.
pub(crate) struct Attendance {
    member: u64,
    configuration: u64,
    signed: Cell<Option<(UnixSeconds, bool)>>,
}

impl Attendance {
    /// Of whoever has this configuration.
    ///
    /// # Errors
    /// When the host gives no shared data. It is not asked again then: Envoy writes a line into its log
    /// for each call that it does not allow.
    pub(crate) fn open(configuration: &[u8]) -> Result<Self, &'static str> {
        let is_there = || shared_data::get(Roll::NAME).is_some();
        // The first to do so is Envoy's main thread, before there are workers.
        let begin = || shared_data::swap(Roll::NAME, &Roll::default().write(), 0);
        let is_kept = is_there() || (begin() && is_there());
        if !is_kept {
            return Err(
                "the gauges are not kept: the host gives no shared data: allow \
                 proxy_get_shared_data and proxy_set_shared_data",
            );
        }
        let mut hasher = DefaultHasher::new();
        configuration.hash(&mut hasher);
        Ok(Self {
            member: host::random(),
            configuration: hasher.finish(),
            signed: Cell::new(None),
        })
    }

    /// Signs in, once a second and when it has come to keys or lost them, and sets the gauges to what
    /// all who are there say together.
    pub(crate) fn sign_in(&self, shared: &Shared) {
        let now = host::now();
        let presence = self.presence(shared, now);
        let signature = Some((now, presence.has_keys));
        if self.signed.get() == signature {
            return;
        }
        let roll = (0..ATTEMPTS).find_map(|_| {
            let entry = shared_data::get(Roll::NAME);
            let (bytes, version) = entry.map_or((Vec::new(), 0), |own| (own.bytes, own.version));
            let roll = Roll::read(&bytes).signed(self.member, presence, now);
            shared_data::swap(Roll::NAME, &roll.write(), version).then_some(roll)
        });
        // Whoever did not get through tries again at the next tick.
        if let Some(roll) = roll {
            self.signed.set(signature);
            shared.metrics.gauge(&roll.totals());
        }
    }

    fn presence(&self, shared: &Shared, now: UnixSeconds) -> Presence {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let keys = shared.keys.borrow();
        Presence {
            configuration: self.configuration,
            has_keys: keys.is_complete(now),
            keys_age: keys.age(now),
            cached_tokens: count(shared.cache.borrow().entries()),
            reporting_rules: count(shared.policy.rules_in_report_mode()),
        }
    }
}
