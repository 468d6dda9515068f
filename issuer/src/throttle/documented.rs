//! The numbers of docs/limits.md are those of the code.

use super::allowance::Rate;
use super::{client, documents, login, pending, registration, streak, user_code};

const DOCS: &str = include_str!("../../../docs/limits.md");

/// The row of a limit: what it is, and the cell with its number.
pub(crate) fn number(what: &str) -> &'static str {
    let row = DOCS.lines().find(|line| {
        let mut cells = line.split('|').map(str::trim);
        cells.next() == Some("") && cells.next() == Some(what)
    });
    let row = row.unwrap_or_else(|| panic!("no row of {what:?}"));
    row.split('|').nth(2).unwrap().trim()
}

pub(crate) fn written(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().collect();
    let groups: Vec<_> = groups
        .into_iter()
        .map(|group| std::str::from_utf8(group).unwrap())
        .collect();
    // From five digits on, so as not to part 1024.
    if digits.len() < 5 {
        return digits;
    }
    groups.join(" ")
}

#[test]
fn every_rate_is_documented() {
    for (what, rate) in [
        ("wrong passwords of an address", login::BROWSERS),
        (
            "wrong passwords that a client passes on, of an address",
            login::CLIENTS,
        ),
        (
            "wrong passwords of an account, from all unknown browsers",
            login::ACCOUNT,
        ),
        (
            "wrong passwords of all accounts, from all unknown browsers",
            login::OVERALL,
        ),
        (
            "wrong credentials of a client from an address",
            client::PAIR,
        ),
        ("wrong credentials of an address", client::SOURCE),
        ("wrong credentials of all", client::OVERALL),
        ("wrong user codes of an account", user_code::ACCOUNT),
        ("wrong user codes of an address", user_code::SOURCE),
        ("wrong user codes of all", user_code::OVERALL),
        ("registrations of an address", registration::SOURCE.own),
        (
            "registrations of an IPv6 network of 56 bits",
            registration::SOURCE.of_56,
        ),
        (
            "registrations of an IPv6 network of 48 bits",
            registration::SOURCE.of_48,
        ),
        (
            "registrations with an initial access token",
            registration::TOKEN,
        ),
        (
            "client documents fetched for an address",
            documents::SOURCE.own,
        ),
        (
            "client documents fetched for an IPv6 network of 56 bits",
            documents::SOURCE.of_56,
        ),
        (
            "client documents fetched for an IPv6 network of 48 bits",
            documents::SOURCE.of_48,
        ),
        ("client documents fetched for all", documents::OVERALL),
        (
            "registrations of all without a token",
            registration::OVERALL,
        ),
        (
            "pushed requests of an address, by public clients",
            pending::PUSHED_BY_ADDRESS.own,
        ),
        (
            "pushed requests of an IPv6 network of 56 bits, by public clients",
            pending::PUSHED_BY_ADDRESS.of_56,
        ),
        (
            "pushed requests of an IPv6 network of 48 bits, by public clients",
            pending::PUSHED_BY_ADDRESS.of_48,
        ),
        (
            "pushed requests of a confidential client",
            pending::PUSHED_BY_CLIENT,
        ),
        (
            "device codes of an address, by public clients",
            pending::DEVICES_BY_ADDRESS.own,
        ),
        (
            "device codes of an IPv6 network of 56 bits, by public clients",
            pending::DEVICES_BY_ADDRESS.of_56,
        ),
        (
            "device codes of an IPv6 network of 48 bits, by public clients",
            pending::DEVICES_BY_ADDRESS.of_48,
        ),
        (
            "device codes of a confidential client",
            pending::DEVICES_BY_CLIENT,
        ),
    ] {
        let Rate {
            burst,
            seconds_each,
        } = rate;
        let each = match seconds_each {
            1 => "each second".to_owned(),
            _ => format!("each {seconds_each} seconds"),
        };
        let expected = format!("{}, and one more {each}", written(burst));
        assert_eq!(number(what), expected, "{what}");
    }
}

#[test]
fn the_waits_are_documented() {
    for (what, pace) in [
        (
            "wrong passwords of an account from an address",
            streak::USUAL,
        ),
        (
            "the same while the account or the server is under attack",
            streak::PRESSED,
        ),
    ] {
        let streak::Pace {
            free,
            first_wait,
            longest_wait,
        } = pace;
        let expected = format!(
            "{free} free, then waits of {first_wait} seconds, doubled each time, up to {}",
            written(longest_wait)
        );
        assert_eq!(number(what), expected, "{what}");
    }
    let hours = streak::FORGOTTEN_AFTER / 3600;
    let expected = format!("{hours} hours without another");
    assert_eq!(number("until failures in a row are forgotten"), expected);
}

#[test]
fn what_is_remembered_is_documented() {
    for (what, most) in [
        (
            "counters of passwords, for each of three kinds",
            login::MOST_REMEMBERED,
        ),
        (
            "counters of credentials, for each of two kinds",
            client::MOST_REMEMBERED,
        ),
        (
            "counters of user codes, for each of two kinds",
            user_code::MOST_REMEMBERED,
        ),
        ("counters of registrations", registration::MOST_REMEMBERED),
        ("counters of client documents", documents::MOST_REMEMBERED),
        (
            "counters of what is begun, for each of two kinds",
            pending::MOST_REMEMBERED,
        ),
    ] {
        let most = u64::try_from(most).unwrap();
        assert_eq!(number(what), written(most), "{what}");
    }
}
