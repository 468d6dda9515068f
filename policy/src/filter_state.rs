//! What is told to the host's other parts about a request that passes: for access logs, rate limits
//! and later filters.

use serde::Deserialize;

use crate::claims::VerifiedClaims;
use crate::denial::TokenFault;
use crate::forward::header_safe;

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

/// What a verified token says of its caller. What could break a line of a log is refused, as it is
/// for headers.
pub(crate) fn of_caller(
    wanted: &[StateField],
    issuer: &str,
    claims: &VerifiedClaims,
) -> Result<FilterState, TokenFault> {
    let mut state = FilterState::new();
    for field in wanted {
        let (claim, value) = match field {
            StateField::Subject => ("sub", claims.subject.clone()),
            StateField::ClientId => (
                "client_id",
                claims.client_id.as_ref().map(|own| own.as_str().to_owned()),
            ),
            StateField::Scope => ("scope", Some(claims.scope.to_string())),
            StateField::Issuer => ("iss", Some(issuer.to_owned())),
            StateField::Rule | StateField::WouldDeny => continue,
        };
        if let Some(value) = value {
            state.push((field.name(), header_safe(claim, &value)?));
        }
    }
    Ok(state)
}
