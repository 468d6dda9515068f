//! What is told to the host's other parts about a request that passes: for access logs, rate limits
//! and later filters.

use serde::Deserialize;

use crate::config::Policy;
use crate::verify::VerifiedToken;

/// One thing that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateField {
    Subject,
    ClientId,
    Scope,
    Issuer,
    Rule,
    WouldDeny,
}

/// Names and values, each to be written once.
pub(crate) type FilterState = Vec<(&'static str, String)>;

impl StateField {
    /// The name below `wasm.`, which Envoy puts in front.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Subject => "dockgate.subject",
            Self::ClientId => "dockgate.client_id",
            Self::Scope => "dockgate.scope",
            Self::Issuer => "dockgate.issuer",
            Self::Rule => "dockgate.rule",
            Self::WouldDeny => "dockgate.would_deny",
        }
    }
}

/// What a verified token says of its caller, all of it safe to log.
pub(crate) fn of_caller(policy: &Policy, verified: &VerifiedToken) -> FilterState {
    let issuer = policy.issuers().get(verified.issuer());
    let issuer = issuer.map(|issuer| issuer.identifier.as_str());
    let told = policy.filter_state.iter().filter_map(|field| {
        let value = match field {
            StateField::Subject => verified.subject(),
            StateField::ClientId => verified.client_id(),
            StateField::Scope => Some(&*verified.scope),
            StateField::Issuer => issuer,
            StateField::Rule | StateField::WouldDeny => None,
        };
        Some((field.name(), value?.to_owned()))
    });
    told.collect()
}
