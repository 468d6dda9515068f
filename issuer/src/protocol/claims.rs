//! The claims about users (OIDC Core §5.1), and the scopes that open them (§5.4).

use dockgate_token::Scope;
use serde_json::{Map, Value, json};

use super::{User, UserProfile};

struct StandardClaim {
    name: &'static str,
    scope: &'static str,
    value: fn(&UserProfile) -> Option<Value>,
}

const fn claim(
    name: &'static str,
    scope: &'static str,
    value: fn(&UserProfile) -> Option<Value>,
) -> StandardClaim {
    StandardClaim { name, scope, value }
}

const CLAIMS: [StandardClaim; 14] = [
    claim("name", "profile", |user| text(&user.name)),
    claim("given_name", "profile", |user| text(&user.given_name)),
    claim("family_name", "profile", |user| text(&user.family_name)),
    claim("nickname", "profile", |user| text(&user.nickname)),
    claim("preferred_username", "profile", |user| {
        text(&user.preferred_username)
    }),
    claim("picture", "profile", |user| text(&user.picture)),
    claim("website", "profile", |user| text(&user.website)),
    claim("zoneinfo", "profile", |user| text(&user.zoneinfo)),
    claim("locale", "profile", |user| text(&user.locale)),
    claim("email", "email", |user| text(&user.email)),
    claim("email_verified", "email", |user| {
        text(&user.email).map(|_| user.email_verified.into())
    }),
    claim("phone_number", "phone", |user| text(&user.phone_number)),
    claim("phone_number_verified", "phone", |user| {
        text(&user.phone_number).map(|_| user.phone_number_verified.into())
    }),
    // OIDC Core §5.1.1.
    claim("address", "address", |user| {
        text(&user.address).map(|address| json!({ "formatted": address }))
    }),
];

/// A claim that the user does not have is left out, neither null nor empty (OIDC Core §5.3.2).
fn text(value: &Option<String>) -> Option<Value> {
    let value = value.as_ref().filter(|value| !value.is_empty())?;
    Some(Value::String(value.clone()))
}

/// What `scope` opens of the user's claims; `sub` always.
pub(super) fn of(user: &User, scope: &Scope) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), user.subject.clone().into());
    for claim in CLAIMS.iter().filter(|claim| scope.contains(claim.scope)) {
        if let Some(value) = (claim.value)(&user.profile) {
            claims.insert(claim.name.to_owned(), value);
        }
    }
    claims
}

/// The names of the claims that there can be of a user.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    CLAIMS.iter().map(|claim| claim.name)
}
