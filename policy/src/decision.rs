//! The decision, in the order of its checks.

use std::sync::Arc;

use crate::UnixSeconds;
use crate::answer::Answer;
use crate::cache::TokenCache;
use crate::claims::VerifiedClaims;
use crate::config::{Policy, Unmatched};
use crate::credentials::{BearerCredential, CredentialsFault, read_bearer};
use crate::denial::{Denial, TokenFault};
use crate::forward::{HeaderEdits, identity, nominates_identity, strip_identity, strip_token};
use crate::keys::KeyRing;
use crate::metadata::is_oauth_document;
use crate::path::{CanonicalPath, PathFault};
use crate::resource::lies_under;
use crate::rules::{Requirement, Rule};
use crate::signature::VerifySignature;
use crate::verify::{VerifiedToken, verify};

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
pub enum Decision<'a> {
    /// Let it pass, with changes.
    Forward(Permit<'a>),
    /// Answer it here.
    Reply(Reply),
}

/// The proof that a request may pass. Only [`decide`] makes one.
#[derive(Debug)]
pub struct Permit<'a> {
    policy: &'a Policy,
    admission: Admission,
    remove: Vec<&'a [u8]>,
}

/// On what ground a request passes.
#[derive(Clone, Debug)]
pub enum Admission {
    /// A `public` rule.
    Public,
    /// A `passthrough` rule.
    Passthrough,
    /// A valid token that allows the operation.
    Token(Arc<VerifiedToken>),
}

impl Permit<'_> {
    /// On what ground.
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// What must change in its headers before it goes on.
    pub fn edits(&self) -> HeaderEdits<'_> {
        let set = match &self.admission {
            Admission::Token(verified) => identity(self.policy, verified),
            Admission::Public | Admission::Passthrough => Vec::new(),
        };
        HeaderEdits {
            remove: self.remove.clone(),
            set,
        }
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
/// `keys` are the issuers' keys, `verifier` checks signatures with them, `cache` remembers the tokens
/// that passed, `now` is the time.
pub fn decide<'a>(
    policy: &'a Policy,
    keys: &KeyRing,
    verifier: &impl VerifySignature,
    cache: &mut TokenCache,
    request: &Request<'a>,
    now: UnixSeconds,
) -> Decision<'a> {
    let path = CanonicalPath::parse(request.target);
    if let Ok(path) = path
        && let Some(answer) = protected_resource_metadata(policy, request.method, path)
    {
        return Decision::Reply(Reply {
            denial: None,
            answer,
        });
    }
    let outcome = path.map_err(Denial::Path).and_then(|path| {
        admit(policy, request, path, |credential| {
            verify(policy, keys, verifier, cache, credential, now)
        })
    });
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

fn admit<'a>(
    policy: &'a Policy,
    request: &Request<'a>,
    path: CanonicalPath<'_>,
    verify: impl FnOnce(BearerCredential<'a>) -> Result<Arc<VerifiedToken>, Denial>,
) -> Result<Permit<'a>, Denial> {
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
    let (admission, remove) = match requirement {
        Requirement::Public => (
            Admission::Public,
            strip_identity(policy, request.headers, false),
        ),
        Requirement::Passthrough => (
            Admission::Passthrough,
            strip_identity(policy, request.headers, true),
        ),
        Requirement::Token | Requirement::AllScopes(_) | Requirement::AnyScope(_) => {
            let verified = admit_by_token(policy, request, path, requirement, verify)?;
            (
                Admission::Token(verified),
                strip_token(policy, request.headers),
            )
        }
    };
    Ok(Permit {
        policy,
        admission,
        remove,
    })
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

fn admit_by_token<'a>(
    policy: &Policy,
    request: &Request<'a>,
    path: CanonicalPath<'_>,
    requirement: &Requirement,
    verify: impl FnOnce(BearerCredential<'a>) -> Result<Arc<VerifiedToken>, Denial>,
) -> Result<Arc<VerifiedToken>, Denial> {
    let credential = read_bearer(request.headers).map_err(|fault| match fault {
        CredentialsFault::Missing => Denial::NoCredentials {
            scope: requirement.scope_to_ask_for(),
        },
        CredentialsFault::Several => Denial::SeveralCredentials,
        CredentialsFault::Malformed => Denial::MalformedCredentials,
    })?;
    let verified = verify(credential)?;
    if policy.bind_resource_path && !is_within_its_resources(policy, &verified.claims, path) {
        return Err(TokenFault::OutsideResource.into());
    }
    if !requirement.is_met_by(&verified.claims.scope) {
        return Err(Denial::InsufficientScope {
            required: requirement.scope_to_ask_for(),
        });
    }
    Ok(verified)
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
