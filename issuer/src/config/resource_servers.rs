//! `[[resource_servers]]`: the APIs that accept the tokens.

use std::collections::{BTreeMap, HashSet};

use dockgate_token::{Algorithm, Scope};
use serde::Deserialize;

use super::error::Problems;
use super::located::{Located, Place};
use super::pages;
use crate::protocol::resource_server::ScopeDescription;
use crate::protocol::{Language, OPENID_SCOPES, ResourceServer, ResourceUri};

/// The APIs that accept the tokens; at least one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ResourceServerTable {
    /// What `aud` says: visible ASCII without spaces, another one for each resource server (RFC
    /// 9068 §5), and no client's id.
    #[cfg_attr(test, schemars(extend("examples" = ["api-gateway"])))]
    audience: Located<String>,
    /// The URIs by which clients may name it or a part of it (RFC 8707).
    #[cfg_attr(test, schemars(extend("examples" = [["https://api.example.com/mcp"]])))]
    #[serde(default)]
    resources: Vec<Located<String>>,
    /// `{ name, description }`; the description is what the consent page says, by default the name.
    /// Those of OpenID Connect are always there.
    #[cfg_attr(test, schemars(extend("examples" = [[{"name": "api:read", "description": "Read your data"}]])))]
    #[serde(default)]
    scopes: Vec<ScopeTable>,
    /// What a client gets that asks for no scope. By default nothing, so that clients have to ask.
    #[cfg_attr(test, schemars(extend("examples" = [["api:read"]])))]
    #[serde(default)]
    default_scope: Vec<Located<String>>,
    /// What its tokens are signed with. Every verifier knows RS256.
    #[cfg_attr(test, schemars(with = "Option<super::tests::reference::SigningAlgorithm>", extend("default" = "RS256", "examples" = ["ES256"])))]
    signing_algorithm: Option<Located<Algorithm>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ScopeTable {
    name: Located<String>,
    /// What the consent page says. Default: the name.
    description: Option<String>,
    /// The same in other languages. Default: as in `description`.
    descriptions: Option<Located<BTreeMap<String, String>>>,
}

pub(super) fn check(
    tables: Vec<ResourceServerTable>,
    problems: &mut Problems,
) -> Vec<ResourceServer> {
    if tables.is_empty() {
        problems.add(
            &Place::Absent,
            "there is no resource server",
            "Add a table [[resource_servers]] with an audience and scopes for your API",
        );
    }
    let mut audiences = HashSet::new();
    let mut resources = HashSet::new();
    let mut servers = Vec::new();
    for table in tables {
        check_audience(&table.audience, &mut audiences, problems);
        servers.push(ResourceServer {
            resources: check_resources(table.resources, &mut resources, problems),
            default_scope: check_default_scope(&table.default_scope, &table.scopes, problems),
            scopes: check_scopes(table.scopes, problems),
            signing_algorithm: check_algorithm(table.signing_algorithm, problems),
            audience: table.audience.value,
        });
    }
    servers
}

fn check_audience(
    Located { value, place }: &Located<String>,
    seen: &mut HashSet<String>,
    problems: &mut Problems,
) {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        let instead = "Write visible ASCII without spaces, such as \"api-gateway\"";
        problems.add(place, format!("audience {value:?} cannot be used"), instead);
    }
    // Tokens for one resource server must be no good at another (RFC 9068 §5).
    if !seen.insert(value.clone()) {
        let instead = "Give each resource server an audience of its own";
        problems.add(place, format!("audience {value:?} occurs twice"), instead);
    }
}

fn check_resources(
    written: Vec<Located<String>>,
    seen: &mut HashSet<String>,
    problems: &mut Problems,
) -> Vec<ResourceUri> {
    let mut resources = Vec::new();
    for Located { value, place } in written {
        match ResourceUri::parse(&value) {
            Ok(resource) => {
                if !seen.insert(resource.as_str().trim_end_matches('/').to_owned()) {
                    let wrong = format!("resource {value:?} occurs twice");
                    problems.add(&place, wrong, "Keep it where it belongs");
                }
                resources.push(resource);
            }
            Err(error) => {
                let wrong = format!("resource {value:?} cannot be used: {error}");
                let instead = "Write the URI as clients will send it, such as \"https://api.example.com/mcp\"";
                problems.add(&place, wrong, instead);
            }
        }
    }
    resources
}

