//! How many of a listener's connections one address may have.
//!
//! Proxies speak for everybody and may have all. Whoever else reaches the port may have an eighth, so
//! that no single one takes what Envoy needs.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::proxies::Proxies;
use crate::throttle::Source;

/// The part of all connections that one address may have.
const PART: usize = 8;

/// The connections of each address that has any: no more entries than connections.
#[derive(Clone)]
pub(super) struct Shares {
    proxies: Proxies,
    most: usize,
    open: Arc<Mutex<HashMap<Source, usize>>>,
}

/// One connection, until it is dropped.
pub(super) struct Share(Option<(Shares, Source)>);

impl Shares {
    pub(super) fn of(connections: usize, proxies: Proxies) -> Self {
        Self {
            proxies,
            most: (connections / PART).max(1),
            open: Arc::default(),
        }
    }

    /// Counts one more; `None` when the address has its part already.
    pub(super) fn take(&self, address: IpAddr) -> Option<Share> {
        if self.proxies.contains(address) {
            return Some(Share(None));
        }
        let source = Source::browser(Some(address));
        let mut open = self.open();
        let count = open.entry(source).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share(Some((self.clone(), source))))
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Source, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some((shares, source)) = &self.0 else {
            return;
        };
        let mut open = shares.open();
        match open.get_mut(source) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_part_and_a_proxy_all() {
        let shares = Shares::of(16, Proxies::loopback());
        let stranger = "192.0.2.1".parse().unwrap();
        let first = shares.take(stranger).unwrap();
        let _second = shares.take(stranger).unwrap();
        assert!(shares.take(stranger).is_none());
        drop(first);
        let _third = shares.take(stranger).unwrap();
        let all: Vec<_> = (0..100)
            .map(|_| shares.take("127.0.0.1".parse().unwrap()).unwrap())
            .collect();
        assert_eq!(all.len(), 100);
        let other = shares.take("192.0.2.2".parse().unwrap());
        assert!(other.is_some());
    }

    #[test]
    fn who_has_no_connection_is_not_remembered() {
        let shares = Shares::of(16, Proxies::loopback());
        drop(shares.take("192.0.2.1".parse().unwrap()));
        assert!(shares.open().is_empty());
    }
}
