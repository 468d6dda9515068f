//! What the server knows at run time, as the configuration defines it.

use std::sync::Arc;

use dockgate_token::{Algorithm, Issuer, Scope};

use super::client_id_metadata::ClientIdMetadataPolicy;
use super::registration::RegistrationPolicy;
use super::{Client, Clients, Grant, Lifetimes, ResourceServer, ResourceUri, TrustedIssuer, Users};

/// The authorization server: its name, and everyone it deals with.
#[derive(Clone, Debug)]
pub struct AuthorizationServer {
    /// Its identifier and public base URL.
    pub issuer: Issuer,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// At least one; the first is what a client gets that names none.
    pub resource_servers: Vec<ResourceServer>,
    /// The applications that may ask for tokens.
    pub clients: Clients,
    /// The people who may log in.
    pub users: Users,
    /// Others whose assertions are taken (RFC 7523 §2.1).
    pub trusted_issuers: Vec<TrustedIssuer>,
    /// By what rules clients register themselves (RFC 7591); `None`: they do not.
    pub registration: Option<Arc<RegistrationPolicy>>,
    /// By what rules documents at client ids are taken; `None`: none are.
    pub client_id_metadata: Option<Arc<ClientIdMetadataPolicy>>,
}

impl AuthorizationServer {
    /// The client of that id; a text that is no client id names nobody.
    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.get(&id.parse().ok()?)
    }

    /// The resource server of that audience.
    pub fn resource_server(&self, audience: &str) -> Option<&ResourceServer> {
        self.resource_servers
            .iter()
            .find(|server| server.audience == audience)
    }

    /// Whether some client may use this grant.
    pub fn serves(&self, grant: Grant) -> bool {
        let mut by_operator = self.clients.by_operator();
        by_operator.any(|client| client.grants.contains(&grant))
            || self.registers(grant)
            || self.clients.some_registered_for(grant)
    }

    /// Whether a client may say itself that it has this grant.
    fn registers(&self, grant: Grant) -> bool {
        let policy = self.registration.as_ref();
        let documents = self.client_id_metadata.as_ref();
        policy.is_some_and(|policy| policy.offer.grants.contains(&grant))
            || documents.is_some_and(|policy| policy.offer.grants.contains(&grant))
    }

    /// Whether pages of `origin` may read some client's token responses. A preflight names no
    /// client, so this is all that can be asked of it.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.clients
            .values()
            .any(|client| client.allows_origin(origin))
    }

    /// The resource server that all of `resources` belong to. A token for two of them could be
    /// used at one with the other's scopes (RFC 9068 §3), so there is none for a mixture.
    pub fn resource_server_of(&self, resources: &[ResourceUri]) -> Option<&ResourceServer> {
        self.resource_servers
            .iter()
            .find(|server| resources.iter().all(|resource| server.covers(resource)))
    }

    /// The resource server meant by a client that names none: the first that defines every scope
    /// asked for (RFC 9068 §3), which is the first of all when none is asked for.
    pub fn resource_server_for_scope(&self, scope: &Scope) -> Option<&ResourceServer> {
        self.resource_servers
            .iter()
            .find(|server| server.defines(scope))
    }

    /// The algorithms that some resource server's tokens or some client's ID tokens are signed
    /// with.
    pub fn signing_algorithms(&self) -> impl Iterator<Item = Algorithm> {
        let access_tokens = self
            .resource_servers
            .iter()
            .map(|server| server.signing_algorithm);
        // Who registers chooses among those that are there.
        let id_tokens = self
            .clients
            .by_operator()
            .map(|client| client.id_token_algorithm);
        access_tokens.chain(id_tokens)
    }
}
