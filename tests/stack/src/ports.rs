//! Which ports the parts of the stack listen on.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// The ports of one stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Envoy's front door, and part of the issuer identifier.
    pub http: u16,
    /// Envoy's admin interface.
    pub admin: u16,
    /// The issuer, for Envoy alone.
    pub issuer: u16,
    /// The issuer's health and metrics.
    pub ops: u16,
    /// The sample API.
    pub api: u16,
}

/// Every port of [`RANGE`] is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoFreePort;

impl fmt::Display for NoFreePort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Range { start, end } = RANGE;
        write!(f, "no free port from {start} to {end} on 127.0.0.1")
    }
}

impl std::error::Error for NoFreePort {}

/// Below the ephemeral range of common systems, so that an outgoing connection cannot take a
/// port between the moment it is chosen and the moment it is bound.
const RANGE: Range<u16> = 20_000..32_000;

impl Ports {
    /// The ports that the README and `cargo xtask up` use.
    pub const DEMO: Self = Self {
        http: 8080,
        admin: 9901,
        issuer: 9000,
        ops: 9002,
        api: 9001,
    };

    /// The public origin: `http://localhost:PORT`, or without the port where it is the scheme's own
    /// (an origin has one spelling, RFC 6454 §6.2).
    #[must_use]
    pub fn origin(self) -> String {
        match self.http {
            80 => "http://localhost".to_owned(),
            port => format!("http://localhost:{port}"),
        }
    }

    /// Five free ports, none of them handed out before by this process.
    ///
    /// # Errors
    /// When the whole range is taken.
    pub fn free() -> Result<Self, NoFreePort> {
        Ok(Self {
            http: free_port()?,
            admin: free_port()?,
            issuer: free_port()?,
            ops: free_port()?,
            api: free_port()?,
        })
    }
}

fn free_port() -> Result<u16, NoFreePort> {
    static HANDED_OUT: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut handed_out = HANDED_OUT.lock().unwrap_or_else(PoisonError::into_inner);
    let length = u64::from(RANGE.end - RANGE.start);
    // A random start keeps test processes that run side by side out of each other's way.
    let start = RandomState::new().hash_one(std::process::id()) % length;
    (0..length)
        .filter_map(|step| u16::try_from((start + step) % length).ok())
        .map(|offset| RANGE.start + offset)
        .find(|port| !is_occupied(*port) && handed_out.insert(*port))
        .ok_or(NoFreePort)
}

/// Whether something already listens on `port` of a loopback address.
#[must_use]
pub fn is_occupied(port: u16) -> bool {
    let v4_taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err();
    v4_taken || (has_ipv6_loopback() && TcpListener::bind((Ipv6Addr::LOCALHOST, port)).is_err())
}

/// Whether `::1` can be bound: containers and hardened hosts often lack it.
pub(crate) fn has_ipv6_loopback() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_handed_out_twice() {
        let ports: Vec<u16> = (0..50).map(|_| free_port().unwrap()).collect();
        let distinct: BTreeSet<u16> = ports.iter().copied().collect();
        assert_eq!(distinct.len(), ports.len());
        assert!(ports.iter().all(|port| RANGE.contains(port)));
    }

    #[test]
    fn a_listening_port_is_occupied_until_it_is_closed() {
        let port = free_port().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        assert!(is_occupied(port));
        drop(listener);
        assert!(!is_occupied(port));
    }
}
