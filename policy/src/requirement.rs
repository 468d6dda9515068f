//! What a rule asks of a request.

use dockgate_token::Scope;

use crate::claim_requirement::ClaimName;
use crate::claims::VerifiedClaims;
use crate::denial::Denial;

/// What a request must bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    /// Nothing.
    Public,
    /// Nothing the filter knows of: the upstream looks at the credentials itself.
    Passthrough,
    /// A valid token.
    Token(TokenRequirement),
}

/// What a valid token must allow; by default nothing in particular.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TokenRequirement {
    /// Each of these.
    pub(crate) all_scopes: Scope,
    /// At least one of these, unless there are none.
    pub(crate) any_scope: Scope,
    /// Each of these.
    pub(crate) claims: Vec<RequiredClaim>,
}

/// One of the policy's claim requirements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequiredClaim {
    /// Where it stands in `Policy::claim_requirements`.
    pub(crate) position: usize,
    /// For the reason of a refusal.
    pub(crate) name: ClaimName,
}

impl TokenRequirement {
    /// The scopes to name in a challenge; of alternatives the first, which is the one to list as
    /// the least.
    pub(crate) fn scope_to_ask_for(&self) -> Scope {
        let Some(least) = self.any_scope.iter().next() else {
            return self.all_scopes.clone();
        };
        let tokens = self.all_scopes.iter().chain([least]);
        Scope::from_tokens(tokens).unwrap_or_default()
    }

    pub(crate) fn is_met_by_scopes(&self, granted: &Scope) -> bool {
        granted.covers(&self.all_scopes)
            && (self.any_scope.is_empty() || granted.covers_any(&self.any_scope))
    }

    /// Scopes first: a client can ask for more of them, and nothing helps it to another claim.
    pub(crate) fn check(&self, claims: &VerifiedClaims) -> Result<(), Denial> {
        if !self.is_met_by_scopes(&claims.scope) {
            return Err(Denial::InsufficientScope {
                required: self.scope_to_ask_for(),
            });
        }
        let unmet = self
            .claims
            .iter()
            .find(|claim| !claims.met_requirements.contains(&claim.position));
        match unmet {
            None => Ok(()),
            Some(claim) => Err(Denial::ClaimNotMet {
                claim: claim.name.as_str().to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_alternatives_the_first_is_asked_for() {
        let requirement = |all: &str, any: &str| TokenRequirement {
            all_scopes: all.parse().unwrap(),
            any_scope: any.parse().unwrap(),
            claims: Vec::new(),
        };
        for (all, any, asked_for) in [
            ("", "", ""),
            ("a b", "", "a b"),
            ("", "read write", "read"),
            ("a", "read write", "a read"),
            ("a", "a b", "a"),
        ] {
            let asked = requirement(all, any).scope_to_ask_for();
            assert_eq!(asked.to_string(), asked_for, "{all} / {any}");
        }
    }
}
