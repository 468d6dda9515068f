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

/// The applications that may ask for tokens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ClientTable {
    /// 1 to 255 printable ASCII characters.
    #[cfg_attr(test, schemars(extend("examples" = ["web"])))]
    client_id: Located<String>,
    /// For the pages.
    #[cfg_attr(test, schemars(extend("x-default" = "the id", "examples" = ["My application"])))]
    name: Option<String>,
    /// `native` lets a loopback redirect URI have any port (RFC 8252 §7.3) and permits schemes of
    /// the application's own. `web` is the stricter one.
    #[cfg_attr(test, schemars(extend("default" = "web", "examples" = ["native"])))]
    #[serde(default)]
    application_type: WrittenApplicationType,
    /// How it authenticates; it may then do so in no other way. By default a client with a secret sends it either way, one without is public.
    #[cfg_attr(test, schemars(extend("examples" = ["client_secret_basic"])))]
    token_endpoint_auth_method: Option<Located<AuthenticationMethod>>,
    /// Its public keys for `private_key_jwt`, a JSON Web Key Set as text.
    #[cfg_attr(test, schemars(extend("examples" = ["{\"keys\": [{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\", \"y\": \"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}"])))]
    jwks: Option<Located<String>>,
    /// A file with that, relative to the configuration. There is no `jwks_uri`: the issuer fetches
    /// nothing. To change a key write both, reload, remove the old one. A key has the one algorithm
    /// of its `alg`; without it that of its curve, and RSA both RS256 and PS256.
    #[cfg_attr(test, schemars(extend("examples" = ["web.jwks.json"])))]
    jwks_file: Option<Located<String>>,
    /// In plain text, for a loopback issuer only.
    #[cfg_attr(test, schemars(extend("examples" = ["only for trying things out"])))]
    secret: Option<Located<String>>,
    /// SHA-256 of the secret in hexadecimal, from `printf %s THE_SECRET | sha256sum`.
    #[cfg_attr(test, schemars(extend("examples" = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])))]
    secret_sha256: Option<Located<String>>,
    /// A file that holds the secret, relative to the configuration; at least 32 characters that
    /// look random.
    #[cfg_attr(test, schemars(extend("examples" = ["web.secret"])))]
    secret_file: Option<Located<String>>,
    /// Up to 5 of `{ sha256, expires_at }`, to replace a secret without a gap: write the new one
    /// beside the old one, which gets its end in seconds since the Unix epoch; change the client;
    /// remove the old one. A client has at most one of these four keys; with one it is confidential.
    #[cfg_attr(test, schemars(extend("examples" = [[{"sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "expires_at": 1_795_522_715}]])))]
    #[serde(default)]
    secrets: Vec<Located<OneOfSeveral>>,
    /// The grants it may use, by the names of RFC 7591 §2: see [Grants](issuer.md#grants).
    #[cfg_attr(test, schemars(extend("examples" = [["authorization_code", "refresh_token"]])))]
    grants: Vec<Located<String>>,
    /// The most it may ask for, `openid` and its like included.
    #[cfg_attr(test, schemars(extend("examples" = [["openid", "api:read"]])))]
    #[serde(default)]
    scopes: Vec<Located<String>>,
    /// Compared as text. `https`, `http` on loopback, for native clients a scheme with a dot in it;
    /// no fragment, no user information, no wildcard.
    #[cfg_attr(test, schemars(extend("examples" = [["https://app.example.com/callback"]])))]
    #[serde(default)]
    redirect_uris: Vec<Located<String>>,
    /// Nobody else can then make a request in its name or change one on its way (RFC 9126 §6). Few
    /// clients can push.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    /// Where the browser may go after a logout, by the rules of redirect URIs. By default logout
    /// ends on a page of the issuer.
    #[cfg_attr(test, schemars(extend("examples" = [["https://app.example.com/"]])))]
    #[serde(default)]
    post_logout_redirect_uris: Vec<Located<String>>,
    /// On top of the origins of the redirect URIs.
    #[cfg_attr(test, schemars(extend("examples" = [["https://app.example.com"]])))]
    #[serde(default)]
    cors_origins: Vec<Located<String>>,
    /// What its ID tokens are signed with, as for `signing_algorithm`. Every client of OpenID
    /// Connect knows RS256 (OIDC Core §15.1).
    #[cfg_attr(test, schemars(with = "Option<super::tests::reference::SigningAlgorithm>", extend("default" = "RS256", "examples" = ["ES256"])))]
    id_token_signed_response_alg: Option<Located<Algorithm>>,
    /// Audiences it may exchange tokens for; needs the grant.
    #[cfg_attr(test, schemars(extend("examples" = [["api-gateway"]])))]
    #[serde(default)]
    exchange_audiences: Vec<Located<String>>,
    /// Audiences whose tokens it may introspect; needs a secret or keys.
    #[cfg_attr(test, schemars(extend("examples" = [["api-gateway"]])))]
    #[serde(default)]
    introspect_audiences: Vec<Located<String>>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
