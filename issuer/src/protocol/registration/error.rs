//! Why a client is not registered.

use std::fmt;

use crate::keys::KeySetError;
use crate::protocol::{BearerError, OAuthError, RedirectUriError, RequestError, Unavailable};
use crate::store::StoreError;

/// One variant per reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationError {
    /// Something that is not about registering.
    Other(OAuthError),
    /// The body does not say that it is JSON.
    ContentType,
    /// The body is no JSON.
    NotJson,
    /// It is JSON but no object.
    NotAnObject,
    /// A member comes twice, and two readers could read two different clients.
    RepeatedMember,
    /// It is nested more deeply than any metadata.
    TooDeep,
    /// A member has a value of another type.
    WrongType(&'static str),
    /// A member has a value that is too long.
    TooLong(&'static str),
    /// A member lists too many values.
    TooMany(&'static str),
    /// A redirect URI cannot be used.
    RedirectUri(RedirectUriError),
    /// A redirect URI has a scheme of the application's own, which is switched off here.
    PrivateUseScheme,
    /// A redirect URI comes twice.
    RepeatedRedirectUri,
    /// There is no redirect URI where one is needed.
    NoRedirectUri,
    /// A URI about the client is none, or not `https`.
    Uri(&'static str),
    /// `application_type` is neither `web` nor `native`.
    ApplicationType,
    /// `token_endpoint_auth_method` is one that this server does not have.
    AuthenticationMethod,
    /// The client would authenticate with a key and sends none.
    NoKeys,
    /// `jwks_uri`: nothing is fetched.
    KeysElsewhere,
    /// Both `jwks` and `jwks_uri` (RFC 7591 §2).
    KeysTwice,
    /// The key set cannot be used.
    Keys(KeySetError),
    /// A grant may not be registered here.
    Grant,
    /// Client credentials, of a client that cannot authenticate.
    GrantOfConfidential,
    /// A refresh token would come of no grant that is listed.
    RefreshOfNothing,
    /// A response type may not be registered here.
    ResponseType,
    /// Grants and response types do not go together (RFC 7591 §2.1).
    Inconsistent,
    /// The scope is none, or nothing of it may be registered.
    Scope,
    /// `subject_type` is not `public`.
    SubjectType,
    /// `id_token_signed_response_alg` is one that this server has no key for.
    Algorithm,
    /// The client wants to be protected by something that this server does not do.
    Unprotected(&'static str),
    /// A software statement that is no JWT.
    MalformedStatement,
    /// A software statement, whoever made it.
    UnapprovedStatement,
    /// A member that the server gives and a client must not send (RFC 7592 §2.2).
    OfServer(&'static str),
    /// Another `client_id` than that of the client (RFC 7592 §2.2).
    OtherClientId,
    /// Another `client_secret` than that of the client (RFC 7592 §2.2).
    OtherSecret,
    /// A document that everybody can read has a secret, or a method that needs one.
    SharedSecret,
    /// The client would not stand beside the configuration; each mistake is a sentence.
    Unfit(Vec<String>),
}

impl RegistrationError {
    /// The error code (RFC 7591 §3.2.2) and the name of the reason in logs.
    pub fn codes(&self) -> (&'static str, &'static str) {
        const METADATA: &str = "invalid_client_metadata";
        const URI: &str = "invalid_redirect_uri";
        match self {
            Self::Other(error) => (error.wire().error, error.reason()),
            Self::ContentType => (METADATA, "wrong_content_type"),
            Self::NotJson => (METADATA, "not_json"),
            Self::NotAnObject => (METADATA, "not_an_object"),
            Self::RepeatedMember => (METADATA, "repeated_member"),
            Self::TooDeep => (METADATA, "too_deep"),
            Self::WrongType(_) => (METADATA, "wrong_type"),
            Self::TooLong(_) => (METADATA, "too_long"),
            Self::TooMany(_) => (METADATA, "too_many"),
            Self::RedirectUri(_) => (URI, "bad_redirect_uri"),
            Self::PrivateUseScheme => (URI, "private_use_scheme"),
            Self::RepeatedRedirectUri => (URI, "repeated_redirect_uri"),
            Self::NoRedirectUri => (URI, "no_redirect_uri"),
            Self::Uri(_) => (METADATA, "bad_uri"),
            Self::ApplicationType => (METADATA, "bad_application_type"),
            Self::AuthenticationMethod => (METADATA, "unsupported_authentication_method"),
            Self::NoKeys => (METADATA, "no_keys"),
            Self::KeysElsewhere => (METADATA, "jwks_uri"),
            Self::KeysTwice => (METADATA, "keys_twice"),
            Self::Keys(_) => (METADATA, "bad_keys"),
            Self::Grant => (METADATA, "grant_not_offered"),
            Self::GrantOfConfidential => (METADATA, "grant_of_confidential_clients"),
            Self::RefreshOfNothing => (METADATA, "refresh_of_nothing"),
            Self::ResponseType => (METADATA, "unsupported_response_type"),
            Self::Inconsistent => (METADATA, "grants_and_response_types_differ"),
            Self::Scope => (METADATA, "scope_not_offered"),
            Self::SubjectType => (METADATA, "unsupported_subject_type"),
            Self::Algorithm => (METADATA, "unsupported_algorithm"),
            Self::Unprotected(_) => (METADATA, "unsupported_protection"),
            Self::MalformedStatement => ("invalid_software_statement", "malformed_statement"),
            Self::UnapprovedStatement => ("unapproved_software_statement", "unapproved_statement"),
            Self::OfServer(_) => (METADATA, "member_of_the_server"),
            Self::OtherClientId => (METADATA, "other_client_id"),
            Self::OtherSecret => (METADATA, "other_client_secret"),
            Self::SharedSecret => (METADATA, "shared_secret"),
            Self::Unfit(_) => (METADATA, "unfit"),
        }
    }
}

/// For the client's developer. Nothing that the client sent is repeated.
impl fmt::Display for RegistrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Other(error) => error.wire().description,
            Self::WrongType(name) => return write!(f, "{name} has a value of the wrong type."),
            Self::TooLong(name) => return write!(f, "{name} is too long."),
            Self::TooMany(name) => return write!(f, "{name} lists too many values."),
            Self::RedirectUri(error) => return write!(f, "A redirect URI cannot be used: {error}."),
            Self::Uri(name) => return write!(f, "{name} has to be a URL with https."),
            Self::Keys(error) => return write!(f, "The key set cannot be used: {error}."),
            Self::Unprotected(name) => {
                return write!(f, "This server does not do what {name} asks for.");
            }
            Self::OfServer(name) => return write!(f, "Leave {name} out: this server gives it."),
            Self::Unfit(mistakes) => return f.write_str(&mistakes.join(" ")),
            Self::ContentType => "Send the metadata as application/json.",
            Self::NotJson => "The body is no JSON.",
            Self::NotAnObject => "The body is no JSON object.",
            Self::RepeatedMember => "A member comes twice.",
            Self::TooDeep => "The metadata is nested too deeply.",
            Self::PrivateUseScheme => {
                "A redirect URI has a scheme of its own, which this server does not take; use https, or http on a loopback address."
            }
            Self::RepeatedRedirectUri => "A redirect URI comes twice.",
            Self::NoRedirectUri => "The authorization code grant needs redirect_uris.",
            Self::ApplicationType => "application_type is web or native.",
            Self::AuthenticationMethod => {
                "token_endpoint_auth_method is none, client_secret_basic, client_secret_post or private_key_jwt."
            }
            Self::NoKeys => "private_key_jwt needs jwks with the client's public keys.",
            Self::KeysElsewhere => "This server fetches no keys: send them as jwks, not as jwks_uri.",
            Self::KeysTwice => "Send jwks or jwks_uri, not both.",
            Self::Grant => "grant_types has one that clients cannot register here.",
            Self::GrantOfConfidential => {
                "client_credentials is for clients that authenticate: choose another token_endpoint_auth_method."
            }
            Self::RefreshOfNothing => {
                "refresh_token needs authorization_code or the device code grant beside it."
            }
            Self::ResponseType => "response_types has one other than code.",
            Self::Inconsistent => {
                "The response type code and the grant authorization_code come together or not at all."
            }
            Self::Scope => "Nothing of the scope can be registered here.",
            Self::SubjectType => "subject_type is public.",
            Self::Algorithm => "This server does not sign with that id_token_signed_response_alg.",
            Self::MalformedStatement => "The software statement is no JWT.",
            Self::UnapprovedStatement => "This server takes no software statements.",
            Self::OtherClientId => "client_id has to be that of the client.",
            Self::SharedSecret => {
                "A client whose id is a document has no secret: use none or private_key_jwt."
            }
            Self::OtherSecret => "client_secret is not that of the client.",
        })
    }
}

impl From<BearerError> for RegistrationError {
    fn from(error: BearerError) -> Self {
        Self::Other(error.into())
    }
}

impl From<RequestError> for RegistrationError {
    fn from(error: RequestError) -> Self {
        Self::Other(error.into())
    }
}

impl From<Unavailable> for RegistrationError {
    fn from(error: Unavailable) -> Self {
        Self::Other(error.into())
    }
}

impl From<StoreError> for RegistrationError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<OAuthError> for RegistrationError {
    fn from(error: OAuthError) -> Self {
        Self::Other(error)
    }
}
