//! `[listen]`: the two listeners and their limits.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::located::Located;
use super::trusted_proxies;
use crate::proxies::Proxies;

/// The listeners.
#[derive(Clone, Debug)]
pub struct Listen {
    /// `http`: where Envoy reaches the OAuth endpoints. Default `127.0.0.1:9000`.
    pub http: SocketAddr,
    /// `ops`: where health checks and monitoring reach the issuer; Envoy never does. Default
    /// `127.0.0.1:9002`.
    pub ops: SocketAddr,
    /// `trusted_proxies` and `proxies_in_a_row`: who may say for whom it speaks.
    pub proxies: Proxies,
    /// `max_connections`: open connections per listener, 1 to 100000; further ones wait in the
    /// kernel. Default 1024: Envoy keeps a few per worker, and each costs up to 128 KiB while its
    /// request is read.
    pub max_connections: usize,
    /// `header_read_timeout_seconds`: how long a connection may be without a request that is being
    /// handled, 1 to 300 seconds. Within it the head of a request has to come, also the first; an
    /// answer has to be taken; and an idle connection, of HTTP/1 or HTTP/2, is closed after it.
    /// Default 10: whoever is slower is no proxy, as Envoy sends a head and takes an answer of a
    /// few KiB at once. Envoy's `idle_timeout` for the issuer's cluster has to be shorter, so that
    /// it never sends on a connection that is being closed.
    pub header_read_timeout: Duration,
    /// `body_read_timeout_seconds`: how long the body of a request may take, 1 to 300 seconds.
    /// Default 10: bodies are at most 64 KiB.
    pub body_read_timeout: Duration,
    /// `drain_seconds`: how long requests in progress are waited for after SIGTERM, 0 to 300
    /// seconds. Default 10: longer than the slowest request, shorter than the 30 seconds after
    /// which orchestrators kill.
    pub drain: Duration,
}

/// The two listeners and their limits.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ListenTable {
    /// An address and a port: where Envoy reaches the issuer.
    #[cfg_attr(test, schemars(extend("default" = "127.0.0.1:9000", "examples" = ["127.0.0.1:9100"])))]
    pub(super) http: Option<Located<String>>,
    /// An address and a port: `/healthz`, `/readyz` and `/metrics`. Envoy has no route to it.
    #[cfg_attr(test, schemars(extend("default" = "127.0.0.1:9002", "examples" = ["127.0.0.1:9102"])))]
    pub(super) ops: Option<Located<String>>,
    /// Permits addresses that other machines reach. Whoever connects passes by all that Envoy
    /// checks and limits: for containers, where the network admits Envoy alone.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    pub(super) allow_non_loopback: Option<Located<bool>>,
    /// Addresses and networks whose `X-Forwarded-For` is believed when failures are counted
    /// ([limits.md](limits.md#whose-address-it-is)): Envoy beside the issuer. Name proxies alone, since
    /// whoever has such an address can pretend to be anybody. In the variable, parted by commas.
    #[cfg_attr(test, schemars(extend("default" = ["127.0.0.0/8", "::1/128"], "examples" = [["10.0.0.0/24"]])))]
    pub(super) trusted_proxies: Option<Vec<Located<String>>>,
    /// How many of them a request passes, Envoy counted.
    pub(super) proxies_in_a_row: Option<Located<u64>>,
    /// Per listener; further ones wait in the kernel. Envoy keeps a few per worker; each costs up
    /// to 128 KiB while its request is read.
    pub(super) max_connections: Option<Located<u64>>,
    /// How long a connection may be without a request in progress. Longer than the `idle_timeout`
    /// of Envoy's cluster, so that Envoy never sends on one that is closing.
    pub(super) header_read_timeout_seconds: Option<Located<u64>>,
    /// How long a body may take; bodies have at most 64 KiB.
    pub(super) body_read_timeout_seconds: Option<Located<u64>>,
    /// How long requests in progress are waited for after SIGTERM. Shorter than the 30 seconds
    /// after which orchestrators kill.
    pub(super) drain_seconds: Option<Located<u64>>,
}

impl ListenTable {
    pub(super) fn check(self, problems: &mut Problems) -> Option<Listen> {
        let open = self.allow_non_loopback.is_some_and(|allow| allow.value);
        let ops_place = self
            .ops
            .as_ref()
            .or(self.http.as_ref())
            .map(|at| at.place.clone());
        let http = address("listen.http", self.http, 9000, open, problems);
        let ops = address("listen.ops", self.ops, 9002, open, problems);
        if let (Some(place), Some(http), Some(ops)) = (ops_place, http, ops)
            && http == ops
            && http.port() != 0
        {
            let instead = "Give it another port: the two are two listeners";
            problems.add(&place, "listen.ops is the address of listen.http", instead);
        }
        let mut seconds = |name, value, default, low| {
            Duration::from_secs(bounded(name, value, default, low..=300, problems))
        };
        let header_read_timeout = seconds(
            "header_read_timeout_seconds",
            self.header_read_timeout_seconds,
            10,
            1,
        );
        let body_read_timeout = seconds(
            "body_read_timeout_seconds",
            self.body_read_timeout_seconds,
            10,
            1,
        );
        let drain = seconds("drain_seconds", self.drain_seconds, 10, 0);
        let proxies = trusted_proxies::check(self.trusted_proxies, self.proxies_in_a_row, problems);
        let max_connections = bounded(
            "max_connections",
            self.max_connections,
            1024,
            1..=100_000,
            problems,
        );
        Some(Listen {
            http: http?,
            ops: ops?,
            proxies,
            max_connections: usize::try_from(max_connections).unwrap_or(usize::MAX),
            header_read_timeout,
            body_read_timeout,
            drain,
        })
    }
}

fn address(
    name: &str,
    written: Option<Located<String>>,
    default_port: u16,
    allow_non_loopback: bool,
    problems: &mut Problems,
) -> Option<SocketAddr> {
    let Some(Located { value, place }) = written else {
        return Some(SocketAddr::from(([127, 0, 0, 1], default_port)));
    };
    let Ok(address) = value.parse::<SocketAddr>() else {
        problems.add(
            &place,
            format!("{name} {value:?} is no address"),
            format!("Write an IP address and a port, such as \"127.0.0.1:{default_port}\""),
        );
        return None;
    };
    if !address.ip().is_loopback() && !allow_non_loopback {
        problems.add(
            &place,
            format!("{name} {value:?} can be reached from other machines, past Envoy"),
            format!(
                "Write \"127.0.0.1:{}\"; or, if the network lets only Envoy connect, add allow_non_loopback = true to [listen] (DOCKGATE_LISTEN_ALLOW_NON_LOOPBACK=true)",
                address.port()
            ),
        );
        return None;
    }
    Some(address)
}
