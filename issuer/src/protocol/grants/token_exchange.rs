//! Token exchange (RFC 8693): a client that was handed a token gets one for the next step, which can
//! do no more than the first.
//!
//! The exchanged token is the subject's, of the client that asks, and says who acts. It ends with
//! the token it was made of, and where that comes of a user's grant, whatever revokes the grant
//! revokes it too. A token that a client got in its own name can be exchanged as well; it comes of
//! no grant, so that what is made of it lives until it ends.

mod target;

use dockgate_token::{Actor, Scope};

use super::scope;
use crate::protocol::access_token::{AccessToken, Target};
use crate::protocol::presented_token::{LiveToken, grant_id, live_token};
use crate::protocol::{
    Client, Context, ExchangeError, Form, GrantError, Issuance, OAuthError, RequestError,
};
use crate::store::{GrantStore, Login, OnceStore};

/// The kinds of token there are here, by the names of RFC 8693 §3: every access token is a JWT.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// How many may have acted one after the other. Each adds to the token's size.
const MAX_ACTORS: usize = 8;

/// What a request brings, by name (RFC 8693 §2.1).
struct Requested<'a> {
    subject_token: &'a str,
    actor_token: Option<&'a str>,
    issued_token_type: &'static str,
}

/// Exchanges a token. There is no refresh token: who wants more exchanges another (RFC 8693 §2.2.1).
///
/// # Errors
/// [`ExchangeError`] for tokens that are not alive and targets beyond the client's
/// `exchange_audiences`, [`GrantError`] for more scope than the subject token has.
pub(in crate::protocol) async fn exchange<S: GrantStore + OnceStore>(
    context: Context<'_, S>,
    client: &Client,
    form: &Form<'_>,
) -> Result<Issuance, OAuthError> {
    // RFC 8693 §5: who finds a token must not be able to make others of it.
    if !client.is_confidential() {
        return Err(GrantError::PublicClient.into());
    }
    let requested = Requested::read(form)?;
    let subject = subject_token(context, requested.subject_token).await?;
    let actor = match requested.actor_token {
        Some(token) => actor_token(context, client, token).await?,
        None => client.id.as_str().to_owned(),
    };
    let target = target::target(context.server, client, &subject.claims.aud, form)?;
    let scope = narrowed(client, &subject, &target, form)?;
    let act = acting(actor, subject.claims.act.clone())?;
    issue(
        context,
        client,
        &subject,
        (target, scope, act),
        requested.issued_token_type,
    )
}

impl<'a> Requested<'a> {
    fn read(form: &'a Form) -> Result<Self, OAuthError> {
        let issued_token_type = match form.get("requested_token_type") {
            None => ACCESS_TOKEN,
            Some(name) => {
                token_type(name).ok_or(RequestError::Malformed("requested_token_type"))?
            }
        };
        let subject_token = form.get("subject_token");
        let subject_token = subject_token.ok_or(RequestError::Missing("subject_token"))?;
        let subject_type = form.get("subject_token_type");
        let subject_type = subject_type.ok_or(RequestError::Missing("subject_token_type"))?;
        token_type(subject_type).ok_or(RequestError::Malformed("subject_token_type"))?;
        let actor_token = match (form.get("actor_token"), form.get("actor_token_type")) {
            (None, None) => None,
            (Some(token), Some(name)) => {
                token_type(name).ok_or(RequestError::Malformed("actor_token_type"))?;
                Some(token)
            }
            _ => return Err(RequestError::Malformed("actor_token").into()),
        };
        Ok(Self {
            subject_token,
            actor_token,
            issued_token_type,
        })
    }
}

fn token_type(name: &str) -> Option<&'static str> {
    [ACCESS_TOKEN, JWT].into_iter().find(|known| *known == name)
}

/// The token to be exchanged. Whatever is wrong with it is an `invalid_request` (RFC 8693 §2.2.2).
async fn subject_token<'a, S: GrantStore + OnceStore>(
    context: Context<'a, S>,
    token: &str,
) -> Result<LiveToken<'a>, OAuthError> {
    let subject = live_token(context, token).await?;
    Ok(subject.ok_or(ExchangeError::InvalidSubjectToken)?)
}

/// The `sub` of the token that says who acts. It has to be this client's own: otherwise who was
/// handed a token could pass for the one it was issued to.
async fn actor_token<S: GrantStore + OnceStore>(
    context: Context<'_, S>,
    client: &Client,
    token: &str,
) -> Result<String, OAuthError> {
    let actor = live_token(context, token).await?;
    let actor = actor.ok_or(ExchangeError::InvalidActorToken)?;
    if actor.client.id != client.id {
        return Err(ExchangeError::ActorTokenOfOther.into());
    }
    // One `act` claim has one chain; that of the actor would be lost.
    if actor.claims.act.is_some() {
        return Err(ExchangeError::DelegatedActorToken.into());
    }
    Ok(actor.claims.sub)
}

/// The scope: what is asked for, of what the subject token, the client, the target and the user all
/// have. Scopes of OpenID Connect are of no resource server and stay behind.
fn narrowed(
    client: &Client,
    subject: &LiveToken<'_>,
    target: &Target<'_>,
    form: &Form<'_>,
) -> Result<Scope, OAuthError> {
    let own = target.resource_server.scopes.iter();
    let own = Scope::from_tokens(own.map(|scope| &scope.name)).unwrap_or_default();
    let mut available = subject.claims.scope.intersection(&client.scope);
    available = available.intersection(&own);
    if let Some(user) = subject.user {
        available = available.intersection(&user.scope);
    }
    let Some(requested) = scope::requested(form)? else {
        let available = Some(available).filter(|scope| !scope.is_empty());
        return available.ok_or_else(|| GrantError::NoCommonScope.into());
    };
    let excess = requested.iter().find(|token| !available.contains(token));
    match excess {
        Some(excess) => Err(GrantError::ScopeNotAllowed(excess.to_owned()).into()),
        None => Ok(requested),
    }
}

/// Who acts, and in whose place (RFC 8693 §4.1).
fn acting(sub: String, before: Option<Actor>) -> Result<Actor, ExchangeError> {
    let first = before.as_ref();
    let chain = std::iter::successors(first, |actor| actor.act.as_deref());
    if chain.count() >= MAX_ACTORS {
        return Err(ExchangeError::ChainTooLong);
    }
    Ok(Actor {
        sub,
        act: before.map(Box::new),
    })
}

fn issue<S>(
    context: Context<'_, S>,
    client: &Client,
    subject: &LiveToken<'_>,
    (target, scope, act): (Target<'_>, Scope, Actor),
    issued_token_type: &'static str,
) -> Result<Issuance, OAuthError> {
    let claims = &subject.claims;
    // The same in every token of a grant, exchanged or not (RFC 9068 §2.2.1).
    let login = Login {
        at: claims.auth_time.unwrap_or(claims.iat),
        methods: claims.amr.clone(),
    };
    let claims = AccessToken {
        client_id: &client.id,
        subject: &claims.sub,
        scope,
        audience: &target.resource_server.audience,
        resources: &target.resource_texts(),
        grant: grant_id(claims).map(|id| (id, &login)),
        act: Some(act),
        not_after: Some(claims.exp),
    }
    .claims(context)?;
    Ok(Issuance {
        expires_in: claims.exp.saturating_sub(context.now),
        claims,
        algorithm: target.resource_server.signing_algorithm,
        refresh_token: None,
        id_token: None,
        issued_token_type: Some(issued_token_type),
    })
}

#[cfg(test)]
mod tests;
