//! The login page.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::Answer;
use super::authorize;
use super::consent::document_host;
use super::fault::Fault;
use super::flow::{Errand, Mishap};
use super::visit::{FormOf, OpenFlow, Visit};
use crate::http::app::App;
use crate::pages::texts::LoginTexts;
use crate::pages::{LoginPage, LoginPurpose, Protection, is_visible, visible};
use crate::protocol::{
    Client, Form, MAX_BODY_BYTES, OAuthError, RequestError, Unavailable, check_password,
};

/// How a password proves who somebody is (RFC 8176 §2).
const METHODS: [&str; 1] = ["pwd"];

/// The longest username that is shown again, in bytes: the most that a user can have.
const MAX_USERNAME_BYTES: usize = 255;

/// Shows the page.
pub(in crate::http) async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, _) = Visit::of(app, request);
    let answer = show(&mut visit).await;
    visit.finish(answer)
}

/// Takes the form.
pub(in crate::http) async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, body) = Visit::of(app, request);
    let answer = log_in(&mut visit, body).await;
    visit.finish(answer)
}

async fn show(visit: &mut Visit) -> Result<Answer, Fault> {
    let open = visit.flow_of_query()?;
    visit.find_session().await?;
    visit.meet_client_of(&open.flow).await?;
    let app = visit.app.clone();
    let mut username = String::new();
    if let Errand::Authorize(_) = open.flow.errand {
        match authorize::resume(&app, &open)? {
            Ok(request) => username = request.login_hint.unwrap_or_default(),
            Err(refused) => return visit.refuse(refused),
        }
    }
    // Who has logged in since, and goes back, is told nothing of attempts before.
    let now = visit.session_id();
    match &open.flow.mishap {
        Some(Mishap::WrongPassword { username, session }) if *session == now => {
            login_page(visit, &open, username, Some(Problem::WrongPassword))
        }
        _ => login_page(visit, &open, &username, None),
    }
}