fn check_scopes(tables: Vec<ScopeTable>, problems: &mut Problems) -> Vec<ScopeDescription> {
    let mut scopes: Vec<ScopeDescription> = Vec::new();
    for ScopeTable {
        name: Located { value, place },
        description,
        descriptions,
    } in tables
    {
        let descriptions = check_descriptions(descriptions, problems);
        if let Err(error) = Scope::from_tokens([&value]) {
            problems.add(
                &place,
                error.to_string(),
                "Write a name such as \"api:read\"",
            );
        } else if OPENID_SCOPES.contains(&value.as_str()) {
            let wrong = format!("scope {value:?} is defined by OpenID Connect");
            problems.add(
                &place,
                wrong,
                "Remove it here; clients and users may list it all the same",
            );
        } else if scopes.iter().any(|scope| scope.name == value) {
            problems.add(
                &place,
                format!("scope {value:?} occurs twice"),
                "Keep one of the two",
            );
        }
        scopes.push(ScopeDescription {
            description: description.unwrap_or_else(|| value.clone()),
            descriptions,
            name: value,
        });
    }
    scopes
}

fn check_descriptions(
    written: Option<Located<BTreeMap<String, String>>>,
    problems: &mut Problems,
) -> BTreeMap<Language, String> {
    let mut descriptions = BTreeMap::new();
    let Some(Located { value, place }) = written else {
        return descriptions;
    };
    for (tag, text) in value {
        match pages::language(&tag) {
            Some(language) => {
                descriptions.insert(language, text);
            }
            None => problems.add(
                &place,
                format!("the pages have no language {tag:?}"),
                pages::known_languages(),
            ),
        }
    }
    descriptions
}

fn check_default_scope(
    written: &[Located<String>],
    scopes: &[ScopeTable],
    problems: &mut Problems,
) -> Scope {
    for Located { value, place } in written {
        if !scopes.iter().any(|scope| scope.name.value == *value) {
            let wrong = format!("default scope {value:?} is none of the resource server's scopes");
            problems.add(place, wrong, "Add it to scopes, or remove it here");
        }
    }
    Scope::from_tokens(written.iter().map(|scope| &scope.value)).unwrap_or_default()
}

/// An algorithm that this issuer signs with; RS256 where none is written.
pub(super) fn check_algorithm(
    written: Option<Located<Algorithm>>,
    problems: &mut Problems,
) -> Algorithm {
    let Some(Located { value, place }) = written else {
        return Algorithm::RS256;
    };
    match value {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 | Algorithm::EdDSA => {}
        Algorithm::RS384 | Algorithm::RS512 | Algorithm::ES384 => problems.add(
            &place,
            format!("this issuer does not sign with {value}"),
            "Write \"RS256\", \"ES256\", \"EdDSA\" or \"PS256\"",
        ),
    }
    value
}

/// Whether a client or a user may list the scope: some resource server has it, or OpenID Connect.
pub(super) fn is_known_scope(servers: &[ResourceServer], token: &str) -> bool {
    OPENID_SCOPES.contains(&token)
        || servers
            .iter()
            .any(|server| server.scopes.iter().any(|scope| scope.name == token))
}

/// Checks a list of scopes of a client or a user.
pub(super) fn check_known_scopes(
    whose: &str,
    written: &[Located<String>],
    servers: &[ResourceServer],
    problems: &mut Problems,
) -> Scope {
    for Located { value, place } in written {
        if !is_known_scope(servers, value) {
            problems.add(
                place,
                format!("{whose}: scope {value:?} is unknown"),
                "Add it to the scopes of a resource server, or remove it here",
            );
        }
    }
    Scope::from_tokens(written.iter().map(|scope| &scope.value)).unwrap_or_default()
}
