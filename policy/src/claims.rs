//! The claims of a token: read strictly, and but for `iss` and `exp` only after the signature.

mod read;
#[cfg(test)]
mod tests;

use dockgate_token::{Audience, ClientId, Scope};

use crate::UnixSeconds;
use crate::claim_requirement::ClaimRequirement;
use crate::denial::TokenFault;
use crate::strict_json::{JsonObject, parse_object};
use crate::token_profile::TokenProfile;
use read::{audience, client_id, numeric_date, optional, required_string, scope};

/// A payload that is one JSON object; which claims it must have is up to its issuer.
#[derive(Debug)]
pub(crate) struct UnverifiedPayload<'a> {
    members: JsonObject<'a>,
}

/// Claims of the right shape that nobody has vouched for yet.
#[derive(Debug)]
pub(crate) struct UnverifiedClaims {
    claims: VerifiedClaims,
}

/// Claims under a good signature of a configured issuer, for a configured audience, in their time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedClaims {
    /// Absent only where the issuer's profile says that it may be; so are `client_id` and
    /// `issued_at`.
    pub(crate) subject: Option<String>,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) audience: Audience,
    pub(crate) scope: Scope,
    pub(crate) expires_at: UnixSeconds,
    pub(crate) not_before: Option<UnixSeconds>,
    pub(crate) issued_at: Option<UnixSeconds>,
    /// Which of the policy's claim requirements these claims meet, by position.
    pub(crate) met_requirements: Vec<usize>,
}

impl VerifiedClaims {
    /// What it takes of the memory beside the structure itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        let client_id = self.client_id.as_ref().map(ClientId::as_str);
        let own = self.subject.as_deref().into_iter().chain(client_id);
        let texts = own.chain(self.audience.iter()).chain(self.scope.iter());
        let texts: usize = texts.map(|text| text.len() + TEXT_OVERHEAD_BYTES).sum();
        texts + self.met_requirements.capacity() * size_of::<usize>()
    }
}

/// A `String` of its own: its three words, what the allocator adds, and the slack of the list that it
/// is in.
const TEXT_OVERHEAD_BYTES: usize = 40;

impl<'a> UnverifiedPayload<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, TokenFault> {
        let members = parse_object(bytes).map_err(|_| TokenFault::ClaimsNotJson)?;
        Ok(Self { members })
    }

    /// To be used for one thing only: choosing by whose rules to read this, and whose keys must
    /// have signed it.
    pub(crate) fn unverified_issuer(&self) -> Result<&str, TokenFault> {
        required_string(&self.members, "iss")
    }

    /// Whether `exp` is there and past, so that not even a good signature would help.
    pub(crate) fn is_over(&self, skew: u64, now: UnixSeconds) -> bool {
        numeric_date(&self.members, "exp").is_ok_and(|exp| now >= exp.saturating_add(skew))
    }

    /// Reads the claims that RFC 9068 §2.2 requires, `nbf` and the scope, where the issuer's profile
    /// says that they are.
    ///
    /// A claim of the wrong type is refused, never treated as absent (CVE-2026-25537).
    pub(crate) fn claims(
        self,
        profile: &TokenProfile,
        requirements: &[ClaimRequirement],
    ) -> Result<UnverifiedClaims, TokenFault> {
        let members = &self.members;
        profile.check_kind(members)?;
        optional(members, "jti", profile.may_lack.token_id, required_string)?;
        let met = requirements.iter().enumerate();
        let met = met.filter(|(_, requirement)| requirement.is_met_by(members));
        Ok(UnverifiedClaims {
            claims: VerifiedClaims {
                subject: optional(members, "sub", profile.may_lack.subject, required_string)?
                    .map(str::to_owned),
                client_id: client_id(members, profile)?,
                audience: audience(members, profile)?,
                scope: scope(members, profile)?,
                expires_at: numeric_date(members, "exp")?,
                not_before: optional(members, "nbf", true, numeric_date)?,
                issued_at: optional(members, "iat", profile.may_lack.issued_at, numeric_date)?,
                met_requirements: met.map(|(position, _)| position).collect(),
            },
        })
    }
}

impl UnverifiedClaims {
    /// Believes the claims. `_evidence` can be had only from a signature check.
    pub(crate) fn believe(self, _evidence: &crate::verify::GoodSignature) -> VerifiedClaims {
        self.claims
    }
}
