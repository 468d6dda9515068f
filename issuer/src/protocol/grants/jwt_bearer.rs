//! The JWT bearer grant (RFC 7523 §2.1): somebody who is trusted vouches for a user, or for the
//! client itself.

use dockgate_token::Scope;

use super::{client_credentials, scope, target};
use crate::protocol::access_token::Target;
use crate::protocol::assertion::{Assertion, Expectation, Purpose, Unverified};
use crate::protocol::user_grant::{Granting, issue as issue_for_user};
use crate::protocol::{
    AssertedSubject, AssertionError, Client, Context, Form, GrantError, InvalidGrant, Issuance,
    OAuthError, RequestError, TrustedIssuer, User,
};
use crate::store::{GrantId, GrantStore, Login, OnceStore};

/// Exchanges an assertion for an access token. There is no refresh token: who wants more comes with
/// another assertion (RFC 7521 §4.1). Nor an ID token, as no user has logged in here.
///
/// # Errors
/// [`InvalidGrant`] for an assertion that is not believed, [`OAuthError`] for a scope or a resource
/// that may not be had for it.
pub(in crate::protocol) async fn redeem<S: GrantStore + OnceStore>(
    context: Context<'_, S>,
    client: &Client,
    form: &Form<'_>,
) -> Result<Issuance, OAuthError> {
    // RFC 7521 §4.1 leaves client authentication open; whom an issuer trusts with its assertions is
    // known only of clients that authenticate.
    if !client.is_confidential() {
        return Err(GrantError::PublicClient.into());
    }
    let text = form
        .get("assertion")
        .ok_or(RequestError::Missing("assertion"))?;
    let assertion = Unverified::parse(text).map_err(refusal)?;
    let trusted = trusted_issuer(context, client, &assertion)?;
    let expected = Expectation {
        keys: &trusted.keys,
        typ: "authorization-grant+jwt",
        max_lifetime: trusted.max_lifetime,
    };
    let assertion = assertion.verify(context, &expected).map_err(refusal)?;
    let user = subject(context, trusted, &assertion)?;
    let requested = scope::requested(form)?;
    let target = target::target(context.server, form, requested.as_ref())?;
    let allowed = user.map_or_else(
        || trusted.scope.clone(),
        |user| trusted.scope.intersection(&user.scope),
    );
    let scope = granted(requested, client, &target, &allowed)?;
    // All that can fail has been checked: now the assertion is used up.
    assertion.use_up(context, Purpose::Grant, refusal).await?;
    match user {
        Some(user) => for_user(context, client, (user, &assertion), &target, scope).await,
        None => client_credentials::in_own_name(context, client, &target, scope),
    }
}

fn refusal(error: AssertionError) -> OAuthError {
    InvalidGrant::Assertion(error).into()
}

/// The issuer whose keys must have signed, if this client may bring its assertions.
fn trusted_issuer<'a, S>(
    context: Context<'a, S>,
    client: &Client,
    assertion: &Unverified<'_>,
) -> Result<&'a TrustedIssuer, OAuthError> {
    let mut issuers = context.server.trusted_issuers.iter();
    let issuer = issuers.find(|trusted| {
        trusted.issuer == assertion.unverified_issuer() && trusted.clients.contains(&client.id)
    });
    issuer.ok_or_else(|| InvalidGrant::UntrustedIssuer.into())
}

/// The user whom the assertion is about; `None` where it is about the client.
fn subject<'a, S>(
    context: Context<'a, S>,
    trusted: &TrustedIssuer,
    assertion: &Assertion,
) -> Result<Option<&'a User>, OAuthError> {
    match trusted.subjects.get(&assertion.subject) {
        None => Err(InvalidGrant::UnmappedSubject.into()),
        Some(AssertedSubject::Client) => Ok(None),
        Some(AssertedSubject::User(subject)) => {
            let user = context.server.users.by_subject(subject);
            Ok(Some(user.ok_or(InvalidGrant::UserGone)?))
        }
    }
}

/// The scope, all that is asked for or nothing: of the client's, the issuer's and the user's.
fn granted(
    requested: Option<Scope>,
    client: &Client,
    target: &Target<'_>,
    allowed: &Scope,
) -> Result<Scope, OAuthError> {
    let asked = requested.is_some();
    let scope = scope::granted(requested, client, target.resource_server)?;
    let excess = scope.iter().find(|token| !allowed.contains(token));
    match excess {
        None => Ok(scope),
        Some(excess) if asked => Err(GrantError::ScopeNotAllowed(excess.to_owned()).into()),
        Some(_) => {
            let rest = scope.intersection(allowed);
            let rest = Some(rest).filter(|rest| !rest.is_empty());
            rest.ok_or_else(|| GrantError::NoDefaultScope.into())
        }
    }
}

/// A token of the user's, under a grant that can be revoked.
async fn for_user<S: GrantStore>(
    context: Context<'_, S>,
    client: &Client,
    (user, assertion): (&User, &Assertion),
    target: &Target<'_>,
    scope: Scope,
) -> Result<Issuance, OAuthError> {
    let id = GrantId::from_bytes(context.random()?);
    // How the user proved who they are, the issuer does not say; when, at the latest, it does.
    let login = Login {
        at: assertion.issued_at.unwrap_or(context.now).min(context.now),
        methods: Vec::new(),
    };
    let granting = Granting {
        client,
        subject: &user.subject,
        scope: scope.clone(),
        audience: target.resource_server.audience.clone(),
        resources: target.resource_texts(),
        login,
        session: None,
    };
    let grant = granting.record_without_refresh(context);
    let tokens = (id, &grant);
    let issuance = issue_for_user(context, client, tokens, scope, &grant.resources, None, None)?;
    context.store.add_grant(id, &grant).await?;
    Ok(issuance)
}

#[cfg(test)]
mod tests;