async fn log_in(visit: &mut Visit, body: Body) -> Result<Answer, Fault> {
    visit.check_own_form()?;
    let body = visit.read(body, MAX_BODY_BYTES).await?;
    let form = Form::parse_page(&body).map_err(RequestError::MalformedForm)?;
    visit.find_session().await?;
    let open = visit.open_form(&form, FormOf::Login)?;
    visit.meet_client_of(&open.flow).await?;
    // Phones like to add a space to a name.
    let username = form.get("username").unwrap_or_default().trim();
    let password = form.get("password").unwrap_or_default();
    let (app, caller) = (visit.app.clone(), visit.caller());
    let context = app.context().asked_by(caller.as_caller());
    let source = visit.source_of_login(username);
    match check_password(context, source, username, password).await {
        Ok(Some(user)) => {
            visit.log_in(user, &METHODS).await?;
            visit.remember_browser(user)?;
            let open = visit.go_on(&open, open.flow.errand.clone())?;
            logged_in(visit, &open).await
        }
        Ok(None) => {
            let username = shown_again(username).to_owned();
            let session = visit.session_id();
            let mishap = Mishap::WrongPassword { username, session };
            let again = visit.try_again(&open, open.flow.errand.clone(), mishap)?;
            Ok(Answer::to_page("login", &again.sealed))
        }
        Err(OAuthError::Unavailable(reason)) => match Problem::of(&reason) {
            Some(problem) => {
                visit.log_reason(&reason.into());
                login_page(visit, &open, username, Some(problem))
            }
            None => Err(reason.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Goes on with what the login was for.
async fn logged_in(visit: &Visit, open: &OpenFlow) -> Result<Answer, Fault> {
    match &open.flow.errand {
        Errand::DeviceCode(_) | Errand::Device(_) => Ok(Answer::to_page("device", &open.sealed)),
        Errand::Account(_) => Ok(Answer::to_page("account", &open.sealed)),
        Errand::Authorize(_) | Errand::Logout(_) => match authorize::resume(&visit.app, open)? {
            Ok(request) => authorize::go_on(visit, open, &request).await,
            Err(refused) => visit.refuse(refused),
        },
    }
}

/// What went wrong with an attempt to log in.
#[derive(Clone, Copy)]
enum Problem {
    /// Nobody has this name and password; which of the two is wrong is not said.
    WrongPassword,
    /// There were too many wrong ones.
    Throttled(u64),
    /// Too many people are logging in.
    Busy(u64),
}

impl Problem {
    fn of(reason: &Unavailable) -> Option<Self> {
        match reason {
            Unavailable::Throttled(seconds) => Some(Self::Throttled(*seconds)),
            Unavailable::Busy(seconds) => Some(Self::Busy(*seconds)),
            _ => None,
        }
    }

    fn text(self, texts: &LoginTexts) -> String {
        match self {
            Self::WrongPassword => texts.wrong_password.to_owned(),
            Self::Throttled(seconds) => (texts.throttled)(seconds),
            Self::Busy(_) => texts.busy.to_owned(),
        }
    }

    /// A wrong password is 422: for 401 there would have to be a challenge (RFC 9110 §15.5.2), and
    /// with a success browsers offer to remember the password.
    fn status(self) -> (StatusCode, Option<u64>) {
        match self {
            Self::WrongPassword => (StatusCode::UNPROCESSABLE_ENTITY, None),
            Self::Throttled(seconds) => (StatusCode::TOO_MANY_REQUESTS, Some(seconds)),
            Self::Busy(seconds) => (StatusCode::SERVICE_UNAVAILABLE, Some(seconds)),
        }
    }
}

fn login_page(
    visit: &Visit,
    open: &OpenFlow,
    username: &str,
    problem: Option<Problem>,
) -> Result<Answer, Fault> {
    let (status, retry_after) = problem.map_or((StatusCode::OK, None), Problem::status);
    let problem = problem.map(|problem| problem.text(&visit.texts().login));
    let signed_in = visit.user().map(|user| visible(&user.username));
    let page = LoginPage {
        frame: &visit.frame(),
        purpose: purpose(&visit.app, open)?,
        signed_in: signed_in.as_deref(),
        problem: problem.as_deref(),
        username: shown_again(username),
        flow: &open.sealed,
        csrf: &visit.form_token(FormOf::Login, open),
    };
    Answer::page_with(status, &page, Protection::Leaving, retry_after)
}

/// Nobody has a longer name; a client may send a hint of any length.
fn shown_again(username: &str) -> &str {
    if username.len() > MAX_USERNAME_BYTES || !is_visible(username) {
        return "";
    }
    username
}

fn purpose(app: &App, open: &OpenFlow) -> Result<LoginPurpose, Fault> {
    Ok(match &open.flow.errand {
        Errand::Authorize(kept) => {
            let kept = Form::parse(kept.as_bytes()).map_err(RequestError::MalformedForm)?;
            let client = kept.get("client_id").and_then(|id| app.server.client(id));
            LoginPurpose::Application(client.map_or_else(String::new, shown_name))
        }
        Errand::DeviceCode(_) | Errand::Device(_) => LoginPurpose::Device,
        Errand::Account(_) => LoginPurpose::Account,
        Errand::Logout(_) => return Err(Fault::OtherErrand),
    })
}

/// Who gets the answer, before anybody is asked: where a stranger's document is, as anybody may call
/// themselves anything, and the page that asks for a password must not say it for them.
fn shown_name(client: &Client) -> String {
    document_host(client).unwrap_or_else(|| client_name(client))
}

/// What a client calls itself, or its id where nothing of that can be seen.
pub(super) fn client_name(client: &Client) -> String {
    let name = visible(client.name.as_deref().unwrap_or_default());
    if name.is_empty() {
        return client.id.as_str().to_owned();
    }
    name
}
