//! One party with a large network against everybody else.

use std::net::{IpAddr, Ipv6Addr};

use super::super::pending::{DEVICES_BY_ADDRESS, PUSHED_BY_ADDRESS, Pending, PendingThrottle};
use super::super::registration::{self, Registrant, RegistrationThrottle};
use super::super::{DocumentThrottle, documents};
use super::*;

const NOW: UnixSeconds = 1_000_000;

/// The `n`th network of 64 bits in 2001:db8:`site`::/48, the last byte of it first filled with hosts.
fn host(site: u16, n: u16) -> Source {
    let address = Ipv6Addr::new(0x2001, 0xdb8, site, n, 0, 0, 0, 1);
    Source::browser(Some(IpAddr::V6(address)))
}

/// How much a network takes within so many seconds, from as many of its hosts as it likes.
fn most(hosts: u16, seconds: u64, mut take: impl FnMut(Source, UnixSeconds) -> bool) -> u64 {
    let mut taken = 0;
    for now in NOW..=NOW + seconds {
        let mut refused_in_a_row = 0;
        let mut next = 0_u16;
        // Two full rounds of the networks of 56 bits without one that may: nothing is left.
        while refused_in_a_row < 512 {
            let source = host(7, next % hosts);
            next = next.wrapping_add(257);
            if take(source, now) {
                taken += 1;
                refused_in_a_row = 0;
            } else {
                refused_in_a_row += 1;
            }
        }
    }
    taken
}

#[test]
fn no_network_fills_what_there_may_be_begun_and_others_are_served() {
    for (pending, shares, lifetime) in [
        (Pending::PushedRequest, PUSHED_BY_ADDRESS, 90),
        (Pending::Device, DEVICES_BY_ADDRESS, 900),
    ] {
        for (hosts, rate) in [
            (1, shares.own),
            (256, shares.of_56),
            (u16::MAX, shares.of_48),
        ] {
            let throttle = PendingThrottle::default();
            let taken = most(hosts, lifetime, |source, now| {
                throttle.take(pending, source, now).is_ok()
            });
            let expected = rate.burst + lifetime / rate.seconds_each;
            assert_eq!(taken, expected, "{pending:?} of {hosts}");
            assert!(taken < 10_000 / 7, "{pending:?} of {hosts}: {taken}");
            let later = NOW + lifetime;
            for other in [host(8, 0), Source::browser(None)] {
                assert_eq!(throttle.take(pending, other, later), Ok(()));
            }
        }
    }
}

#[test]
fn no_network_uses_up_the_registrations_of_all() {
    let throttle = RegistrationThrottle::default();
    let taken = most(u16::MAX, 600, |source, now| {
        throttle.take(Registrant::Anyone(source), now).is_ok()
    });
    let rate = registration::SOURCE.of_48;
    assert_eq!(taken, rate.burst + 600 / rate.seconds_each);
    assert!(taken < registration::OVERALL.burst / 4);
    let other = Registrant::Anyone(host(8, 0));
    assert_eq!(throttle.take(other, NOW + 600), Ok(()));
}

#[test]
fn no_network_uses_up_the_documents_of_all() {
    let throttle = DocumentThrottle::default();
    let taken = most(u16::MAX, 100, |source, now| {
        throttle.take(source, now).is_ok()
    });
    let rate = documents::SOURCE.of_48;
    assert_eq!(taken, rate.burst + 100 / rate.seconds_each);
    assert!(taken < documents::OVERALL.burst / 2);
    assert_eq!(throttle.take(host(8, 0), NOW + 100), Ok(()));
}

#[test]
fn an_address_of_ipv4_is_counted_by_itself() {
    let throttle = PendingThrottle::default();
    let from = |n: u32| Source::browser(Some(std::net::Ipv4Addr::from(n).into()));
    let taken = (0..2000).filter(|n| throttle.take(Pending::Device, from(*n), NOW).is_ok());
    assert_eq!(taken.count(), 2000);
}

#[test]
fn what_is_refused_counts_nowhere() {
    let throttle = PendingThrottle::default();
    let take = |n| throttle.take(Pending::Device, host(7, n), NOW);
    while take(0).is_ok() {}
    for _ in 0..10_000 {
        assert!(take(0).is_err());
    }
    assert_eq!(take(1), Ok(()));
}
