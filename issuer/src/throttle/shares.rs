//! What one party may take of something that all share. Who has IPv6 has been given a network, and
//! nobody can tell how large: a host has 64 bits, a home 56, a company or whoever asks a tunnel for it
//! 48. So each of the three is counted, the larger with more.

use super::allowance::{Allowance, Rate};
use super::recent::Recent;
use super::{Key, RetryAfter, Source};
use crate::clock::UnixSeconds;

/// The parts of an address and of the networks around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shares {
    /// Of an IPv4 address or an IPv6 network of 64 bits; or of a client.
    pub(super) own: Rate,
    /// Of an IPv6 network of 56 bits.
    pub(super) of_56: Rate,
    /// Of an IPv6 network of 48 bits.
    pub(super) of_48: Rate,
}

impl Shares {
    /// Of what is counted by itself alone.
    pub(super) const fn only(own: Rate) -> Self {
        Self {
            own,
            of_56: own,
            of_48: own,
        }
    }

    fn counted(self, source: Source) -> impl Iterator<Item = (Key, Rate)> {
        let around = source.around();
        let around = around.map(|[of_56, of_48]| [(of_56, self.of_56), (of_48, self.of_48)]);
        std::iter::once((source.key(), self.own)).chain(around.into_iter().flatten())
    }
}

impl Recent<Allowance> {
    /// Whether one more may be taken from there.
    pub(super) fn check_share(
        &self,
        source: Source,
        shares: Shares,
        now: UnixSeconds,
    ) -> Result<(), RetryAfter> {
        for (key, rate) in shares.counted(source) {
            self.get(&key).unwrap_or_default().check(rate, now)?;
        }
        Ok(())
    }

    /// Counts one that was taken.
    pub(super) fn count_share(&mut self, source: Source, shares: Shares, now: UnixSeconds) {
        for (key, rate) in shares.counted(source) {
            self.fail(key, rate, now);
        }
    }
}

#[cfg(test)]
mod tests;
