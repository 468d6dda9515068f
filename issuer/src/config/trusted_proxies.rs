//! `listen.trusted_proxies` and `listen.proxies_in_a_row`: who may say for whom it speaks.

use std::net::IpAddr;

use ipnet::IpNet;

use super::bounds::bounded;
use super::error::Problems;
use super::listen::ListenTable;
use super::located::Located;
use crate::proxies::Proxies;

/// The proxies. By default those on this machine, one in a row: Envoy beside the issuer.
pub(super) fn check(
    networks: Option<Vec<Located<String>>>,
    in_a_row: Option<Located<u64>>,
    problems: &mut Problems,
) -> Proxies {
    let in_a_row = bounded("listen.proxies_in_a_row", in_a_row, 1, 1..=10, problems);
    let in_a_row = usize::try_from(in_a_row).unwrap_or(1);
    match networks {
        None => Proxies::loopback().of_which_a_request_passes(in_a_row),
        Some(networks) => {
            let networks = networks.iter();
            let networks = networks.filter_map(|network| network_of(network, problems));
            Proxies::new(networks.collect(), in_a_row)
        }
    }
}

fn network_of(written: &Located<String>, problems: &mut Problems) -> Option<IpNet> {
    let text = written.value.as_str();
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    let Some(network) = text.parse::<IpNet>().ok().or_else(address) else {
        problems.add(
            &written.place,
            format!("listen.trusted_proxies: {text:?} is no address and no network"),
            "Write the address of the proxy, or its network such as \"10.0.0.0/24\"".to_owned(),
        );
        return None;
    };
    if network.prefix_len() == 0 {
        problems.add(
            &written.place,
            format!("listen.trusted_proxies: {text:?} is everybody, who could then pretend to be anybody"),
            "Write the addresses of the proxies alone".to_owned(),
        );
        return None;
    }
    Some(network.trunc())
}

/// What to tell an operator who listens on a network and does not say where Envoy is.
pub(super) fn warning(listen: &ListenTable) -> Option<String> {
    let http = listen.http.as_ref()?.value.parse::<std::net::SocketAddr>();
    let is_reached_from_elsewhere = http.is_ok_and(|http| !http.ip().is_loopback());
    (is_reached_from_elsewhere && listen.trusted_proxies.is_none()).then(|| {
        "listen.http can be reached from other machines and listen.trusted_proxies does not say \
         which of them is Envoy: everybody counts as one address when wrong passwords are counted"
            .to_owned()
    })
}
