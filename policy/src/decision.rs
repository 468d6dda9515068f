//! The decision, in the order of its checks.

use std::sync::Arc;

use crate::UnixSeconds;
use crate::answer::{Answer, explain};
use crate::cache::TokenCache;
use crate::claims::VerifiedClaims;
use crate::config::Policy;
use crate::credentials::{BearerCredential, CredentialsFault, read_bearer};
use crate::denial::{Denial, TokenFault};
use crate::filter_state::{self, FilterState};
use crate::forward::{
    HeaderEdits, identity, nominates_identity, strip_credentials, strip_identity, strip_token,
};
use crate::keys::KeyRing;
use crate::matched::Matched;
use crate::path::CanonicalPath;
use crate::requirement::{Requirement, TokenRequirement};
use crate::resource::lies_under;
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
    filter_state: FilterState,
}

/// On what ground a request passes.
#[derive(Clone, Debug)]
pub enum Admission {
    /// A `public` rule.
    Public,
    /// A `passthrough` rule.
    Passthrough,
    /// A preflight from an origin whose pages may call.
    Preflight,
    /// A valid token that allows the operation.
    Token(Arc<VerifiedToken>),
    /// None: its rule only reports.
    Reported {
        /// Why it would be refused.
        denial: Denial,
        /// Who calls, if a token says so that is valid and for this path.
        caller: Option<Arc<VerifiedToken>>,
    },
}

impl Permit<'_> {
    /// On what ground.
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// What must change in its headers before it goes on.
    pub fn edits(&self) -> HeaderEdits<'_> {
        let set = match &self.admission {
            Admission::Token(caller)
            | Admission::Reported {
                caller: Some(caller),
                ..
            } => identity(self.policy, caller),
            _ => Vec::new(),
        };
        HeaderEdits {
            remove: self.remove.clone(),
            set,
        }
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

fn admit<'a>(
    policy: &'a Policy,
    request: &Request<'a>,
    path: CanonicalPath<'_>,
    verify: impl FnOnce(BearerCredential<'a>) -> Result<Arc<VerifiedToken>, Denial>,
) -> Result<Permit<'a>, Denial> {
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
        policy,
        admission,
        remove: strip_identity(policy, request.headers, keep_bearer),
        filter_state: matched.filter_state(policy, None),
    };
    match matched.requirement {
        Requirement::Public => Ok(strip(Admission::Public, false)),
        Requirement::Passthrough => Ok(strip(Admission::Passthrough, true)),
        Requirement::Token(requirement) => {
            let caller = identify_caller(policy, request, path, requirement, verify);
            admit_by_token(policy, request, matched, requirement, caller)
        }
    }
}

/// A preflight passes where the request that it announces could: its method decides, not `OPTIONS`.
fn admit_preflight<'a>(
    policy: &'a Policy,
    request: &Request<'a>,
    path: CanonicalPath<'_>,
    announced: &[u8],
) -> Result<Permit<'a>, Denial> {
    let matched = Matched::find(policy, announced, path)?;
    matched.check_spelling(path)?;
    Ok(Permit {
        policy,
        admission: Admission::Preflight,
        remove: strip_credentials(policy, request.headers),
        filter_state: matched.filter_state(policy, None),
    })
}

/// Who calls, by a token that was verified and is for this path.
fn identify_caller<'a>(
    policy: &Policy,
    request: &Request<'a>,
    path: CanonicalPath<'_>,
    requirement: &TokenRequirement,
    verify: impl FnOnce(BearerCredential<'a>) -> Result<Arc<VerifiedToken>, Denial>,
) -> Result<Arc<VerifiedToken>, Denial> {
    let credential = read_bearer(request.headers).map_err(|fault| match fault {
        CredentialsFault::Missing => Denial::NoCredentials {
            scope: requirement.scope_to_ask_for(),
        },
        CredentialsFault::Several => Denial::SeveralCredentials,
        CredentialsFault::Malformed => Denial::MalformedCredentials,
    })?;
    let caller = verify(credential)?;
    if policy.bind_resource_path && !is_within_its_resources(policy, &caller.claims, path) {
        return Err(TokenFault::OutsideResource.into());
    }
    Ok(caller)
}

fn admit_by_token<'a>(
    policy: &'a Policy,
    request: &Request<'a>,
    matched: Matched<'_>,
    requirement: &TokenRequirement,
    caller: Result<Arc<VerifiedToken>, Denial>,
) -> Result<Permit<'a>, Denial> {
    let checked = match caller {
        Ok(caller) => match requirement.check(&caller.claims) {
            Ok(()) => Ok(caller),
            Err(denial) => Err((denial, Some(caller))),
        },
        Err(denial) => Err((denial, None)),
    };
    let admission = match checked {
        Ok(caller) => Admission::Token(caller),
        Err((denial, _)) if !matched.reports() => return Err(denial),
        Err((denial, caller)) => Admission::Reported { denial, caller },
    };
    let (would_deny, caller) = match &admission {
        Admission::Reported { denial, caller } => (Some(denial), caller.as_ref()),
        Admission::Token(caller) => (None, Some(caller)),
        Admission::Public | Admission::Passthrough | Admission::Preflight => (None, None),
    };
    let remove = match caller {
        Some(_) => strip_token(policy, request.headers),
        // Nothing was proved, so nothing is said about the caller, and its credentials are left to
        // the upstream.
        None => strip_identity(policy, request.headers, true),
    };
    let mut filter_state =
        caller.map_or_else(Vec::new, |caller| filter_state::of_caller(policy, caller));
    filter_state.extend(matched.filter_state(policy, would_deny));
    Ok(Permit {
        policy,
        admission,
        remove,
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
