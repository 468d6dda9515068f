//! What is kept of a client, made of what it registered.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::ClientId;
use serde::Serialize;

use crate::clock::UnixSeconds;
use crate::config::additions::check_client;
use crate::entropy::Entropy;
use crate::protocol::client_id_metadata::ClientIdMetadataPolicy;
use crate::protocol::registration::{ClientDocument, ClientMetadata, RegistrationError};
use crate::protocol::{AuthorizationServer, Client, Provenance, Unavailable};
use crate::store::{AddedBy, SecretDigest, StoredClient, StoredRegistration};

/// A client and its registration as they are kept, with the secrets that its answer has and nothing
/// keeps.
pub struct Made {
    /// The client.
    pub client: StoredClient,
    /// Its registration.
    pub registration: StoredRegistration,
    /// Its secret, if one was made.
    pub secret: Option<String>,
}

impl Made {
    /// A new client, and its registration access token.
    ///
    /// # Errors
    /// [`RegistrationError`] when the random source fails.
    pub fn new(
        metadata: &ClientMetadata,
        now: UnixSeconds,
        entropy: Entropy,
    ) -> Result<(Self, String), RegistrationError> {
        // Not guessed, and never given out twice: what was granted to a client that is gone is good
        // for no other.
        let client_id = random::<16>(entropy)?;
        let access_token = random::<32>(entropy)?;
        let registration = StoredRegistration {
            access_token: SecretDigest::of(access_token.as_bytes()),
            client_secret: None,
            registered_at: now,
            used: false,
            metadata: String::new(),
        };
        let made = Self::of(client_id, registration, metadata, entropy)?;
        Ok((made, access_token))
    }

    /// The same client with other metadata. It keeps its secret as long as it has use for one.
    ///
    /// # Errors
    /// [`RegistrationError`] when the random source fails.
    pub fn changed(
        client_id: &str,
        before: &StoredRegistration,
        metadata: &ClientMetadata,
        entropy: Entropy,
    ) -> Result<Self, RegistrationError> {
        Self::of(client_id.to_owned(), before.clone(), metadata, entropy)
    }

    fn of(
        client_id: String,
        mut registration: StoredRegistration,
        metadata: &ClientMetadata,
        entropy: Entropy,
    ) -> Result<Self, RegistrationError> {
        let needs_secret = metadata.token_endpoint_auth_method.needs_secret();
        let mut secret = None;
        if !needs_secret {
            registration.client_secret = None;
        } else if registration.client_secret.is_none() {
            let fresh = random::<32>(entropy)?;
            registration.client_secret = Some(SecretDigest::of(fresh.as_bytes()));
            secret = Some(fresh);
        }
        registration.metadata =
            serde_json::to_string(metadata).map_err(|_| Unavailable::Signing)?;
        let table = Table::of(&client_id, metadata, registration.client_secret);
        Ok(Self {
            client: StoredClient {
                table: toml::to_string(&table).map_err(|_| Unavailable::Signing)?,
                client_id,
                added_at: registration.registered_at,
                disabled: false,
                added_by: AddedBy::Registration,
            },
            registration,
            secret,
        })
    }
}

/// The client as one of the `[[clients]]` of the configuration.
#[derive(Serialize)]
struct Table<'a> {
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    application_type: &'static str,
    token_endpoint_auth_method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks: Option<String>,
    grants: &'a [String],
    scopes: Vec<&'a str>,
    redirect_uris: &'a [String],
    post_logout_redirect_uris: &'a [String],
    require_pushed_authorization_requests: bool,
    id_token_signed_response_alg: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secrets: Vec<Secret>,
}

#[derive(Serialize)]
struct Secret {
    sha256: String,
}

impl<'a> Table<'a> {
    fn of(client_id: &'a str, metadata: &'a ClientMetadata, secret: Option<SecretDigest>) -> Self {
        let sha256 = |digest: SecretDigest| {
            let digits = digest.as_bytes().iter().map(|byte| format!("{byte:02x}"));
            Secret {
                sha256: digits.collect(),
            }
        };
        Self {
            client_id,
            name: metadata.client_name.as_deref(),
            application_type: metadata.application_type.as_str(),
            token_endpoint_auth_method: metadata.token_endpoint_auth_method.as_str(),
            jwks: metadata.jwks.as_ref().map(ToString::to_string),
            grants: &metadata.grant_types,
            scopes: metadata.scope.split_ascii_whitespace().collect(),
            redirect_uris: &metadata.redirect_uris,
            post_logout_redirect_uris: &metadata.post_logout_redirect_uris,
            require_pushed_authorization_requests: metadata.require_pushed_authorization_requests,
            id_token_signed_response_alg: metadata.id_token_signed_response_alg.as_str(),
            secrets: secret.map(sha256).into_iter().collect(),
        }
    }
}

fn random<const N: usize>(entropy: Entropy) -> Result<String, RegistrationError> {
    let mut bytes = [0; N];
    entropy(&mut bytes).map_err(|_| Unavailable::Entropy)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The client that a document says is at `id`, with the key set that is where the document says.
///
/// # Errors
/// [`RegistrationError`].
pub fn client_of_document(
    id: &ClientId,
    document: ClientDocument,
    keys: Option<&[u8]>,
    policy: &ClientIdMetadataPolicy,
    server: &AuthorizationServer,
) -> Result<Client, RegistrationError> {
    let metadata = document.into_metadata(keys, &policy.offer)?;
    let table = Table::of(id.as_str(), &metadata, None);
    let table = toml::to_string(&table).map_err(|_| Unavailable::Signing)?;
    let client = check_client(&table, server).map_err(RegistrationError::Unfit)?;
    Ok(Client {
        provenance: Provenance::Document,
        ..client
    })
}
