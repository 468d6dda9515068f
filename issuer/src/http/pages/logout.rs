//! The logout page (OIDC RP-Initiated Logout 1.0). The rules are in `protocol::logout`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;

use super::answer::Answer;
use super::authorize::{MAX_REQUEST_BYTES, as_query};
use super::fault::Fault;
use super::flow::Errand;
use super::login::client_name;
use super::visit::{FormOf, Visit};
use crate::http::app::App;
use crate::pages::texts::Message;
use crate::pages::{LeavePage, LogoutPage, MessagePage, Protection, WayOut, visible};
use crate::protocol::logout::{self, LogoutRequest};
use crate::protocol::{Form, MAX_BODY_BYTES, RequestError};

/// A logout request in the query.
pub(in crate::http) async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, _) = Visit::of(app, request);
    let answer = asked(&mut visit).await;
    visit.finish(answer)
}

/// The form of our page, or a logout request that a client has its user's browser post.
pub(in crate::http) async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, body) = Visit::of(app, request);
    let answer = posted(&mut visit, body).await;
    visit.finish(answer)
}

async fn asked(visit: &mut Visit) -> Result<Answer, Fault> {
    if visit.query().len() > MAX_REQUEST_BYTES {
        return Err(Fault::QueryTooLong);
    }
    visit.find_session().await?;
    let app = visit.app.clone();
    let query = visit.query().to_owned();
    let form = Form::parse(query.as_bytes()).map_err(RequestError::MalformedForm)?;
    let request = logout::read(app.context(), &form)?;
    let session = visit.session.as_ref().map(|live| &live.session);
    if request.needs_confirmation(session) {
        return confirmation(visit, &request, &form);
    }
    let unasked = request.leads_unasked(session);
    end(visit).await?;
    match (unasked, request.redirect(), request.host()) {
        (false, Some(target), Some(host)) => leave(visit, target, &host),
        _ => done(visit, &request),
    }
}

async fn posted(visit: &mut Visit, body: Body) -> Result<Answer, Fault> {
    // Only our own form has a token; it is looked for in what both may send.
    let body = visit.read(body, MAX_BODY_BYTES).await?;
    let form = Form::parse(&body).map_err(RequestError::MalformedForm)?;
    if !form.has("csrf") {
        return as_query(&form, "logout");
    }
    visit.check_own_form()?;
    visit.find_session().await?;
    let open = visit.open_form(&form, FormOf::Logout)?;
    let Errand::Logout(parameters) = &open.flow.errand else {
        return Err(Fault::OtherErrand);
    };
    if form.get("decision") != Some("logout") && visit.session.is_some() {
        return message(visit, visit.texts().logout.still_signed_in, false);
    }
    let app = visit.app.clone();
    let form = Form::parse(parameters.as_bytes()).map_err(RequestError::MalformedForm)?;
    let request = logout::read(app.context(), &form)?;
    end(visit).await?;
    done(visit, &request)
}

/// Ends the browser's session, if there is one.
async fn end(visit: &mut Visit) -> Result<(), Fault> {
    let (app, caller) = (visit.app.clone(), visit.caller());
    if let Some(live) = &visit.session {
        let context = app.context().asked_by(caller.as_caller());
        logout::end(context, &live.session, live.cookie).await?;
    }
    visit.forget_session();
    Ok(())
}

fn confirmation(
    visit: &mut Visit,
    request: &LogoutRequest<'_>,
    form: &Form<'_>,
) -> Result<Answer, Fault> {
    let open = visit.begin_flow(Errand::Logout(form.encode()))?;
    let client = request.client().map(client_name);
    let account = visit.user().map(|user| visible(&user.username));
    let page = LogoutPage {
        frame: &visit.frame(),
        client_name: client.as_deref(),
        account: &account.unwrap_or_default(),
        flow: &open.sealed,
        csrf: &visit.form_token(FormOf::Logout, &open),
    };
    Answer::page(&page, Protection::Leaving)
}

fn done(visit: &Visit, request: &LogoutRequest<'_>) -> Result<Answer, Fault> {
    match request.redirect() {
        Some(target) => Ok(Answer::Redirect(target.to_owned())),
        None => message(visit, visit.texts().logout.signed_out, true),
    }
}

/// Shows where the client would have the browser go, for the user to go there or not.
fn leave(visit: &Visit, target: &str, host: &str) -> Result<Answer, Fault> {
    let page = LeavePage {
        frame: &visit.frame(),
        message: visit.texts().logout.signed_out,
        as_wished: true,
        host,
        way: WayOut::Link(target),
        reference: None,
    };
    Answer::page(&page, Protection::Own)
}

fn message(
    visit: &Visit,
    Message { heading, text }: Message,
    as_wished: bool,
) -> Result<Answer, Fault> {
    let page = MessagePage {
        frame: &visit.frame(),
        heading,
        text,
        as_wished,
        signed_in: visit.session.is_some(),
    };
    Answer::page(&page, Protection::Own)
}
