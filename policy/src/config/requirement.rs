//! What a rule requires, as it is written: a word, or a table of scopes and claims.

use std::fmt;

use dockgate_token::Scope;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::claim::{RawClaims, requirements};
use super::error::{At as _, ConfigError};
use crate::claim_requirement::ClaimRequirement;
use crate::requirement::{RequiredClaim, Requirement, TokenRequirement};

pub(super) enum RawRequirement {
    Public,
    Passthrough,
    Token(RawTokenRequirement),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTokenRequirement {
    all_scopes: Option<Vec<String>>,
    any_scope: Option<Vec<String>>,
    claims: Option<RawClaims>,
}

impl<'de> Deserialize<'de> for RawRequirement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RequirementVisitor)
    }
}

struct RequirementVisitor;

impl<'de> Visitor<'de> for RequirementVisitor {
    type Value = RawRequirement;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`public`, `passthrough`, `token` or a table of scopes and claims")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<RawRequirement, E> {
        match word {
            "public" => Ok(RawRequirement::Public),
            "passthrough" => Ok(RawRequirement::Passthrough),
            "token" => Ok(RawRequirement::Token(RawTokenRequirement::default())),
            _ => Err(E::unknown_variant(
                word,
                &["public", "passthrough", "token"],
            )),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<RawRequirement, A::Error> {
        let table: RawTokenRequirement =
            Deserialize::deserialize(MapAccessDeserializer::new(table))?;
        if table.all_scopes.is_none() && table.any_scope.is_none() && table.claims.is_none() {
            return Err(A::Error::custom(
                "give at least one of all_scopes, any_scope and claims, or write `token`",
            ));
        }
        Ok(RawRequirement::Token(table))
    }
}

impl RawRequirement {
    pub(super) fn validate(
        self,
        known: &mut Vec<ClaimRequirement>,
    ) -> Result<Requirement, ConfigError> {
        Ok(match self {
            Self::Public => Requirement::Public,
            Self::Passthrough => Requirement::Passthrough,
            Self::Token(raw) => Requirement::Token(TokenRequirement {
                all_scopes: scope("require.all_scopes", raw.all_scopes)?,
                any_scope: scope("require.any_scope", raw.any_scope)?,
                claims: match raw.claims {
                    Some(claims) => requirements(claims)
                        .at("require.claims")?
                        .into_iter()
                        .map(|claim| numbered(claim, known))
                        .collect(),
                    None => Vec::new(),
                },
            }),
        })
    }
}

/// Each requirement is looked at once for a token, however many rules have it.
fn numbered(requirement: ClaimRequirement, known: &mut Vec<ClaimRequirement>) -> RequiredClaim {
    let name = requirement.name.clone();
    let position = known.iter().position(|own| *own == requirement);
    let position = position.unwrap_or_else(|| {
        known.push(requirement);
        known.len().saturating_sub(1)
    });
    RequiredClaim { position, name }
}

fn scope(field: &str, tokens: Option<Vec<String>>) -> Result<Scope, ConfigError> {
    let Some(tokens) = tokens else {
        return Ok(Scope::empty());
    };
    if tokens.is_empty() {
        return Err(ConfigError::new(
            field,
            "name at least one scope, or write `require: token`",
        ));
    }
    Scope::from_tokens(tokens).map_err(|error| ConfigError::new(field, error.to_string()))
}
