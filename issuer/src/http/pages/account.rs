//! The account page: where the user is signed in, which applications have access, and the buttons
//! that end either. The rules are in `protocol::account`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::ClientId;
use tracing::info;

use super::answer::Answer;
use super::authorize::MAX_REQUEST_BYTES;
use super::browser_name;
use super::fault::Fault;
use super::flow::{Deed, Errand};
use super::login::client_name;
use super::visit::{FormOf, OpenFlow, Visit};
use crate::clock::UnixSeconds;
use crate::http::app::App;
use crate::http::request_id::request_id;
use crate::pages::ago::Ago;
use crate::pages::texts::Texts;
use crate::pages::{AccountPage, Protection, ShownApplication, ShownSession, shown_scope, visible};
use crate::protocol::account::{self, Application, Overview};
use crate::protocol::client_id_metadata::is_document;
use crate::protocol::sessions::LiveSession;
use crate::protocol::{Form, MAX_BODY_BYTES, RequestError};
use crate::store::{ListedSession, SessionId};

/// How many sessions and applications are shown at first, of each.
const AT_FIRST: usize = 20;
/// How many are shown to who wants to see all.
const AT_MOST: usize = 200;

/// Shows the page.
pub(in crate::http) async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, _) = Visit::of(app, request);
    let answer = show(&mut visit).await;
    visit.finish(answer)
}

/// Takes the form.
pub(in crate::http) async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, body) = Visit::of(app, request);
    let answer = posted(&mut visit, body).await;
    visit.finish(answer)
}

async fn show(visit: &mut Visit) -> Result<Answer, Fault> {
    if visit.query().len() > MAX_REQUEST_BYTES {
        return Err(Fault::QueryTooLong);
    }
    visit.find_session().await?;
    let query = visit.query().to_owned();
    let query = Form::parse(query.as_bytes()).map_err(RequestError::MalformedForm)?;
    let open = match flow_of(visit, &query) {
        Some(open) => open,
        None => visit.begin_flow(Errand::Account(None))?,
    };
    let limit = if query.has("all") { AT_MOST } else { AT_FIRST };
    page(visit, &open, limit).await
}

/// The flow of the address, if it is any good. The page is one to come back to: where it is not,
/// another is begun.
fn flow_of(visit: &mut Visit, query: &Form<'_>) -> Option<OpenFlow> {
    let open = visit.open(Some(query.get("flow")?)).ok()?;
    matches!(open.flow.errand, Errand::Account(_)).then_some(open)
}

async fn page(visit: &Visit, open: &OpenFlow, limit: usize) -> Result<Answer, Fault> {
    let (Some(live), Some(user)) = (&visit.session, visit.user()) else {
        return Ok(Answer::to_page("login", &open.sealed));
    };
    let seen = account::overview(visit.context(), live, limit).await?;
    let (texts, now) = (visit.texts(), (visit.app.clock)());
    let sessions: Vec<ShownSession> = seen
        .sessions
        .iter()
        .map(|listed| shown_session(listed, live, texts, now))
        .collect();
    let applications: Vec<ShownApplication> = seen
        .applications
        .iter()
        .map(|application| shown_application(visit, application, now))
        .collect();
    let done = done(visit, open);
    let page = AccountPage {
        frame: &visit.frame(),
        account: &visible(&user.username),
        done: done.as_deref(),
        sessions: &sessions,
        more_sessions: seen.more_sessions,
        applications: &applications,
        more_applications: seen.more_applications,
        can_show_more: limit < AT_MOST && has_more(&seen),
        flow: &open.sealed,
        csrf: &visit.form_token(FormOf::Account, open),
    };
    Answer::page(&page, Protection::Own)
}

fn has_more(seen: &Overview<'_>) -> bool {
    seen.more_sessions || seen.more_applications
}

