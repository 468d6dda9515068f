//! The consent page.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use dockgate_token::Scope;

use super::answer::Answer;
use super::authorize;
use super::fault::Fault;
use super::login::client_name;
use super::visit::{FormOf, OpenFlow, Visit};
use crate::http::app::App;
use crate::pages::{ConsentPage, Protection, ShownScope, shown_scope, visible};
use crate::protocol::authorize::{ConsentPrompt, Decision, Step, decide, next};
use crate::protocol::{Client, Form, MAX_BODY_BYTES, Provenance, RequestError};

/// Shows the page. Changes nothing, unless there is nothing left to ask.
pub(in crate::http) async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, _) = Visit::of(app, request);
    let answer = show(&mut visit).await;
    visit.finish(answer)
}

/// Takes the form.
pub(in crate::http) async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, body) = Visit::of(app, request);
    let answer = decided(&mut visit, body).await;
    visit.finish(answer)
}

async fn show(visit: &mut Visit) -> Result<Answer, Fault> {
    let open = visit.flow_of_query()?;
    visit.find_session().await?;
    visit.meet_client_of(&open.flow).await?;
    let app = visit.app.clone();
    let request = match authorize::resume(&app, &open)? {
        Ok(request) => request,
        Err(refused) => return visit.refuse(refused),
    };
    let session = visit.session.as_ref().map(|live| &live.session);
    let flow = open.authorization();
    match next(app.context(), &request, session, &flow).await {
        Ok(Step::Consent(prompt)) => consent_page(visit, &open, &prompt),
        Ok(Step::Login(_)) => Ok(Answer::to_page("login", &open.sealed)),
        Ok(Step::Respond(response)) => authorize::granted(visit, &request, &response),
        Err(refused) => visit.refuse(refused),
    }
}

async fn decided(visit: &mut Visit, body: Body) -> Result<Answer, Fault> {
    visit.check_own_form()?;
    let body = visit.read(body, MAX_BODY_BYTES).await?;
    let form = Form::parse_page(&body).map_err(RequestError::MalformedForm)?;
    visit.find_session().await?;
    // The token is of the user and the browser that were shown the page.
    let open = visit.open_form(&form, FormOf::Consent)?;
    visit.meet_client_of(&open.flow).await?;
    let app = visit.app.clone();
    let request = match authorize::resume(&app, &open)? {
        Ok(request) => request,
        Err(refused) => return visit.refuse(refused),
    };
    let Some(live) = &visit.session else {
        return authorize::go_on(visit, &open, &request).await;
    };
    let flow = open.authorization();
    let decision = decision(&form)?;
    match decide(visit.context(), &request, &live.session, &flow, decision).await {
        Ok(response) => authorize::granted(visit, &request, &response),
        Err(refused) => visit.refuse(refused),
    }
}

/// What the user says: only the button that allows does, with what is ticked.
pub(super) fn decision(form: &Form<'_>) -> Result<Decision, Fault> {
    if form.get("decision") != Some("allow") {
        return Ok(Decision::Deny);
    }
    let ticked = Scope::from_tokens(form.get_all("scope"));
    let ticked = ticked.map_err(|_| RequestError::Malformed("scope"))?;
    Ok(Decision::Allow(ticked))
}

fn consent_page(
    visit: &Visit,
    open: &OpenFlow,
    prompt: &ConsentPrompt<'_>,
) -> Result<Answer, Fault> {
    let scopes: Vec<ShownScope> = prompt
        .scopes
        .iter()
        .map(|scope| {
            shown_scope(
                visit.texts(),
                &scope.name,
                scope.description,
                scope.required,
            )
        })
        .collect();
    let vouching_host = document_host(prompt.client);
    let page = ConsentPage {
        frame: &visit.frame(),
        client_name: &client_name(prompt.client),
        client_id: prompt.client.id.as_str(),
        unchecked: prompt.client.describes_itself(),
        vouching_host: vouching_host.as_deref(),
        to_this_computer: prompt.to_this_computer,
        account: &visible(&prompt.account.username),
        destination: &prompt.redirect_host,
        scopes: &scopes,
        flow: &open.sealed,
        csrf: &visit.form_token(FormOf::Consent, open),
    };
    Answer::page(&page, Protection::Leaving)
}

/// The host that says what a client is, if one does.
pub(super) fn document_host(client: &Client) -> Option<String> {
    let url = url::Url::parse(client.id.as_str()).ok()?;
    let of_document = client.provenance == Provenance::Document;
    of_document.then(|| url.authority().to_owned())
}
