//! What a client may begin and leave.

use std::net::IpAddr;

use super::{Client, Context, OAuthError, Unavailable};
use crate::store::Room;
use crate::throttle::{Pending, RetryAfter, Source};

/// Takes one of what the client may begin, and says how much of the store's room it may be in. One of the
/// operator's that has authenticated is counted by itself; in the name of a public client anybody asks, and
/// anybody can be a client that describes itself, so that there the address counts.
pub(super) fn begin<S>(
    context: Context<'_, S>,
    client: &Client,
    address: Option<IpAddr>,
    pending: Pending,
) -> Result<Room, OAuthError> {
    let (source, room) = if client.is_confidential() && !client.describes_itself() {
        (Source::client(&client.id, None), Room::Whole)
    } else {
        (Source::browser(address), Room::Open)
    };
    let taken = context.throttles.pending.take(pending, source, context.now);
    taken.map_err(|RetryAfter(seconds)| Unavailable::Throttled(seconds))?;
    Ok(room)
}
