//! What documents are taken.

use std::collections::BTreeSet;

use crate::protocol::registration::Offer;

/// The rules, as the operator sets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdMetadataPolicy {
    /// Whether documents are also taken from the machine itself, without TLS too.
    pub allow_loopback: bool,
    /// The hosts whose documents are taken; `None`: any.
    pub allowed_hosts: Option<BTreeSet<String>>,
    /// What a client may be.
    pub offer: Offer,
}
