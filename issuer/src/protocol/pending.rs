//! What a client may begin and leave.

use std::net::IpAddr;

use super::{Client, Context, OAuthError, Unavailable};
use crate::throttle::{Pending, RetryAfter, Source};

/// Takes one of what the client may begin. One that has authenticated is counted by itself; in the
/// name of a public client anybody asks, so that there the address counts.
pub(super) fn begin<S>(
    context: Context<'_, S>,
    client: &Client,
    address: Option<IpAddr>,
    pending: Pending,
) -> Result<(), OAuthError> {
    let source = if client.is_confidential() {
        Source::client(&client.id, None)
    } else {
        Source::browser(address)
    };
    let taken = context.throttles.pending.take(pending, source, context.now);
    taken.map_err(|RetryAfter(seconds)| Unavailable::Throttled(seconds).into())
}
