//! The decision, in the order of its checks.

use std::sync::Arc;

use crate::UnixSeconds;
use crate::answer::Answer;
use crate::claims::VerifiedClaims;
use crate::config::{Policy, Unmatched};
use crate::credentials::{CredentialsFault, read_bearer};
use crate::denial::{Denial, TokenFault};
use crate::forward::{HeaderEdits, identify, nominates_identity, strip_identity};
use crate::keys::KeyRing;
use crate::metadata::is_oauth_document;
use crate::path::{CanonicalPath, PathFault};
use crate::resource::lies_under;
use crate::rules::{Requirement, Rule};
use crate::signature::VerifySignature;
use crate::verify::verify;

/// What is known of a request when its headers have arrived. All bytes are as the client sent them.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `:method`.
    pub method: &'a [u8],
    /// `:path`, with the query.
    pub target: &'a [u8],
    /// Every header, pseudo-headers too, each as often as it came.
    pub headers: &'a [(&'a [u8], &'a [u8])],
}

/// What to do with a request.
#[derive(Debug)]
pub enum Decision {
    /// Let it pass, with changes.
    Forward(Permit),
    /// Answer it here.
    Reply(Reply),
}

/// The proof that a request may pass. Only [`decide`] makes one.
#[derive(Debug)]
pub struct Permit {
    admission: Admission,
    edits: HeaderEdits,
}

/// On what ground a request passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// A `public` rule.
    Public,
    /// A `passthrough` rule.
    Passthrough,
    /// A valid token that allows the operation.
    Token {
        /// The token's subject, safe to log.
        subject: Arc<str>,
        /// The token's client, safe to log.
        client_id: Arc<str>,
    },
}

impl Permit {
    /// On what ground.
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// What must change in its headers before it goes on.
    pub fn edits(&self) -> &HeaderEdits {
        &self.edits
    }
}

/// An answer of the filter's own.
#[derive(Debug)]
pub struct Reply {
    /// Why, unless it is a document.
    pub denial: Option<Denial>,
    /// What the client hears.
    pub answer: Answer,
}

/// Decides about one request.
///
/// `keys` are the issuers' keys, `verifier` checks signatures with them, `now` is the time.
pub fn decide(
    policy: &Policy,
    keys: &KeyRing,
    verifier: &impl VerifySignature,
    request: &Request<'_>,
    now: UnixSeconds,
) -> Decision {
    let path = CanonicalPath::parse(request.target);
    if let Ok(path) = path
        && let Some(answer) = protected_resource_metadata(policy, request.method, path)
    {
        return Decision::Reply(Reply {
            denial: None,
            answer,
        });
    }
    let outcome = path
        .map_err(Denial::Path)
        .and_then(|path| admit(policy, keys, verifier, request, path, now));
    match outcome {
        Ok(permit) => Decision::Forward(permit),
        Err(denial) => {
            let resource = path.ok().and_then(|path| policy.resource_of(path.bytes()));
            let answer = Answer::refusal(&denial, resource, is_grpc(request.headers));
            Decision::Reply(Reply {
                denial: Some(denial),
                answer,
            })
        }
    }
}

fn admit(
    policy: &Policy,
    keys: &KeyRing,
    verifier: &impl VerifySignature,
    request: &Request<'_>,
    path: CanonicalPath<'_>,
    now: UnixSeconds,
) -> Result<Permit, Denial> {
    if nominates_identity(policy, request.headers) {
        return Err(Denial::HopByHopIdentity);
    }
    let rule = policy
        .rules
        .iter()
        .find(|rule| rule.matches(request.method, path));
    let requirement = required(policy, rule, path)?;
    let allowed_spellings = rule.map(|rule| rule.allowed_spellings).unwrap_or_default();
    if !path.tolerated().are_all_in(allowed_spellings) {
        return Err(Denial::Path(PathFault::NotAllowedByRule));
    }
    match requirement {
        Requirement::Public => {
            let edits = strip_identity(policy, request.headers, false);
            Ok(Permit {
                admission: Admission::Public,
                edits,
            })
        }
        Requirement::Passthrough => {
            let edits = strip_identity(policy, request.headers, true);
            Ok(Permit {
                admission: Admission::Passthrough,
                edits,
            })
        }
        Requirement::Token | Requirement::AllScopes(_) | Requirement::AnyScope(_) => {
            admit_by_token(policy, keys, verifier, request, path, requirement, now)
        }
    }
}

