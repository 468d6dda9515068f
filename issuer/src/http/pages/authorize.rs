//! The authorization endpoint over HTTP. The rules are in `protocol::authorize`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use tracing::info;

use super::answer::Answer;
use super::fault::Fault;
use super::flow::Errand;
use super::visit::{OpenFlow, Visit};
use crate::http::app::App;
use crate::http::request_id::request_id;
use crate::metrics;
use crate::protocol::authorize::{self, AuthorizationRequest, AuthorizationResponse, Step};
use crate::protocol::{Form, PageError};

/// The longest request, in bytes: what a page keeps of it comes back in the address of every page.
pub(super) const MAX_REQUEST_BYTES: usize = 16 * 1024;

/// An authorization request in the query (RFC 6749 §3.1).
pub(in crate::http) async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, _) = Visit::of(app, request);
    let answer = begin(&mut visit).await;
    visit.finish(answer)
}

/// An authorization request in a form (OIDC Core §3.1.2.1). The browser is sent on to have it in
/// the query: to a form of another site it adds no cookie (`SameSite=Lax`), and without them this
/// would be a browser that nobody has ever logged in with.
pub(in crate::http) async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, body) = Visit::of(app, request);
    let answer = posted(&mut visit, body).await;
    visit.finish(answer)
}

async fn posted(visit: &mut Visit, body: Body) -> Result<Answer, Fault> {
    let body = visit.read(body, MAX_REQUEST_BYTES).await?;
    let form = Form::parse_authorization(&body).map_err(PageError::MalformedForm)?;
    as_query(&form, "authorize")
}

async fn begin(visit: &mut Visit) -> Result<Answer, Fault> {
    if visit.query().len() > MAX_REQUEST_BYTES {
        return Err(Fault::QueryTooLong);
    }
    visit.find_session().await?;
    let query = visit.query().to_owned();
    visit.meet_client(&query).await?;
    let app = visit.app.clone();
    let form = Form::parse_authorization(query.as_bytes()).map_err(PageError::MalformedForm)?;
    match authorize::read(app.context(), &form).await {
        Err(refused) => visit.refuse(refused),
        Ok(request) => {
            let open = visit.begin_flow(Errand::Authorize(request.kept().to_owned()))?;
            go_on(visit, &open, &request).await
        }
    }
}

/// Sends the browser to `page` with what it posted in the query.
pub(super) fn as_query(form: &Form<'_>, page: &str) -> Result<Answer, Fault> {
    let query = form.encode();
    if query.len() > MAX_REQUEST_BYTES {
        return Err(Fault::QueryTooLong);
    }
    Ok(Answer::Redirect(format!("{page}?{query}")))
}

/// Reads again the request that a flow is about.
pub(super) fn resume<'a>(
    app: &'a App,
    open: &OpenFlow,
) -> Result<Result<AuthorizationRequest<'a>, authorize::AuthorizeError>, Fault> {
    match &open.flow.errand {
        Errand::Authorize(kept) => Ok(authorize::resume(app.context(), kept)),
        Errand::DeviceCode(_) | Errand::Device(_) | Errand::Logout(_) | Errand::Account(_) => {
            Err(Fault::OtherErrand)
        }
    }
}

/// Takes the browser to the next step.
pub(super) async fn go_on(
    visit: &Visit,
    open: &OpenFlow,
    request: &AuthorizationRequest<'_>,
) -> Result<Answer, Fault> {
    let session = visit.session.as_ref().map(|live| &live.session);
    let flow = open.authorization();
    match authorize::next(visit.context(), request, session, &flow).await {
        Ok(Step::Login(_)) => Ok(Answer::to_page("login", &open.sealed)),
        Ok(Step::Consent(_)) => Ok(Answer::to_page("consent", &open.sealed)),
        Ok(Step::Respond(response)) => granted(visit, request, &response),
        Err(refused) => visit.refuse(refused),
    }
}

/// Goes back to the client with what was granted.
pub(super) fn granted(
    visit: &Visit,
    request: &AuthorizationRequest<'_>,
    response: &AuthorizationResponse,
) -> Result<Answer, Fault> {
    info!(
        request_id = request_id(&visit.parts.headers),
        client_id = %request.client_id(),
        sub = visit.user().map(|user| user.subject.as_str()),
        "authorization granted"
    );
    metrics::authorization(Ok(()));
    visit.respond(response)
}
