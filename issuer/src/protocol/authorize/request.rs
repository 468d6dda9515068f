//! Reading an authorization request. [`checked`] lists the checks in order: a request is refused
//! for the first that fails.

use dockgate_token::{ClientId, Scope};

use super::redirect::{self, Leading, Redirect};
use super::response::{AuthorizationResponse, AuthorizeError, Refused};
use super::response_type::{ResponseType, response_mode, response_type};
use super::{authentication, checks, kept, prompt::Prompt};
use crate::protocol::grants::{scope, target};
use crate::protocol::{
    AuthorizationError, Client, Context, Form, OAuthError, PageError, Target, Unavailable, pkce,
    pushed,
};
use crate::store::{PushedRequestStore, SecretDigest};

/// A request that is good: its client, its redirect URI and every parameter have been checked.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest<'a> {
    /// Who asks.
    pub client: &'a Client,
    /// What is asked for.
    pub response_type: ResponseType,
    /// The scope that is asked for, or the default. The user may be able to grant less of it.
    pub scope: Scope,
    /// What the tokens will be for.
    pub target: Target<'a>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// How the user is to be asked.
    pub prompt: Prompt,
    /// The greatest age of a login, in seconds (OIDC Core §3.1.2.1).
    pub max_age: Option<u64>,
    /// The `sub` of the user that `id_token_hint` names.
    pub hinted_subject: Option<String>,
    /// What to put into the username field; whatever the client likes to send.
    pub login_hint: Option<String>,
    pub(super) code_challenge: Option<String>,
    pub(super) redirect: Redirect<'a>,
    /// The pushed request that this is, to be used up with the answer.
    pub(super) pushed: Option<SecretDigest>,
    pub(super) kept: String,
}

/// How a request got here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::protocol) enum Arrival {
    /// Through the browser.
    Browser,
    /// The client pushes it now.
    Push,
    /// The client pushed it before.
    Pushed(SecretDigest),
}

impl AuthorizationRequest<'_> {
    /// The client's id.
    pub fn client_id(&self) -> &ClientId {
        &self.client.id
    }

    /// What a page has to keep, form-encoded, for [`resume`] to read the request again. It has to
    /// be sealed: [`resume`] believes it.
    pub fn kept(&self) -> &str {
        &self.kept
    }
}

/// Reads a request as a browser brings it, in the query or in a form that it posts
/// (RFC 6749 §3.1). With `request_uri` of a pushed request all other parameters but `client_id` are
/// those that were pushed (RFC 9126 §4, RFC 9101 §6.3). Changes nothing.
///
/// # Errors
/// [`AuthorizeError`].
pub async fn read<'a, S: PushedRequestStore>(
    context: Context<'a, S>,
    parameters: &Form<'_>,
) -> Result<AuthorizationRequest<'a>, AuthorizeError> {
    let client = checks::client(context.server, parameters)?;
    let Some(reference) = pushed::reference(parameters) else {
        return check(context, client, parameters, Arrival::Browser);
    };
    let record = context.store.pushed_request(reference, context.now).await;
    let record = record.map_err(|error| PageError::Unavailable(Unavailable::from(error)))?;
    // Another client's request is as unknown as one that there never was (RFC 9126 §4).
    let record = record
        .filter(|record| record.client_id == client.id)
        .ok_or(PageError::UnknownRequestUri)?;
    let form = Form::parse(record.parameters.as_bytes()).map_err(PageError::from)?;
    // Two requests in one (RFC 9101 §5).
    if parameters.has("request") {
        let redirect = redirect::of(client, &form)?;
        let to = (&redirect, Leading::unasked(client));
        return Err(refused(
            context,
            to,
            AuthorizationError::RequestObject.into(),
        ));
    }
    check(context, client, &form, Arrival::Pushed(reference))
}

/// Reads again what [`AuthorizationRequest::kept`] gave and the page has kept sealed. The pushed
/// request may have expired by now: the page's age is what counts (RFC 9126 §4).
///
/// # Errors
/// [`AuthorizeError`] where the client or the like is no longer what it was.
pub fn resume<'a, S>(
    context: Context<'a, S>,
    kept: &str,
) -> Result<AuthorizationRequest<'a>, AuthorizeError> {
    let form = Form::parse(kept.as_bytes()).map_err(PageError::from)?;
    let client = checks::client(context.server, &form)?;
    check(context, client, &form, kept::arrival(&form))
}

/// Checks a request of this client. First whether an error may be sent to it at all.
pub(in crate::protocol) fn check<'a, S>(
    context: Context<'a, S>,
    client: &'a Client,
    form: &Form<'_>,
    arrival: Arrival,
) -> Result<AuthorizationRequest<'a>, AuthorizeError> {
    let redirect = redirect::of(client, form)?;
    checked(context, client, form, arrival, &redirect)
        .map_err(|reason| refused(context, (&redirect, Leading::unasked(client)), reason))
}

fn checked<'a, S>(
    context: Context<'a, S>,
    client: &'a Client,
    form: &Form<'_>,
    arrival: Arrival,
    redirect: &Redirect<'a>,
) -> Result<AuthorizationRequest<'a>, OAuthError> {
    let server = context.server;
    checks::repeated_parameters(form)?;
    checks::echoed_parameters(form)?;
    let kept = checks::kept(kept::parameters(client, form, arrival))?;
    checks::unsupported_parameters(form)?;
    checks::pushed_where_required(client, arrival)?;
    let response_type = response_type(server, client, form)?;
    let mode = response_mode(response_type, form)?;
    let code_challenge = match response_type {
        ResponseType::Code => pkce::challenge(client, form)?,
        ResponseType::Token => None,
    };
    let requested = scope::requested(form)?;
    let of_resource = requested.as_ref().map(scope::of_resource);
    let target = target::target(server, form, of_resource.as_ref())?;
    let scope = scope::granted_by_user(requested, client, target.resource_server)?;
    let prompt = Prompt::of(form)?;
    let max_age = authentication::max_age(form)?;
    let hinted_subject = authentication::hinted_subject(context, client, form)?;
    Ok(AuthorizationRequest {
        client,
        response_type,
        scope,
        target,
        nonce: form.get("nonce").map(str::to_owned),
        prompt,
        max_age,
        hinted_subject,
        login_hint: form.get("login_hint").map(str::to_owned),
        code_challenge,
        redirect: Redirect {
            mode,
            ..redirect.clone()
        },
        pushed: match arrival {
            Arrival::Pushed(reference) => Some(reference),
            Arrival::Browser | Arrival::Push => None,
        },
        kept,
    })
}

/// An error that the client is told, or that the user may have it told.
pub(super) fn refused<S>(
    context: Context<'_, S>,
    (redirect, leading): (&Redirect<'_>, Leading),
    reason: OAuthError,
) -> AuthorizeError {
    let reason = match reason {
        OAuthError::Page(error) => return AuthorizeError::Page(error),
        other => other,
    };
    let wire = reason.wire();
    let parameters = vec![
        ("error", wire.error.to_owned()),
        ("error_description", wire.description.to_owned()),
    ];
    let response = AuthorizationResponse::new(redirect, &context.server.issuer, parameters);
    let refused = Box::new(Refused { reason, response });
    match leading {
        Leading::Straight => AuthorizeError::Redirect(refused),
        Leading::IfTheUserLikes => AuthorizeError::Offer {
            refused,
            host: redirect.host(),
        },
    }
}
