//! `[[clients]]`: the applications that may ask for tokens.

use std::collections::HashMap;
use std::path::Path;

use dockgate_token::{Algorithm, ClientId};
use serde::Deserialize;

use super::client_authentication::{AuthenticationMethod, WrittenAuthentication};
use super::error::Problems;
use super::grants::{Shape, check_grants, legacy_warnings};
use super::key_sets::WrittenKeys;
use super::located::Located;
use super::redirects::{check_origins, check_redirect_uris};
use super::resource_servers::{check_algorithm, check_known_scopes};
use super::secret::{OneOfSeveral, Rules, WrittenSecret};
use crate::protocol::{
    ApplicationType, AuthorizationServer, Client, Grant, Provenance, ResourceServer,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientTable {
    client_id: Located<String>,
    /// For the consent page. Default: the id.
    name: Option<String>,
    /// Default `web`, the stricter one.
    #[serde(default)]
    application_type: WrittenApplicationType,
    /// How it authenticates: `none`, `client_secret_basic`, `client_secret_post` or
    /// `private_key_jwt`; no other method is then taken. Default: with a secret, in the
    /// `Authorization` header or in the form as it likes; without one, `none`.
    token_endpoint_auth_method: Option<Located<AuthenticationMethod>>,
    /// Its public keys for `private_key_jwt`, a JSON Web Key Set (RFC 7517 §5) as text. A key has
    /// the one algorithm of its `alg`; without it that of its curve, and RSA both RS256 and PS256.
    jwks: Option<Located<String>>,
    /// A file with that key set, relative to this one. `jwks_uri` is not supported: the issuer
    /// fetches nothing. A key is changed by writing both, restarting, and removing the old one.
    jwks_file: Option<Located<String>>,
    /// With a secret, written in one of four ways, the client is confidential; a client without
    /// secret and keys is public.
    secret: Option<Located<String>>,
    secret_sha256: Option<Located<String>>,
    secret_file: Option<Located<String>>,
    /// Up to five at once, so that one can be replaced while the client still uses it: first write
    /// the new one beside the old one with its end, then change the client, then remove the old one.
    #[serde(default)]
    secrets: Vec<Located<OneOfSeveral>>,
    grants: Vec<Located<String>>,
    #[serde(default)]
    scopes: Vec<Located<String>>,
    #[serde(default)]
    redirect_uris: Vec<Located<String>>,
    /// Whether every authorization request has to be pushed first (RFC 9126 §6), so that nobody else
    /// can make one in the client's name or change it on its way through the browser. Default
    /// false: few clients can push.
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    /// Where the browser may be sent once its user has logged out, by the rules for redirect URIs.
    /// Default: nowhere, so that a logout ends on a page of the issuer's.
    #[serde(default)]
    post_logout_redirect_uris: Vec<Located<String>>,
    /// On top of the origins of the redirect URIs.
    #[serde(default)]
    cors_origins: Vec<Located<String>>,
    /// What its ID tokens are signed with. Default RS256, which every client of OpenID Connect
    /// knows (OIDC Core §15.1).
    id_token_signed_response_alg: Option<Located<Algorithm>>,
    /// Audiences it may exchange tokens for; needs the token exchange grant.
    #[serde(default)]
    exchange_audiences: Vec<Located<String>>,
    /// Audiences whose tokens it may introspect; needs a secret or keys.
    #[serde(default)]
    introspect_audiences: Vec<Located<String>>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenApplicationType {
    #[default]
    Web,
    Native,
}

impl From<WrittenApplicationType> for ApplicationType {
    fn from(written: WrittenApplicationType) -> Self {
        match written {
            WrittenApplicationType::Web => Self::Web,
            WrittenApplicationType::Native => Self::Native,
        }
    }
}

pub(super) fn check(
    tables: Vec<ClientTable>,
    servers: &[ResourceServer],
    secrets: &Rules,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> HashMap<ClientId, Client> {
    let mut clients = HashMap::new();
    for table in tables {
        let place = table.client_id.place.clone();
        let Some(client) = check_client(table, servers, secrets, problems) else {
            continue;
        };
        warnings.extend(legacy_warnings(&client));
        let id = client.id.clone();
        if clients.insert(id.clone(), client).is_some() {
            let wrong = format!("client_id \"{id}\" occurs twice");
            problems.add(
                &place,
                wrong,
                "Give each client an id of its own, or remove one of the two",
            );
        }
    }
    clients
}

/// A client that is not in the file: what it has is in its table and nowhere else.
pub(super) fn check_added(
    table: ClientTable,
    server: &AuthorizationServer,
    problems: &mut Problems,
) -> Option<Client> {
    for (key, written, instead) in [
        ("secret", &table.secret, "secrets"),
        ("secret_file", &table.secret_file, "secrets"),
        ("jwks_file", &table.jwks_file, "jwks"),
    ] {
        if let Some(Located { place, .. }) = written {
            let wrong = format!("{key} cannot be kept in the store");
            problems.add(place, wrong, format!("Write {instead}"));
        }
    }
    let secrets = Rules::new(Some(&server.issuer), Path::new(""));
    check_client(table, &server.resource_servers, &secrets, problems)
}

fn check_client(
    table: ClientTable,
    servers: &[ResourceServer],
    secrets: &Rules,
    problems: &mut Problems,
) -> Option<Client> {
    let Located {
        value: id_text,
        place,
    } = table.client_id;
    let whose = format!("client {id_text:?}");
    let application_type = table.application_type.into();
    let written = WrittenAuthentication {
        method: table.token_endpoint_auth_method,
        secret: WrittenSecret {
            secret: table.secret,
            secret_sha256: table.secret_sha256,
            secret_file: table.secret_file,
            secrets: table.secrets,
        },
        keys: WrittenKeys {
            jwks: table.jwks,
            jwks_file: table.jwks_file,
        },
    };
    let confidential = written.is_confidential();
    let kind = written.check(&whose, &place, secrets, problems);
    let shape = Shape {
        confidential,
        redirects: !table.redirect_uris.is_empty(),
    };
    let mut uris =
        |kind, written| check_redirect_uris(&whose, kind, written, application_type, problems);
    let redirect_uris = uris("redirect URI", table.redirect_uris);
    let post_logout_redirect_uris =
        uris("post-logout redirect URI", table.post_logout_redirect_uris);
    let origins = check_origins(
        &whose,
        table.cors_origins,
        &redirect_uris,
        application_type,
        problems,
    );
    let scope = check_known_scopes(&whose, &table.scopes, servers, problems);
    let grants = check_grants(&whose, shape, &table.grants, problems);
    let mut audiences = |written, needs| check_audiences(&whose, written, needs, servers, problems);
    let exchange = Requirement {
        fulfilled: grants.contains(&Grant::TokenExchange),
        remedy: "Add the token exchange grant to grants, or remove exchange_audiences",
    };
    let exchange_audiences = audiences(table.exchange_audiences, exchange);
    // Introspection without authentication would let anyone probe tokens (RFC 7662 §2.1).
    let introspect = Requirement {
        fulfilled: confidential,
        remedy: "Give the client a secret or keys, or remove introspect_audiences",
    };
    let introspect_audiences = audiences(table.introspect_audiences, introspect);
    let id_token_algorithm = check_algorithm(table.id_token_signed_response_alg, problems);
    let Ok(id) = id_text.parse::<ClientId>() else {
        let wrong = format!("client_id {id_text:?} cannot be used");
        problems.add(&place, wrong, "Write 1 to 255 printable ASCII characters");
        return None;
    };
    // An ID token's audience is a client id; no resource server may take one for its own token.
    if servers.iter().any(|server| server.audience == id.as_str()) {
        let wrong = format!("client_id {id_text:?} is also the audience of a resource server");
        problems.add(&place, wrong, "Give one of the two another name");
    }
    Some(Client {
        id,
        name: table.name,
        kind,
        application_type,
        grants,
        scope,
        redirect_uris,
        require_pushed_authorization_requests: table.require_pushed_authorization_requests,
        post_logout_redirect_uris,
        origins,
        id_token_algorithm,
        exchange_audiences,
        introspect_audiences,
        provenance: Provenance::Operator,
    })
}

/// What a list of audiences presupposes.
#[derive(Clone, Copy)]
struct Requirement {
    fulfilled: bool,
    remedy: &'static str,
}

fn check_audiences(
    whose: &str,
    written: Vec<Located<String>>,
    needs: Requirement,
    servers: &[ResourceServer],
    problems: &mut Problems,
) -> Vec<String> {
    for Located { value, place } in &written {
        if !needs.fulfilled {
            problems.add(
                place,
                format!("{whose} cannot make use of audience {value:?}"),
                needs.remedy,
            );
        }
        if !servers.iter().any(|server| server.audience == *value) {
            let instead = "Write the audience of one of the resource servers";
            problems.add(
                place,
                format!("{whose}: audience {value:?} is unknown"),
                instead,
            );
        }
    }
    written.into_iter().map(|audience| audience.value).collect()
}
