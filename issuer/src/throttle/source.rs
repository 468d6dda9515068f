//! Where attempts come from.

use std::net::{IpAddr, Ipv6Addr};

use aws_lc_rs::digest::{Context, SHA256};
use dockgate_token::ClientId;

use super::Key;

/// Where an attempt comes from, for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A browser at an address.
    Browser(Place),
    /// A client that has the user's password, at an address: it speaks for many users.
    Client(Key),
    /// A browser in which somebody has logged in to the very account before.
    Device(Key),
}

/// An address, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    own: Key,
    /// The networks of 56 and of 48 bits around it, where it is one of IPv6.
    around: Option<[Key; 2]>,
}

impl Source {
    /// A browser. `None` stands for an address that is not known: those share their counters.
    pub fn browser(address: Option<IpAddr>) -> Self {
        let own = key(&[b"browser", &network(address)]);
        let around = address.and_then(around);
        Self::Browser(Place { own, around })
    }

    /// A client that has authenticated.
    pub fn client(client: &ClientId, address: Option<IpAddr>) -> Self {
        let id = client.as_str().as_bytes();
        Self::Client(key(&[b"client", &network(address), id]))
    }

    /// A browser that shows what it was given at a login, wherever it is now. Whoever makes one has
    /// looked whether it is of the account.
    pub fn device(name: &[u8]) -> Self {
        Self::Device(key(&[b"device", name]))
    }

    pub(super) fn key(self) -> Key {
        match self {
            Self::Browser(place) => place.own,
            Self::Client(key) | Self::Device(key) => key,
        }
    }

    /// What is counted for the largest network that may be one party's.
    pub fn widest(self) -> [u8; 16] {
        match self.around() {
            Some([_, of_48]) => of_48,
            None => self.key(),
        }
    }

    /// The counters of the networks of 56 and of 48 bits that it is in, if it is in any.
    pub(super) fn around(self) -> Option<[Key; 2]> {
        match self {
            Self::Browser(place) => place.around,
            Self::Client(_) | Self::Device(_) => None,
        }
    }

    /// The counter of one account as seen from here.
    pub(super) fn with(self, account: &str) -> Key {
        key(&[b"account", &self.key(), account.as_bytes()])
    }
}

/// The counter of something that has a name, from wherever.
pub(super) fn named(name: &str) -> Key {
    key(&[b"named", name.as_bytes()])
}

/// What one party is sure to hold of the address space: an IPv4 address, or a network of 64 bits,
/// which is what a single IPv6 host is usually given.
fn network(address: Option<IpAddr>) -> [u8; 16] {
    let host = |address: Ipv6Addr| match address.to_ipv4_mapped() {
        Some(address) => address.to_ipv6_mapped().octets(),
        None => (u128::from(address) & !u128::from(u64::MAX)).to_be_bytes(),
    };
    match address {
        None => [0; 16],
        Some(IpAddr::V4(address)) => host(address.to_ipv6_mapped()),
        Some(IpAddr::V6(address)) => host(address),
    }
}

/// The larger networks that one party may hold. An IPv4 address is in none: its neighbours are others.
fn around(address: IpAddr) -> Option<[Key; 2]> {
    let IpAddr::V6(address) = address else {
        return None;
    };
    if address.to_ipv4_mapped().is_some() {
        return None;
    }
    let bits = u128::from(address);
    let of = |name: &[u8], length: u32| {
        let network = bits & !(u128::MAX >> length);
        key(&[name, &network.to_be_bytes()])
    };
    Some([of(b"network of 56", 56), of(b"network of 48", 48)])
}

/// Parts are told apart by their lengths.
fn key(parts: &[&[u8]]) -> Key {
    let mut digest = Context::new(&SHA256);
    for part in parts {
        digest.update(&(part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let digest = digest.finish();
    let start = digest.as_ref().first_chunk();
    start.copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(address: &str) -> Source {
        Source::browser(Some(address.parse().unwrap()))
    }

    #[test]
    fn an_ipv6_host_is_its_network_and_an_ipv4_host_itself() {
        assert_eq!(browser("2001:db8::1"), browser("2001:db8::ffff:2"));
        assert_ne!(browser("2001:db8::1"), browser("2001:db8:0:1::1"));
        assert_ne!(browser("192.0.2.1"), browser("192.0.2.2"));
        assert_eq!(browser("192.0.2.1"), browser("::ffff:192.0.2.1"));
    }

    #[test]
    fn hosts_of_one_network_share_what_is_around_them() {
        let around = |address| browser(address).around();
        let [of_56, of_48] = around("2001:db8:0:100::1").unwrap();
        assert_eq!(around("2001:db8:0:1ff::1"), Some([of_56, of_48]));
        let [other_56, same_48] = around("2001:db8:0:200::1").unwrap();
        assert_ne!(other_56, of_56);
        assert_eq!(same_48, of_48);
        assert_ne!(around("2001:db8:1:100::1").unwrap()[1], of_48);
        assert_eq!(around("192.0.2.1"), None);
        assert_eq!(around("::ffff:192.0.2.1"), None);
    }

    #[test]
    fn browsers_clients_and_accounts_are_counted_apart() {
        let address = Some("192.0.2.1".parse().unwrap());
        let client = |id: &str| Source::client(&id.parse().unwrap(), address);
        assert_ne!(client("a").key(), client("b").key());
        assert_ne!(client("a").key(), Source::browser(address).key());
        assert_ne!(client("a").with("alice"), client("b").with("alice"));
        assert_ne!(client("a").with("alice"), client("a").with("bob"));
    }
}
