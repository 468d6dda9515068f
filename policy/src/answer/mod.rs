//! What clients hear: status, challenge and a small body (RFC 6750 §3, RFC 9728 §5.1).
//!
//! The reasons behind a refusal stay in logs and metrics; several of them share one answer.

mod challenge;
mod debug_header;

use std::borrow::Cow;

use crate::denial::{Denial, TokenFault};
use crate::metadata::ProtectedResource;
use challenge::Challenge;
pub(crate) use debug_header::explain;

/// A response made by the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status; a gRPC caller gets 200 and `grpc_status` instead.
    pub status: u32,
    /// Names and values.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// JSON, or for a gRPC caller the message.
    pub body: String,
    /// The gRPC status code, for a gRPC caller.
    pub grpc_status: Option<u32>,
    /// Envoy's `response_code_details`.
    pub details: String,
}

/// The public face of a denial: one of few.
struct Refusal<'a> {
    status: u32,
    grpc_status: u32,
    error: &'static str,
    description: &'static str,
    challenge: Option<Challenge<'a>>,
}

impl Answer {
    /// The answer to a refused request. Refusals are what a flood of bad requests costs, so that their
    /// parts are joined in one go each and not formatted.
    pub(crate) fn refusal(
        denial: &Denial,
        resource: Option<&ProtectedResource>,
        grpc: bool,
    ) -> Self {
        let refusal = Refusal::of(denial);
        let mut headers = Vec::with_capacity(MOST_HEADERS);
        headers.push(("cache-control", Cow::Borrowed("no-store")));
        if let Some(challenge) = &refusal.challenge {
            let metadata = resource.map(ProtectedResource::metadata_url);
            let challenge = challenge.to_header(&refusal, metadata);
            headers.push(("www-authenticate", challenge.into()));
        }
        if *denial == Denial::NoKeys {
            headers.push(("retry-after", RETRY_AFTER_SECONDS.into()));
        }
        let body = if grpc {
            refusal.description.to_owned()
        } else {
            headers.push(("content-type", "application/json".into()));
            refusal.to_json()
        };
        Self {
            status: refusal.status,
            headers,
            body,
            grpc_status: grpc.then_some(refusal.grpc_status),
            details: ["dockgate_", denial.reason()].concat(),
        }
    }

    /// The answer to a request that may pass and whose headers the host does not let be changed.
    pub fn headers_not_changed() -> Self {
        Self {
            status: 500,
            headers: vec![("cache-control", "no-store".into())],
            body: String::new(),
            grpc_status: None,
            details: "dockgate_headers_not_changed".to_owned(),
        }
    }

    /// The answer to a preflight for a document: any page may read it, whatever header it adds.
    /// Credentials are never part of it, so that the wildcards count (Fetch, CORS protocol).
    pub(crate) fn document_preflight() -> Self {
        Self {
            status: 204,
            headers: vec![
                ("access-control-allow-origin", "*".into()),
                ("access-control-allow-methods", "GET, HEAD".into()),
                ("access-control-allow-headers", "*".into()),
                ("access-control-max-age", "300".into()),
            ],
            body: String::new(),
            grpc_status: None,
            details: "dockgate_protected_resource_metadata".to_owned(),
        }
    }

    /// The answer to a method that a document does not have.
    pub(crate) fn document_method_not_allowed() -> Self {
        Self {
            status: 405,
            headers: vec![("allow", "GET, HEAD, OPTIONS".into())],
            body: String::new(),
            grpc_status: None,
            details: "dockgate_method_not_allowed".to_owned(),
        }
    }

    /// A JSON document that anyone may read and keep for a while, from any web page.
    pub(crate) fn document(json: &str) -> Self {
        Self {
            status: 200,
            headers: vec![
                ("content-type", "application/json".into()),
                ("cache-control", "public, max-age=300".into()),
                ("access-control-allow-origin", "*".into()),
            ],
            body: json.to_owned(),
            grpc_status: None,
            details: "dockgate_protected_resource_metadata".to_owned(),
        }
    }
}

