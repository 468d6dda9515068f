//! The decision, in the order of its checks.

use std::sync::Arc;

use crate::UnixSeconds;
use crate::answer::{Answer, explain};
use crate::claims::VerifiedClaims;
use crate::config::Policy;
use crate::credentials::{CredentialsFault, read_bearer};
use crate::denial::{Denial, TokenFault};
use crate::filter_state::{self, FilterState};
use crate::forward::{
    HeaderEdits, identify, nominates_identity, strip_credentials, strip_identity,
};
use crate::keys::KeyRing;
use crate::matched::Matched;
use crate::path::CanonicalPath;
use crate::requirement::{Requirement, TokenRequirement};
use crate::resource::lies_under;
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
    filter_state: FilterState,
}

/// On what ground a request passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// A `public` rule.
    Public,
    /// A `passthrough` rule.
    Passthrough,
    /// A preflight from an origin whose pages may call.
    Preflight,
    /// A valid token that allows the operation.
    Token {
        /// The token's subject, safe to log; absent where the issuer's tokens may lack it.
        subject: Option<Arc<str>>,
        /// The token's client, safe to log; absent where the issuer's tokens may lack it.
        client_id: Option<Arc<str>>,
    },
    /// None: its rule only reports.
    Reported {
        /// Why it would be refused.
        denial: Denial,
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

    /// What to tell the host's other parts: names below `wasm.`, and values that are safe to log.
    pub fn filter_state(&self) -> &[(&'static str, String)] {
        &self.filter_state
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
        Err(denial) => Decision::Reply(refuse(policy, request, path.ok(), denial)),
    }
}

fn refuse(
    policy: &Policy,
    request: &Request<'_>,
    path: Option<CanonicalPath<'_>>,
    denial: Denial,
) -> Reply {
    let resource = path.and_then(|path| policy.resource_of(path.bytes()));
    let mut answer = Answer::refusal(&denial, resource, is_grpc(request.headers));
    answer
        .headers
        .extend(policy.cors.headers_for(request.headers));
    if policy.debug_header {
        let rule = path.and_then(|path| policy.rule_for(request.method, path));
        answer.headers.push(explain(&denial, rule));
    }
    Reply {
        denial: Some(denial),
        answer,
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
    let matched = Matched::find(policy, request.method, path);
    let matched = match (&matched, policy.cors.announced_method(request)) {
        (Ok(matched), _) if matched.is_open() => *matched,
        (_, Some(announced)) => {
            return admit_preflight(policy, request, path, announced);
        }
        _ => matched?,
    };
    matched.check_spelling(path)?;
    let strip = |admission, keep_bearer| Permit {
        admission,
        edits: strip_identity(policy, request.headers, keep_bearer),
        filter_state: matched.filter_state(policy, None),
    };
    match matched.requirement {
        Requirement::Public => Ok(strip(Admission::Public, false)),
        Requirement::Passthrough => Ok(strip(Admission::Passthrough, true)),
        Requirement::Token(requirement) => {
            let caller = identify_caller(policy, keys, verifier, request, path, requirement, now);
            admit_by_token(policy, request, matched, requirement, caller)
        }
    }
}

/// A preflight passes where the request that it announces could: its method decides, not `OPTIONS`.
fn admit_preflight(
    policy: &Policy,
    request: &Request<'_>,
    path: CanonicalPath<'_>,
    announced: &[u8],
) -> Result<Permit, Denial> {
    let matched = Matched::find(policy, announced, path)?;
    matched.check_spelling(path)?;
    Ok(Permit {
        admission: Admission::Preflight,
        edits: strip_credentials(policy, request.headers),
        filter_state: matched.filter_state(policy, None),
    })
}

/// Who calls, by a token that was verified and is for this path.
struct Caller {
    claims: VerifiedClaims,
    edits: HeaderEdits,
    filter_state: FilterState,
}

fn identify_caller(
    policy: &Policy,
    keys: &KeyRing,
    verifier: &impl VerifySignature,
    request: &Request<'_>,
    path: CanonicalPath<'_>,
    requirement: &TokenRequirement,
    now: UnixSeconds,
) -> Result<Caller, Denial> {
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
    let identifier = issuer.identifier.as_str();
    let edits = identify(policy, identifier, &claims, request.headers)?;
    let filter_state = filter_state::of_caller(&policy.filter_state, identifier, &claims)?;
    Ok(Caller {
        claims,
        edits,
        filter_state,
    })
}

fn admit_by_token(
    policy: &Policy,
    request: &Request<'_>,
    matched: Matched<'_>,
    requirement: &TokenRequirement,
    caller: Result<Caller, Denial>,
) -> Result<Permit, Denial> {
    let (denial, edits, mut filter_state) = match caller {
        Ok(caller) => match requirement.check(&caller.claims) {
            Ok(()) => {
                let mut filter_state = caller.filter_state;
                filter_state.extend(matched.filter_state(policy, None));
                return Ok(Permit {
                    admission: Admission::Token {
                        subject: caller.claims.subject.as_deref().map(Arc::from),
                        client_id: caller.claims.client_id.map(|own| own.as_str().into()),
                    },
                    edits: caller.edits,
                    filter_state,
                });
            }
            Err(denial) => (denial, caller.edits, caller.filter_state),
        },
        Err(denial) if !matched.reports() => return Err(denial),
        // Nothing was proved, so nothing is said about the caller, and its credentials are left to
        // the upstream.
        Err(denial) => {
            let edits = strip_identity(policy, request.headers, true);
            (denial, edits, FilterState::new())
        }
    };
    if !matched.reports() {
        return Err(denial);
    }
    filter_state.extend(matched.filter_state(policy, Some(&denial)));
    Ok(Permit {
        admission: Admission::Reported { denial },
        edits,
        filter_state,
    })
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