/// What the request must bring, by the first rule that matches or for want of one.
fn required<'p>(
    policy: &'p Policy,
    rule: Option<&'p Rule>,
    path: CanonicalPath<'_>,
) -> Result<&'p Requirement, Denial> {
    match (rule, policy.unmatched) {
        (Some(rule), _) => Ok(&rule.requirement),
        (None, _) if is_oauth_document(path.bytes()) => Err(Denial::NoSuchDocument),
        (None, Unmatched::Deny) => Err(Denial::Unmatched),
        (None, Unmatched::RequireToken) => Ok(&Requirement::Token),
    }
}

fn admit_by_token(
    policy: &Policy,
    keys: &KeyRing,
    verifier: &impl VerifySignature,
    request: &Request<'_>,
    path: CanonicalPath<'_>,
    requirement: &Requirement,
    now: UnixSeconds,
) -> Result<Permit, Denial> {
    let token = read_bearer(request.headers).map_err(|fault| match fault {
        CredentialsFault::Missing => Denial::NoCredentials {
            scope: requirement.scope_to_ask_for(),
        },
        CredentialsFault::Several => Denial::SeveralCredentials,
        CredentialsFault::Malformed => Denial::MalformedCredentials,
    })?;
    let (issuer, claims) = verify(policy, keys, verifier, token, now)?;
    if policy.bind_resource_path && !is_within_its_resources(policy, &claims, path) {
        return Err(TokenFault::OutsideResource.into());
    }
    // Before the scopes: a token that could not be passed on is a bad token, whatever it allows.
    let edits = identify(policy, issuer.identifier.as_str(), &claims, request.headers)?;
    if !requirement.is_met_by(&claims.scope) {
        return Err(Denial::InsufficientScope {
            required: requirement.scope_to_ask_for(),
        });
    }
    let admission = Admission::Token {
        subject: claims.subject.as_str().into(),
        client_id: claims.client_id.as_str().into(),
    };
    Ok(Permit { admission, edits })
}

/// Whether the token's resource indicators (RFC 8707 §2) let it be used at this path: where `aud`
/// names resources of this origin below the root, the path must lie under one of them.
fn is_within_its_resources(
    policy: &Policy,
    claims: &VerifiedClaims,
    path: CanonicalPath<'_>,
) -> bool {
    let mut own_paths = claims
        .audience
        .iter()
        .filter_map(|audience| {
            let mut resources = policy.resources.iter();
            resources.find_map(|resource| resource.uri.path_at_same_origin(audience))
        })
        .filter(|own| !own.is_empty() && *own != "/")
        .peekable();
    own_paths.peek().is_none() || own_paths.any(|own| lies_under(path.bytes(), own.as_bytes()))
}

fn protected_resource_metadata(
    policy: &Policy,
    method: &[u8],
    path: CanonicalPath<'_>,
) -> Option<Answer> {
    let mut resources = policy.resources.iter();
    let document = resources.find_map(|resource| resource.document_at(path.bytes()))?;
    Some(match method {
        b"GET" | b"HEAD" => Answer::document(document),
        b"OPTIONS" => Answer::document_preflight(),
        _ => Answer::document_method_not_allowed(),
    })
}

/// A gRPC call says so by its content type; what Envoy takes for one, and nothing else, so that both
/// agree on the form of an answer.
fn is_grpc(headers: &[(&[u8], &[u8])]) -> bool {
    headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case(b"content-type")
            && value
                .strip_prefix(b"application/grpc")
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"+"))
    })
}