impl<'a> Refusal<'a> {
    /// The body. Both values are constants without anything that JSON would escape.
    fn to_json(&self) -> String {
        [
            r#"{"error":""#,
            self.error,
            r#"","error_description":""#,
            self.description,
            r#""}"#,
        ]
        .concat()
    }

    /// Every reason, mapped to what may be said about it.
    fn of(denial: &'a Denial) -> Self {
        match denial {
            Denial::Path(_) => Self::invalid_request("the path can be read in more than one way"),
            Denial::HopByHopIdentity => {
                Self::invalid_request("the Connection header names an identity header")
            }
            Denial::SeveralCredentials => {
                Self::invalid_request("the request has more than one Authorization header")
            }
            Denial::MalformedCredentials => {
                Self::invalid_request("the Authorization header is not 'Bearer' and one token")
            }
            Denial::NoSuchDocument => Self {
                status: 404,
                grpc_status: grpc::UNIMPLEMENTED,
                error: "not_found",
                description: "there is no such document",
                challenge: None,
            },
            Denial::Unmatched => Self {
                status: 403,
                grpc_status: grpc::PERMISSION_DENIED,
                error: "access_denied",
                description: "nobody may do this",
                challenge: Some(Challenge::bare()),
            },
            // RFC 6750 §3.1: without credentials the answer should carry no error code.
            Denial::NoCredentials { scope } => Self {
                status: 401,
                grpc_status: grpc::UNAUTHENTICATED,
                error: "unauthorized",
                description: "an access token is required",
                challenge: Some(Challenge::bare().with_scope(scope)),
            },
            Denial::NoKeys => Self {
                status: 503,
                grpc_status: grpc::UNAVAILABLE,
                error: "temporarily_unavailable",
                description: "tokens cannot be verified yet; try again",
                challenge: Some(Challenge::bare()),
            },
            // No error code: `insufficient_scope` would make a client ask for a scope that it has.
            Denial::ClaimNotMet { .. } => Self {
                status: 403,
                grpc_status: grpc::PERMISSION_DENIED,
                error: "access_denied",
                description: "the access token is not for a caller who may do this",
                challenge: Some(Challenge::bare()),
            },
            Denial::InsufficientScope { required } => Self {
                status: 403,
                grpc_status: grpc::PERMISSION_DENIED,
                error: "insufficient_scope",
                description: "the access token does not allow this operation",
                challenge: Some(Challenge::with_error().with_scope(required)),
            },
            Denial::Token(fault) => Self {
                status: 401,
                grpc_status: grpc::UNAUTHENTICATED,
                error: "invalid_token",
                description: describe(fault),
                challenge: Some(Challenge::with_error()),
            },
        }
    }

    fn invalid_request(description: &'static str) -> Self {
        Self {
            status: 400,
            grpc_status: grpc::INVALID_ARGUMENT,
            error: "invalid_request",
            description,
            challenge: Some(Challenge::with_error()),
        }
    }
}

/// A client can do something about an expired token; the rest would only help someone who probes.
fn describe(fault: &TokenFault) -> &'static str {
    match fault {
        TokenFault::Expired => "the access token has expired",
        TokenFault::WrongAudience | TokenFault::OutsideResource => {
            "the access token is for another resource"
        }
        _ => "the access token is not valid",
    }
}

/// Four of a refusal's own, and three of CORS.
const MOST_HEADERS: usize = 7;
/// Long enough for the next attempt at the keys, which come every second while there are none.
const RETRY_AFTER_SECONDS: &str = "1";

/// gRPC status codes.
mod grpc {
    pub(super) const INVALID_ARGUMENT: u32 = 3;
    pub(super) const PERMISSION_DENIED: u32 = 7;
    pub(super) const UNIMPLEMENTED: u32 = 12;
    pub(super) const UNAVAILABLE: u32 = 14;
    pub(super) const UNAUTHENTICATED: u32 = 16;
}
