//! What an issuer's access tokens look like, as it is written.

use serde::Deserialize;

use super::claim::{RawClaims, names, requirements};
use super::error::{At as _, ConfigError};
use crate::claim_requirement::ClaimName;
use crate::token_profile::{MayLack, TokenProfile};

/// Every field left out is as RFC 9068 has it; `docs/filter.md` says what each risks.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTokenProfile {
    /// `null` stands for a token without `typ`.
    types: Option<Vec<Option<String>>>,
    scope_claims: Option<Vec<String>>,
    #[serde(default)]
    scope_as_array: bool,
    audience_claims: Option<Vec<String>>,
    client_id_claims: Option<Vec<String>>,
    #[serde(default)]
    optional_claims: Vec<OptionalClaim>,
    /// Where a type other than `at+jwt` is accepted, the marks of ID and logout tokens by default.
    forbidden_claims: Option<Vec<String>>,
    required_claims: Option<RawClaims>,
}

/// What RFC 9068 §2.2 requires and other issuers leave out. Without `iss`, `exp` or an audience a
/// token proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OptionalClaim {
    Jti,
    Iat,
    ClientId,
    Sub,
}

impl RawTokenProfile {
    pub(super) fn validate(self) -> Result<TokenProfile, ConfigError> {
        let default = TokenProfile::default();
        let types = match self.types {
            Some(types) => self::types(types)?,
            None => default.types,
        };
        let forbidden_claims = match self.forbidden_claims {
            Some(raw) => names("forbidden_claims", raw)?,
            None if TokenProfile::is_typed(&types) => default.forbidden_claims,
            None => TokenProfile::CLAIMS_OF_OTHER_TOKENS
                .into_iter()
                .map(ClaimName::new)
                .chain(default.forbidden_claims)
                .collect(),
        };
        let audience_claims = names("audience_claims", self.audience_claims.unwrap_or_default())?;
        if let Some(index) = audience_claims.iter().position(|own| own.as_str() == "aud") {
            return Err(ConfigError::new(
                format!("audience_claims[{index}]"),
                "aud counts in any case; name the others",
            ));
        }
        let optional = |claim| self.optional_claims.contains(&claim);
        Ok(TokenProfile {
            types,
            scope_claims: or_default("scope_claims", self.scope_claims, default.scope_claims)?,
            scope_as_array: self.scope_as_array,
            audience_claims,
            client_id_claims: or_default(
                "client_id_claims",
                self.client_id_claims,
                default.client_id_claims,
            )?,
            may_lack: MayLack {
                subject: optional(OptionalClaim::Sub),
                client_id: optional(OptionalClaim::ClientId),
                issued_at: optional(OptionalClaim::Iat),
                token_id: optional(OptionalClaim::Jti),
            },
            forbidden_claims,
            required_claims: match self.required_claims {
                Some(raw) => requirements(raw).at("required_claims")?,
                None => default.required_claims,
            },
        })
    }
}

fn types(raw: Vec<Option<String>>) -> Result<Vec<Option<String>>, ConfigError> {
    if raw.is_empty() {
        return Err(ConfigError::new(
            "types",
            "name at least one, or leave the field out for at+jwt",
        ));
    }
    // What an ID token or a proof is explicitly typed as is never an access token.
    let wrong = raw.iter().position(|own| {
        own.as_deref().is_some_and(|own| {
            let own = own.to_ascii_lowercase();
            own.is_empty() || OTHER_TOKENS.iter().any(|other| own.ends_with(other))
        })
    });
    match wrong {
        Some(index) => Err(ConfigError::new(
            format!("types[{index}]"),
            "this is no type of an access token",
        )),
        None => Ok(raw),
    }
}

fn or_default(
    field: &str,
    raw: Option<Vec<String>>,
    default: Vec<ClaimName>,
) -> Result<Vec<ClaimName>, ConfigError> {
    match raw {
        None => Ok(default),
        Some(raw) if raw.is_empty() => Err(ConfigError::new(
            field,
            "name at least one, or leave the field out",
        )),
        Some(raw) => names(field, raw),
    }
}

/// Explicit types of tokens with another purpose (RFC 8725 §3.11, RFC 9449 §4.2, RFC 8417 §2.3).
const OTHER_TOKENS: [&str; 5] = [
    "id+jwt",
    "dpop+jwt",
    "logout+jwt",
    "secevent+jwt",
    "token-introspection+jwt",
];
