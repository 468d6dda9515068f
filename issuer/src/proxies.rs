//! Which proxies are believed when they say for whom they speak.

use std::net::IpAddr;

use ipnet::IpNet;

/// The proxies in front of the issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxies {
    networks: Vec<IpNet>,
    in_a_row: usize,
}

impl Proxies {
    /// Proxies with addresses of `networks`, of which a request passes `in_a_row`.
    pub fn new(networks: Vec<IpNet>, in_a_row: usize) -> Self {
        Self { networks, in_a_row }
    }

    /// Those on this machine.
    pub fn loopback() -> Self {
        let networks = ["127.0.0.0/8", "::1/128"];
        let networks = networks.iter().filter_map(|network| network.parse().ok());
        Self::new(networks.collect(), 1)
    }

    /// The same proxies, of which a request passes so many.
    #[must_use]
    pub fn of_which_a_request_passes(self, in_a_row: usize) -> Self {
        Self { in_a_row, ..self }
    }

    /// Whether the address is that of a proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }

    /// Where they are.
    pub fn networks(&self) -> impl Iterator<Item = &IpNet> {
        self.networks.iter()
    }

    /// How many proxies a request passes: so many entries of `x-forwarded-for` are theirs, and whoever
    /// is a client there is none even where the address is that of a proxy.
    pub fn in_a_row(&self) -> usize {
        self.in_a_row
    }
}

impl Default for Proxies {
    fn default() -> Self {
        Self::loopback()
    }
}
