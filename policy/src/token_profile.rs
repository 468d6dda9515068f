//! What the access tokens of an issuer look like. By default as RFC 9068 says; looser only by
//! settings, each of which an operator has to name.

use dockgate_token::ACCESS_TOKEN_TYPE;

use crate::claim_requirement::{ClaimName, ClaimRequirement};
use crate::denial::TokenFault;
use crate::strict_json::JsonObject;

/// How to tell an issuer's access tokens from its other tokens, and where in them things are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TokenProfile {
    /// Which `typ` they may have; `None` stands for none at all.
    pub(crate) types: Vec<Option<String>>,
    /// Where scopes are found; all that are there count together.
    pub(crate) scope_claims: Vec<ClaimName>,
    /// Whether scopes may be a list of strings.
    pub(crate) scope_as_array: bool,
    /// Where an audience is found besides `aud`.
    pub(crate) audience_claims: Vec<ClaimName>,
    /// Where the client is found; the first that is there counts.
    pub(crate) client_id_claims: Vec<ClaimName>,
    pub(crate) may_lack: MayLack,
    /// Claims that no access token of this issuer has.
    pub(crate) forbidden_claims: Vec<ClaimName>,
    /// Claims that every access token of this issuer has.
    pub(crate) required_claims: Vec<ClaimRequirement>,
}

/// Which of the claims that RFC 9068 §2.2 requires may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MayLack {
    pub(crate) subject: bool,
    pub(crate) client_id: bool,
    pub(crate) issued_at: bool,
    pub(crate) token_id: bool,
}

impl Default for TokenProfile {
    fn default() -> Self {
        Self {
            types: vec![Some(ACCESS_TOKEN_TYPE.to_owned())],
            scope_claims: vec![ClaimName::new("scope")],
            scope_as_array: false,
            audience_claims: Vec::new(),
            client_id_claims: vec![ClaimName::new("client_id")],
            may_lack: MayLack::default(),
            forbidden_claims: vec![ClaimName::new(Self::CONFIRMATION)],
            required_claims: Vec::new(),
        }
    }
}

impl TokenProfile {
    /// A token with it is for the holder of a key alone (RFC 7800 §3.1, RFC 8705 §3.1, RFC 9449 §6.1).
    /// Nothing here asks for that key, and as a plain bearer token it would be good for every thief.
    pub(crate) const CONFIRMATION: &str = "cnf";

    /// What ID tokens (OIDC Core §2, §3.3.2.11) and logout tokens (OIDC Back-Channel Logout §2.4)
    /// have and access tokens do not.
    pub(crate) const CLAIMS_OF_OTHER_TOKENS: [&str; 5] =
        ["nonce", "at_hash", "c_hash", "s_hash", "events"];

    /// Whether a type says "access token" and nothing else does (RFC 8725 §3.11).
    pub(crate) fn is_typed(types: &[Option<String>]) -> bool {
        types.iter().all(|own| {
            own.as_deref()
                .is_some_and(|own| is_same_type(own, ACCESS_TOKEN_TYPE))
        })
    }

    /// RFC 9068 §4: the type is checked, with or without `application/`.
    pub(crate) fn check_type(&self, token_type: Option<&str>) -> Result<(), TokenFault> {
        let expected = self.types.iter().any(|own| match (own, token_type) {
            (Some(own), Some(theirs)) => is_same_type(own, theirs),
            (own, theirs) => own.is_none() && theirs.is_none(),
        });
        if expected {
            Ok(())
        } else {
            Err(TokenFault::NotAnAccessToken)
        }
    }

    /// Whether a token with this claim is refused.
    pub(crate) fn forbids(&self, claim: &str) -> bool {
        self.forbidden_claims
            .iter()
            .any(|own| own.as_str() == claim)
    }

    /// Tells access tokens from the issuer's other tokens where their type does not.
    pub(crate) fn check_kind(&self, payload: &JsonObject<'_>) -> Result<(), TokenFault> {
        let forbidden = &mut self.forbidden_claims.iter();
        if let Some(name) = forbidden.find(|name| name.find(payload).is_some()) {
            let claim = name.as_str().to_owned();
            return Err(TokenFault::ForbiddenClaim { claim });
        }
        let required = &mut self.required_claims.iter();
        if let Some(unmet) = required.find(|required| !required.is_met_by(payload)) {
            let claim = unmet.name.as_str().to_owned();
            return Err(TokenFault::RequiredClaim { claim });
        }
        Ok(())
    }
}

/// RFC 7515 §4.1.9: a media type may leave `application/` out if it has no other slash; it has no
/// case (RFC 2045 §5.1).
fn is_same_type(one: &str, other: &str) -> bool {
    short_type(one).eq_ignore_ascii_case(short_type(other))
}

fn short_type(name: &str) -> &str {
    match name.split_once('/') {
        Some((top, rest)) if top.eq_ignore_ascii_case("application") && !rest.contains('/') => rest,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_no_case_and_may_leave_application_out() {
        let profile = TokenProfile::default();
        for typ in [
            "at+jwt",
            "AT+JWT",
            "application/at+jwt",
            "Application/At+Jwt",
        ] {
            assert_eq!(profile.check_type(Some(typ)), Ok(()), "{typ}");
        }
    }

    #[test]
    fn types_of_other_tokens_are_refused() {
        let profile = TokenProfile::default();
        for typ in [
            "JWT",
            "id+jwt",
            "dpop+jwt",
            "logout+jwt",
            "at+jwt ",
            "at+jwt; x",
            "",
            "text/at+jwt",
            "application/x/at+jwt",
            "application/application/at+jwt",
        ] {
            let refused = profile.check_type(Some(typ));
            assert_eq!(refused, Err(TokenFault::NotAnAccessToken), "{typ}");
        }
        assert_eq!(profile.check_type(None), Err(TokenFault::NotAnAccessToken));
    }

    #[test]
    fn no_type_is_a_type_of_its_own() {
        let profile = TokenProfile {
            types: vec![None],
            ..TokenProfile::default()
        };
        assert_eq!(profile.check_type(None), Ok(()));
        for typ in ["", "JWT", "at+jwt"] {
            assert!(profile.check_type(Some(typ)).is_err(), "{typ}");
        }
    }
}