/// What was done by the form before.
fn done(visit: &Visit, open: &OpenFlow) -> Option<String> {
    let Errand::Account(deed) = &open.flow.errand else {
        return None;
    };
    let texts = &visit.texts().account;
    Some(match deed.as_ref()? {
        Deed::AccessRemoved => (texts.access_removed)(visit.app.server.lifetimes.access_token),
        Deed::SessionEnded => texts.session_ended.to_owned(),
        Deed::OthersEnded => texts.others_ended.to_owned(),
    })
}

fn shown_session(
    listed: &ListedSession,
    own: &LiveSession,
    texts: &Texts,
    now: UnixSeconds,
) -> ShownSession {
    let (session, words) = (&listed.session, texts.account.ago);
    let used = listed.note.last_used.max(session.login.at);
    ShownSession {
        id: URL_SAFE_NO_PAD.encode(session.id.as_bytes()),
        is_this: session.id == own.session.id,
        browser: browser_name::shown(&listed.note, texts),
        began: words(Ago::since(session.login.at, now)),
        last_used: words(Ago::since(used, now)),
    }
}

fn shown_application(
    visit: &Visit,
    application: &Application<'_>,
    now: UnixSeconds,
) -> ShownApplication {
    let (texts, context) = (visit.texts(), visit.context());
    let words = |then| (texts.account.ago)(Ago::since(then, now));
    let scopes = application.scope.iter();
    ShownApplication {
        client_id: application.id.as_str().to_owned(),
        name: application
            .client
            .map_or_else(|| visible(application.id.as_str()), client_name),
        scopes: scopes
            .map(|name| shown_scope(texts, name, account::described(context, name), false))
            .collect(),
        since: application.since.map(words),
        last_used: application.last_used.map(words),
    }
}

async fn posted(visit: &mut Visit, body: Body) -> Result<Answer, Fault> {
    visit.check_own_form()?;
    let body = visit.read(body, MAX_BODY_BYTES).await?;
    let form = Form::parse_page(&body).map_err(RequestError::MalformedForm)?;
    visit.find_session().await?;
    let open = visit.open_form(&form, FormOf::Account)?;
    if !matches!(open.flow.errand, Errand::Account(_)) {
        return Err(Fault::OtherErrand);
    }
    let Some(live) = &visit.session else {
        return Ok(Answer::to_page("login", &open.sealed));
    };
    let deed = carry_out(visit, live, &form).await?;
    let next = visit.go_on(&open, Errand::Account(deed))?;
    Ok(Answer::to_page("account", &next.sealed))
}

/// Does what the button says. What is gone already is as good as done.
async fn carry_out(
    visit: &Visit,
    live: &LiveSession,
    form: &Form<'_>,
) -> Result<Option<Deed>, Fault> {
    let (context, own) = (visit.context(), &live.session);
    let request_id = request_id(&visit.parts.headers);
    if let Some(client) = form.get("application") {
        let Ok(id) = client.parse::<ClientId>() else {
            return Ok(None);
        };
        if visit.app.server.client(client).is_none() && !is_document(&id) {
            return Ok(None);
        }
        account::end_access(context, &own.subject, &id).await?;
        info!(request_id, sub = own.subject, client_id = %id, "access ended by the user");
        return Ok(Some(Deed::AccessRemoved));
    }
    if let Some(id) = form.get("session") {
        let Some(id) = session_id(id) else {
            return Ok(None);
        };
        account::end_session(context, own, id).await?;
        info!(request_id, sub = own.subject, "session ended by the user");
        return Ok(Some(Deed::SessionEnded));
    }
    if form.has("others") {
        account::end_other_sessions(context, own).await?;
        info!(
            request_id,
            sub = own.subject,
            "other sessions ended by the user"
        );
        return Ok(Some(Deed::OthersEnded));
    }
    Ok(None)
}

fn session_id(text: &str) -> Option<SessionId> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(SessionId::from_bytes(bytes.try_into().ok()?))
}
