//! What comes next for a browser. [`steps`] lists the questions in order.

use super::consent::{self, ConsentPrompt};
use super::issue::{issue, refuse};
use super::login::{Flow, LoginPrompt, logged_in};
use super::redirect::Leading;
use super::request::AuthorizationRequest;
use super::response::{AuthorizationResponse, AuthorizeError};
use crate::protocol::{AuthorizationError, Context, OAuthError};
use crate::store::{ProtocolStore, StoredSession};

/// What to do with a browser.
#[derive(Clone, Debug)]
pub enum Step<'a> {
    /// Show the login page; then ask [`next`] again, with the new session.
    Login(LoginPrompt),
    /// Show the consent page; its answer goes to [`decide`](super::decide).
    Consent(ConsentPrompt<'a>),
    /// Go back to the client.
    Respond(AuthorizationResponse),
}

/// What comes next for this browser, by what the request demands, by who is logged in and by what
/// the user has agreed to before. `session` is the browser's, if it is alive.
///
/// # Errors
/// [`AuthorizeError`]. Where it goes to the client, a pushed request is used up with it.
pub async fn next<'a, S: ProtocolStore>(
    context: Context<'a, S>,
    request: &AuthorizationRequest<'a>,
    session: Option<&StoredSession>,
    flow: &Flow,
) -> Result<Step<'a>, AuthorizeError> {
    match steps(context, request, session, flow).await {
        Ok(step) => Ok(step),
        Err(reason) => {
            let acted = session.is_some_and(|session| flow.has_made(session));
            let leading = if acted {
                Leading::Straight
            } else {
                Leading::unasked(request.client)
            };
            Err(refuse(context, request, leading, reason).await)
        }
    }
}

async fn steps<'a, S: ProtocolStore>(
    context: Context<'a, S>,
    request: &AuthorizationRequest<'a>,
    session: Option<&StoredSession>,
    flow: &Flow,
) -> Result<Step<'a>, OAuthError> {
    let prompt = request.prompt;
    let (session, user) = match logged_in(context, request, session, flow)? {
        Ok(logged_in) => logged_in,
        Err(_) if prompt.none => return Err(AuthorizationError::LoginRequired.into()),
        Err(reason) => {
            let login_hint = request.login_hint.clone();
            return Ok(Step::Login(LoginPrompt { login_hint, reason }));
        }
    };
    let offered = consent::offered(request, user)?;
    let before = consent::remembered(context, request, user).await?;
    if !prompt.consent && before.covers(&offered) {
        let response = issue(context, request, session, offered).await?;
        return Ok(Step::Respond(response));
    }
    if prompt.none {
        return Err(AuthorizationError::ConsentRequired.into());
    }
    let prompt = consent::prompt(request, user, &offered, &before);
    Ok(Step::Consent(prompt))
}
