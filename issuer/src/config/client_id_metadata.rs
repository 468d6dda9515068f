//! `[client_id_metadata]`: clients whose id is the URL of a document.

use std::sync::Arc;

use serde::Deserialize;

use super::error::Problems;
use super::located::Located;
use super::registration::{Known, Scopes, id_token_algorithms};
use crate::protocol::Grant;
use crate::protocol::client_id_metadata::ClientIdMetadataPolicy;
use crate::protocol::registration::Offer;

/// Clients whose id is the URL of a document that says what they are:
/// [registration.md](registration.md#client-id-metadata-documents) has how.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ClientIdMetadataTable {
    /// Whether such documents are fetched and believed. Whoever has a website is then a client, and
    /// nobody has looked at it.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    pub(super) enabled: Option<Located<bool>>,
    /// Takes documents of the machine itself too, also without TLS, for trying things out. Only with a
    /// loopback issuer. The risk: whoever has a browser elsewhere makes the issuer ask its own machine.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    pub(super) allow_loopback: Option<Located<bool>>,
    /// The hosts whose documents are taken, as they stand in the id. Without it, any host that is public.
    #[cfg_attr(test, schemars(extend("x-default" = "any host that is public", "examples" = [["app.example.com"]])))]
    pub(super) allowed_hosts: Option<Vec<Located<String>>>,
    /// What scopes such a client may have.
    #[cfg_attr(test, schemars(extend("x-default" = "the `default_scope` of each resource server, and `openid profile email offline_access`", "examples" = [["openid", "api:read"]])))]
    pub(super) scopes: Option<Vec<Located<String>>>,
    /// What a client gets whose document names none.
    #[cfg_attr(test, schemars(extend("x-default" = "all of `scopes`", "examples" = [["openid"]])))]
    pub(super) default_scopes: Option<Vec<Located<String>>>,
}

impl ClientIdMetadataTable {
    pub(super) fn check(
        self,
        known: &Known<'_>,
        problems: &mut Problems,
    ) -> Option<Arc<ClientIdMetadataPolicy>> {
        let is = |flag: &Option<Located<bool>>| flag.as_ref().is_some_and(|flag| flag.value);
        let allow_loopback = is(&self.allow_loopback);
        if let Some(Located { place, .. }) = &self.allow_loopback
            && allow_loopback
            && known.secrets.strict
        {
            problems.add(
                place,
                "client_id_metadata.allow_loopback is for a loopback issuer",
                "Remove it, or use it only where the issuer is something like \"http://localhost:8080\"",
            );
        }
        for Located { value, place } in self.allowed_hosts.iter().flatten() {
            let plain = value
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"/:@?#*".contains(&byte));
            if !plain || value.is_empty() || value.to_ascii_lowercase() != *value {
                let wrong = format!("client_id_metadata.allowed_hosts: {value:?} is no host");
                let instead = "Write a host alone, such as \"app.example.com\", in lower case";
                problems.add(place, wrong, instead);
            }
        }
        let scopes = Scopes {
            table: "client_id_metadata",
            allowed: self.scopes,
            default: self.default_scopes,
        };
        let (scope, default_scope) = scopes.check(known.servers, problems);
        let hosts = self.allowed_hosts;
        let policy = ClientIdMetadataPolicy {
            allow_loopback,
            allowed_hosts: hosts.map(|hosts| hosts.into_iter().map(|host| host.value).collect()),
            offer: Offer {
                grants: [Grant::AuthorizationCode, Grant::RefreshToken].into(),
                scope,
                default_scope,
                // A document is written once, for all that the client will ever ask for.
                always_scope: dockgate_token::Scope::empty(),
                private_use_schemes: false,
                id_token_algorithms: id_token_algorithms(known.servers, known.clients),
            },
        };
        is(&self.enabled).then(|| Arc::new(policy))
    }
}
