//! What is registered of a client, as it is kept and answered.

use std::collections::BTreeMap;

use dockgate_token::Algorithm;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Client metadata (RFC 7591 §2, OIDC Registration §2) with every default filled in. It has been
/// checked, and has the names and values of the standards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientMetadata {
    /// Where codes go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// Where the browser may go after a logout.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// How it authenticates.
    pub token_endpoint_auth_method: AuthenticationMethod,
    /// Its grants.
    pub grant_types: Vec<String>,
    /// What it asks the authorization endpoint for.
    pub response_types: Vec<String>,
    /// Where it runs.
    pub application_type: WebOrNative,
    /// The most it may ask for.
    pub scope: String,
    /// What it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// Who is responsible for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Its home page. Like the three that follow it is handed back, and neither fetched nor linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Its terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Its privacy policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// What software it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// Which version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// What its ID tokens are signed with.
    pub id_token_signed_response_alg: Algorithm,
    /// How its users are named to it: the same as to others.
    pub subject_type: PublicSubject,
    /// Whether its authorization requests have to be pushed (RFC 9126 §6).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_pushed_authorization_requests: bool,
    /// The name, home page and so on in other languages, such as `client_name#de`.
    #[serde(flatten)]
    pub in_languages: BTreeMap<String, String>,
}

/// `token_endpoint_auth_method` (RFC 7591 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationMethod {
    /// It does not.
    None,
    /// With a secret in the header.
    ClientSecretBasic,
    /// With a secret in the form.
    ClientSecretPost,
    /// With a key.
    PrivateKeyJwt,
}

/// `application_type` (OIDC Registration §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WebOrNative {
    /// On a web server or in a page of one.
    Web,
    /// On a machine of its user.
    Native,
}

/// `subject_type` (OIDC Core §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublicSubject {
    /// The one there is.
    Public,
}

impl AuthenticationMethod {
    /// The method of that name.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::None,
            "client_secret_basic" => Self::ClientSecretBasic,
            "client_secret_post" => Self::ClientSecretPost,
            "private_key_jwt" => Self::PrivateKeyJwt,
            _ => return None,
        })
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// Whether the client is given a secret.
    pub fn needs_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

impl WebOrNative {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Native => "native",
        }
    }
}
