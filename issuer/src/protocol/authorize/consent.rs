//! What the user is asked to agree to, and what is remembered of it.

use dockgate_token::{ClientId, Scope};

use super::request::AuthorizationRequest;
use crate::protocol::resource_server::ScopeDescription;
use crate::protocol::{AuthorizationError, Client, Context, OAuthError, RedirectUri, User};
use crate::store::{ConsentStore, StoredConsent};

/// What the consent page shows.
#[derive(Clone, Debug)]
pub struct ConsentPrompt<'a> {
    /// Who asks.
    pub client: &'a Client,
    /// Who is asked.
    pub account: &'a User,
    /// Where the answer goes: the host, with its port where it has one, or the application's own
    /// scheme.
    pub redirect_host: String,
    /// Whether that is the machine that the browser is on.
    pub to_this_computer: bool,
    /// What may be granted.
    pub scopes: Vec<OfferedScope<'a>>,
}

/// A scope that the user may grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedScope<'a> {
    /// The scope token.
    pub name: String,
    /// What the resource server says about it; `None` for the scopes of OpenID Connect.
    pub description: Option<&'a ScopeDescription>,
    /// Whether the user has agreed to it before.
    pub granted_before: bool,
    /// Whether there is no choice: without `openid` the request would be another one
    /// (OIDC Core §3.1.2.1).
    pub required: bool,
}

/// What `user` may grant of what is asked for.
pub(super) fn offered(
    request: &AuthorizationRequest<'_>,
    user: &User,
) -> Result<Scope, AuthorizationError> {
    let offered = request.scope.intersection(&user.scope);
    if offered.is_empty() {
        return Err(AuthorizationError::NothingToGrant);
    }
    Ok(offered)
}

/// The part of `ticked` that was offered, and what needs no tick.
pub(super) fn chosen(offered: &Scope, ticked: &Scope) -> Scope {
    let chosen = offered
        .iter()
        .filter(|name| is_required(name) || ticked.contains(name));
    // Tokens of a scope are scope tokens.
    Scope::from_tokens(chosen).unwrap_or_default()
}

fn is_required(name: &str) -> bool {
    name == "openid"
}

/// What the page shows.
pub(super) fn prompt<'a>(
    request: &AuthorizationRequest<'a>,
    user: &'a User,
    offered: &Scope,
    before: &Scope,
) -> ConsentPrompt<'a> {
    let described = &request.target.resource_server.scopes;
    let describe = |name: &str| {
        let own = described.iter().find(|scope| scope.name == name);
        OfferedScope {
            name: name.to_owned(),
            description: own,
            granted_before: before.contains(name),
            required: is_required(name),
        }
    };
    ConsentPrompt {
        client: request.client,
        account: user,
        redirect_host: request.redirect.host(),
        to_this_computer: request.redirect.registered.is_http_loopback(),
        scopes: offered.iter().map(describe).collect(),
    }
}

/// Whether an answer of the user's holds for a later request too. A public client on a loopback
/// address or with a scheme of its own can be any program of the machine, so its user is asked each
/// time (RFC 8252 §8.6). So is one of a client that registered itself, which may be another one than its
/// name says and may change where it sends its answers (RFC 7591 §5).
fn is_assured(client: &Client, redirect: &RedirectUri) -> bool {
    let anyone =
        redirect.is_http_loopback() || !matches!(redirect.url().scheme(), "https" | "http");
    !client.describes_itself() && (client.is_confidential() || !anyone)
}

/// What the user has agreed to before, for this client at this redirect URI.
pub(super) async fn remembered<S: ConsentStore>(
    context: Context<'_, S>,
    request: &AuthorizationRequest<'_>,
    user: &User,
) -> Result<Scope, OAuthError> {
    let registered = request.redirect.registered;
    if !is_assured(request.client, registered) {
        return Ok(Scope::empty());
    }
    let consent = stored(context, &request.client.id, user).await?;
    let same_place = |consent: &StoredConsent| {
        let mut uris = consent.redirect_uris.iter();
        uris.any(|uri| uri == registered.as_str())
    };
    let scope = consent.filter(same_place).map(|consent| consent.scope);
    Ok(scope.unwrap_or_default())
}

async fn stored<S: ConsentStore>(
    context: Context<'_, S>,
    client: &ClientId,
    user: &User,
) -> Result<Option<StoredConsent>, OAuthError> {
    let store = context.store;
    Ok(store.consent(&user.subject, client, context.now).await?)
}

/// Remembers what was agreed to just now: what was offered and not chosen is forgotten, what was
/// not in question stays. On disk when this returns.
pub(super) async fn remember<S: ConsentStore>(
    context: Context<'_, S>,
    request: &AuthorizationRequest<'_>,
    user: &User,
    (offered, chosen): (&Scope, &Scope),
) -> Result<(), OAuthError> {
    let lifetime = context.server.lifetimes.consent;
    let registered = request.redirect.registered;
    if lifetime == 0 || !is_assured(request.client, registered) {
        return Ok(());
    }
    let before = stored(context, &request.client.id, user).await?;
    let (scope, mut redirect_uris) = before
        .map(|before| (before.scope, before.redirect_uris))
        .unwrap_or_default();
    let untouched = scope.iter().filter(|name| !offered.contains(name));
    let scope = Scope::from_tokens(untouched.chain(chosen.iter())).unwrap_or_default();
    if !redirect_uris.iter().any(|uri| uri == registered.as_str()) {
        redirect_uris.push(registered.as_str().to_owned());
    }
    let consent = StoredConsent {
        expires_at: context.now.saturating_add(lifetime),
        scope,
        redirect_uris,
    };
    let id = &request.client.id;
    context
        .store
        .put_consent(&user.subject, id, &consent)
        .await?;
    Ok(())
}
