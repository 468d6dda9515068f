//! Every setting that lets more pass than the default does, by its name.
//!
//! Each structure is taken apart to its last field: whoever adds a setting does not get it compiled
//! before having said here whether it loosens anything.

use super::Advice;
use super::Weight::{self, Advice as Look, Open};
use crate::config::{
    DEFAULT_CLOCK_SKEW_SECONDS, DEFAULT_MAX_STALE_SECONDS, DEFAULT_REFRESH_SECONDS, Discovery,
    IssuerPolicy, JwksLocation, JwksSource, Location, Policy, RemoteJwks,
};
use crate::cors::CorsPolicy;
use crate::path::Spellings;
use crate::requirement::{Requirement, TokenRequirement};
use crate::rules::{Enforcement, PathMatcher, Rule};
use crate::token_profile::{MayLack, TokenProfile};

/// A setting, whether it is loosened, and what that means.
type Finding = (Weight, bool, &'static str, &'static str);

fn named(place: &str, findings: impl IntoIterator<Item = Finding>) -> Vec<Advice> {
    let loosened = findings.into_iter().filter(|(_, applies, ..)| *applies);
    let dot = if place.is_empty() { "" } else { "." };
    loosened
        .map(|(weight, _, name, sentence)| {
            Advice::new(weight, format!("{place}{dot}{name}"), sentence)
        })
        .collect()
}

/// All of a configuration.
pub(super) fn of(policy: &Policy) -> Vec<Advice> {
    let Policy {
        issuers,
        rules,
        unmatched,
        cors,
        debug_header,
        forward_token,
        bind_resource_path,
        // What the rules want is part of them.
        claim_requirements: _,
        // They say more of a caller that was let in, and let nobody in.
        filter_state: _,
        identity_headers: _,
        resources: _,
        // Bounds of memory and time.
        max_token_bytes: _,
        cache: _,
    } = policy;
    let mut all = Vec::new();
    for (position, rule) in rules.iter().enumerate() {
        all.extend(of_rule(&format!("rules[{position}]"), rule));
    }
    all.extend(named(
        "",
        [
            (
                Open,
                unmatched.is_some(),
                "unmatched",
                "a request that no rule is for passes with any valid token, whatever its scopes; `deny` closes it",
            ),
            (
                Look,
                *forward_token,
                "forward_token",
                "the upstream sees each token and could use or leak it (RFC 9700 §4.9.1)",
            ),
            (
                Look,
                !bind_resource_path,
                "bind_resource_path",
                "a token for one resource opens the paths of the others too (RFC 8707)",
            ),
            (
                Look,
                *debug_header,
                "debug_header",
                "refused clients are told the reason and the rule; it is for a developer's machine",
            ),
        ],
    ));
    all.extend(of_cors(cors));
    for (position, issuer) in issuers.iter().enumerate() {
        all.extend(of_issuer(&format!("issuers[{position}]"), issuer));
    }
    all
}

fn of_cors(cors: &CorsPolicy) -> Option<Advice> {
    let (weight, sentence) = match cors {
        CorsPolicy::Off => return None,
        CorsPolicy::Origins(origins) => (
            Open,
            format!(
                "preflights of {} reach the API without a token, and their pages read the answers",
                origins.join(", ")
            ),
        ),
        CorsPolicy::Any => (
            Look,
            "pages of every origin may call and read the answers".to_owned(),
        ),
    };
    Some(Advice::new(weight, "cors.allow_origins", sentence))
}

fn of_rule(place: &str, rule: &Rule) -> Vec<Advice> {
    let Rule {
        matcher,
        methods: _,
        requirement,
        allowed_spellings,
        enforcement,
    } = rule;
    let mut all = of_spellings(place, *allowed_spellings);
    let is_prefix = matches!(matcher, PathMatcher::Prefix(_));
    match requirement {
        Requirement::Public if is_prefix => all.push(Advice::new(
            Look,
            format!("{place}.prefix"),
            format!("everything below it is open to everybody ({matcher})"),
        )),
        Requirement::Public => all.push(Advice::new(
            Open,
            format!("{place}.require"),
            format!("open to everybody ({matcher})"),
        )),
        Requirement::Passthrough => all.push(Advice::new(
            Open,
            format!("{place}.require"),
            format!("open for the upstream to check, which it must ({matcher})"),
        )),
        // Each of them asks for more than a valid token.
        Requirement::Token(TokenRequirement {
            all_scopes: _,
            any_scope: _,
            claims: _,
        }) => {}
    }
    match enforcement {
        Enforcement::Enforce => {}
        Enforcement::Report => all.push(Advice::new(
            Look,
            format!("{place}.enforcement"),
            "only reports: requests that it would refuse pass",
        )),
    }
    all
}

