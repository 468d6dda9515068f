//! How many files the issuer may have open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Beside connections: the store, the listeners, the log, commands, what is fetched from clients and
/// sent to a collector.
const OTHERS: u64 = 128;

/// Raises the soft limit to the hard one: it is low for programs that cannot count further than 1024,
/// and this is none of them. Where that leaves no room for as many `connections` of each of two
/// listeners, it takes as many as there is room for, so that they never take from the store what it
/// needs, and gives a warning.
pub(super) fn make_room(connections: &mut usize) -> Option<String> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    let limit = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(_) => current,
    };
    let wanted = *connections;
    *connections = room(limit?, wanted)?;
    Some(format!(
        "the limit of {} open files leaves room for {connections} connections of each listener instead of listen.max_connections = {wanted}: raise the hard limit (ulimit -Hn, LimitNOFILE) to {}, or lower listen.max_connections",
        limit?,
        needed(wanted)
    ))
}

fn needed(connections: usize) -> u64 {
    let connections = u64::try_from(connections).unwrap_or(u64::MAX);
    connections.saturating_mul(2).saturating_add(OTHERS)
}

/// For how many there is room; `None` where that is as many as are wanted.
fn room(limit: u64, wanted: usize) -> Option<usize> {
    if needed(wanted) <= limit {
        return None;
    }
    let each = limit.saturating_sub(OTHERS).max(2) / 2;
    usize::try_from(each).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_the_store_what_it_needs() {
        for (limit, wanted, expected) in [
            (1 << 20, 1024, None),
            (2 * 1024 + OTHERS, 1024, None),
            (2 * 1024 + OTHERS - 1, 1024, Some(1023)),
            (1024, 1024, Some(448)),
            (OTHERS, 1024, Some(1)),
            (0, 1, Some(1)),
        ] {
            assert_eq!(room(limit, wanted), expected, "{limit} for {wanted}");
        }
    }
}