fn of_spellings(place: &str, allowed: Spellings) -> Vec<Advice> {
    let Spellings {
        encoded_slash,
        semicolon,
        non_ascii,
        non_utf8,
    } = allowed;
    let kinds = [
        (encoded_slash, "encoded_slash", "/a%2fb as /a/b"),
        (semicolon, "semicolon", "/a;x/b as /a/b"),
        (non_ascii, "non_ascii", "bytes above 0x7F as other letters"),
        (non_utf8, "non_utf8", "/%e9 as other letters, or as none"),
    ];
    let allowed = kinds.into_iter().filter(|(allowed, ..)| *allowed);
    allowed
        .map(|(_, kind, reading)| {
            Advice::new(
                Look,
                format!("{place}.allow"),
                format!(
                    "{kind}: an upstream that reads {reading} may serve what another rule is for"
                ),
            )
        })
        .collect()
}

fn of_issuer(place: &str, issuer: &IssuerPolicy) -> Vec<Advice> {
    let IssuerPolicy {
        identifier,
        // At least one, and each as strict as the next.
        audiences: _,
        algorithms: _,
        clock_skew_seconds,
        token_profile,
        jwks,
    } = issuer;
    let mut all = named(
        place,
        [
            (
                Look,
                identifier.starts_with("http:"),
                "issuer",
                "http is for development on one machine",
            ),
            (
                Look,
                *clock_skew_seconds > DEFAULT_CLOCK_SKEW_SECONDS,
                "clock_skew_seconds",
                "a token opens for so long after its `exp`; 30 seconds do where clocks are kept by NTP",
            ),
        ],
    );
    all.extend(of_profile(&format!("{place}.token_profile"), token_profile));
    all.extend(of_keys(&format!("{place}.jwks"), jwks));
    all
}

fn of_profile(place: &str, profile: &TokenProfile) -> Vec<Advice> {
    let default = TokenProfile::default();
    let TokenProfile {
        types,
        scope_claims,
        scope_as_array,
        audience_claims,
        client_id_claims,
        may_lack,
        forbidden_claims: _,
        // They narrow.
        required_claims: _,
    } = profile;
    let MayLack {
        subject,
        client_id,
        issued_at,
        token_id,
    } = *may_lack;
    let is_typed = TokenProfile::is_typed(types);
    let tells_kinds_apart = is_typed
        || TokenProfile::CLAIMS_OF_OTHER_TOKENS
            .iter()
            .all(|claim| profile.forbids(claim));
    named(
        place,
        [
            (
                Look,
                !is_typed,
                "types",
                "an ID token of this issuer is told apart by its other claims alone (RFC 8725 §3.11)",
            ),
            (
                Look,
                !profile.forbids(TokenProfile::CONFIRMATION),
                "forbidden_claims",
                "without cnf, a token that is bound to a key opens the API for whoever stole it",
            ),
            (
                Look,
                !tells_kinds_apart,
                "forbidden_claims",
                "ID and logout tokens have more claims by which they are told apart; see the default",
            ),
            (
                Look,
                !audience_claims.is_empty(),
                "audience_claims",
                "a token that its client got for another API passes here too, and can be used there by this one",
            ),
            (
                Look,
                *scope_claims != default.scope_claims,
                "scope_claims",
                "what these claims say opens like `scope`; no user may choose what is in them",
            ),
            (
                Look,
                *scope_as_array,
                "scope_as_array",
                "a list counts like a scope; no user may choose what is in it",
            ),
            (
                Look,
                *client_id_claims != default.client_id_claims,
                "client_id_claims",
                "the upstream takes these claims for the client; no user may choose what is in them",
            ),
            (
                Look,
                subject || client_id,
                "optional_claims",
                "the upstream may not learn who calls; see to it that it takes no missing header for a trusted caller",
            ),
            (
                Look,
                issued_at,
                "optional_claims",
                "without iat, a token that claims to be from the future is not seen",
            ),
            (
                Look,
                token_id,
                "optional_claims",
                "without jti, logs cannot tell one token from another",
            ),
        ],
    )
}

fn of_keys(place: &str, source: &JwksSource) -> Vec<Advice> {
    let remote = match source {
        JwksSource::Inline(_) => {
            let sentence = "a withdrawn key is believed until this configuration changes";
            return named(place, [(Look, true, "inline", sentence)]);
        }
        JwksSource::Remote(remote) => remote,
    };
    let RemoteJwks {
        // They say where the keys are and how long a call may take.
        cluster: _,
        timeout_milliseconds: _,
        location,
        refresh_seconds,
        // At most as long as the other.
        min_refresh_seconds: _,
        max_stale_seconds,
    } = remote;
    let others_may_sign = match location {
        JwksLocation::Uri(Location {
            authority: _,
            path: _,
        }) => false,
        JwksLocation::Discovered(Discovery {
            issuer: _,
            oauth: _,
            openid: _,
            allow_authorities,
        }) => !allow_authorities.is_empty(),
    };
    named(
        place,
        [
            (
                Look,
                others_may_sign,
                "allow_authorities",
                "whoever controls one of them, and the issuer's metadata, can sign for the issuer",
            ),
            (
                Look,
                *refresh_seconds > DEFAULT_REFRESH_SECONDS,
                "refresh_seconds",
                "a withdrawn key is believed for so long; 300 by default",
            ),
            (
                Look,
                *max_stale_seconds > DEFAULT_MAX_STALE_SECONDS,
                "max_stale_seconds",
                "a withdrawn key is believed for so long while the issuer is down; a day by default",
            ),
        ],
    )
}
