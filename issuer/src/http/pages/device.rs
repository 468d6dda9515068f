//! The page where a user connects a device (RFC 8628 §3.3). The rules are in
//! `protocol::device_flow`.
//!
//! Whoever comes here logs in first: guessing codes needs an account. Then the code is typed, and
//! then the user says yes or no, whether the code was typed or came in the address (RFC 8628 §5.4).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tracing::info;

use super::answer::Answer;
use super::authorize::MAX_REQUEST_BYTES;
use super::consent::decision;
use super::fault::Fault;
use super::flow::{Errand, Mishap};
use super::login::client_name;
use super::visit::{FormOf, OpenFlow, Visit};
use crate::audit::AuditEvent;
use crate::http::app::App;
use crate::http::request_id::request_id;
use crate::pages::texts::{DeviceTexts, Message};
use crate::pages::{
    DeviceCodePage, DeviceConfirmPage, MessagePage, Protection, ShownScope, shown_scope, visible,
};
use crate::protocol::authorize::Decision;
use crate::protocol::device_flow::{
    DeviceOutcome, DeviceState, PendingDevice, approve, deny, find, normalise_user_code,
    shown_user_code,
};
use crate::protocol::{Form, MAX_BODY_BYTES, RequestError, Unavailable, User};
use crate::throttle::RetryAfter;

/// Shows the page, at the step that its flow has come to.
pub(in crate::http) async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, _) = Visit::of(app, request);
    let answer = show(&mut visit).await;
    visit.finish(answer)
}

/// Takes the code, or the decision.
pub(in crate::http) async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut visit, body) = Visit::of(app, request);
    let answer = posted(&mut visit, body).await;
    visit.finish(answer)
}

async fn show(visit: &mut Visit) -> Result<Answer, Fault> {
    if visit.query().len() > MAX_REQUEST_BYTES * 2 {
        return Err(Fault::QueryTooLong);
    }
    visit.find_session().await?;
    let query = visit.query().to_owned();
    let query = Form::parse(query.as_bytes()).map_err(RequestError::MalformedForm)?;
    let open = match query.get("flow") {
        Some(sealed) => visit.open(Some(sealed))?,
        None => {
            let given = query.get("user_code").and_then(normalise_user_code);
            visit.begin_flow(Errand::DeviceCode(given))?
        }
    };
    step(visit, &open).await
}

/// The page of the step that the flow has come to.
async fn step(visit: &Visit, open: &OpenFlow) -> Result<Answer, Fault> {
    let (code, user) = match (&open.flow.errand, visit.user()) {
        (Errand::Authorize(_) | Errand::Logout(_) | Errand::Account(_), _) => {
            return Err(Fault::OtherErrand);
        }
        (_, None) => return Ok(Answer::to_page("login", &open.sealed)),
        (Errand::DeviceCode(given), Some(_)) => {
            let problem = open.flow.mishap.as_ref().and_then(Problem::of);
            return code_page(visit, open, given.as_deref(), problem);
        }
        (Errand::Device(code), Some(user)) => (code, user),
    };
    match find(visit.context(), code).await? {
        Some(pending) if pending.state == DeviceState::Open => {
            confirm_page(visit, open, &pending, code, user)
        }
        _ => message(visit, visit.texts().device.expired, false),
    }
}

async fn posted(visit: &mut Visit, body: Body) -> Result<Answer, Fault> {
    visit.check_own_form()?;
    let body = visit.read(body, MAX_BODY_BYTES).await?;
    let form = Form::parse_page(&body).map_err(RequestError::MalformedForm)?;
    visit.find_session().await?;
    if form.has("decision") {
        let open = visit.open_form(&form, FormOf::DeviceConfirm)?;
        return decided(visit, &open, decision(&form)?).await;
    }
    let open = visit.open_form(&form, FormOf::DeviceCode)?;
    typed(visit, &open, form.get("user_code").unwrap_or_default()).await
}

/// What is wrong with a code that was typed.
#[derive(Clone, Copy)]
enum Problem {
    /// No code looks like this.
    NoCode,
    /// Nobody was given it, or it is over.
    Unknown,
    /// There were too many wrong ones.
    Throttled(u64),
}

async fn typed(visit: &Visit, open: &OpenFlow, typed: &str) -> Result<Answer, Fault> {
    let Some(live) = &visit.session else {
        return Ok(Answer::to_page("login", &open.sealed));
    };
    let subject = live.session.subject.as_str();
    let Some(code) = normalise_user_code(typed) else {
        return code_again(visit, open, None, Mishap::NoUserCode);
    };
    let (throttle, now) = (&visit.app.throttles.user_codes, (visit.app.clock)());
    let guess = match throttle.take(subject, visit.source(), now) {
        Ok(guess) => guess,
        Err(RetryAfter(seconds)) => {
            visit.log_reason(&Unavailable::Throttled(seconds).into());
            return code_page(visit, open, None, Some(Problem::Throttled(seconds)));
        }
    };
    let found = find(visit.context(), &code).await;
    // A store that fails tells nobody whether there is such a code.
    if !matches!(found, Ok(None)) {
        throttle.give_back(guess, (visit.app.clock)());
    }
    match found? {
        Some(pending) if pending.state == DeviceState::Open => {
            let next = visit.go_on(open, Errand::Device(code))?;
            Ok(Answer::to_page("device", &next.sealed))
        }
        _ => {
            let subject = live.session.subject.clone();
            let refused = AuditEvent::UserCodeRefused { subject };
            visit
                .context()
                .record(&refused)
                .map_err(Unavailable::from)?;
            code_again(visit, open, Some(code), Mishap::UnknownUserCode)
        }
    }
}

/// Goes to the page where the code is typed, which says what was wrong with this one.
fn code_again(
    visit: &Visit,
    open: &OpenFlow,
    code: Option<String>,
    mishap: Mishap,
) -> Result<Answer, Fault> {
    let again = visit.try_again(open, Errand::DeviceCode(code), mishap)?;
    Ok(Answer::to_page("device", &again.sealed))
}

impl Problem {
    fn of(mishap: &Mishap) -> Option<Self> {
        match mishap {
            Mishap::NoUserCode => Some(Self::NoCode),
            Mishap::UnknownUserCode => Some(Self::Unknown),
            Mishap::WrongPassword { .. } => None,
        }
    }
}

async fn decided(visit: &Visit, open: &OpenFlow, decision: Decision) -> Result<Answer, Fault> {
    let Errand::Device(code) = &open.flow.errand else {
        return Err(Fault::OtherErrand);
    };
    let Some(live) = &visit.session else {
        return Ok(Answer::to_page("login", &open.sealed));
    };
    let Some(pending) = find(visit.context(), code).await? else {
        return message(visit, visit.texts().device.expired, false);
    };
    let outcome = match decision {
        Decision::Allow(scope) if !scope.is_empty() => {
            approve(visit.context(), &pending, &live.session, scope).await?
        }
        // Who ticks nothing agrees to nothing.
        Decision::Allow(_) | Decision::Deny => {
            deny(visit.context(), &pending, &live.session).await?
        }
    };
    info!(
        request_id = request_id(&visit.parts.headers),
        client_id = %pending.client.id,
        sub = live.session.subject,
        ?outcome,
        "device decided"
    );
    let as_wished = outcome == DeviceOutcome::Approved;
    message(visit, told(outcome, &visit.texts().device), as_wished)
}

fn told(outcome: DeviceOutcome, texts: &DeviceTexts) -> Message {
    match outcome {
        DeviceOutcome::Approved => texts.approved,
        DeviceOutcome::Denied => texts.denied,
        DeviceOutcome::AlreadyDecided => texts.decided_before,
        DeviceOutcome::Expired => texts.expired,
        DeviceOutcome::NothingToGrant => texts.nothing_to_grant,
    }
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

fn code_page(
    visit: &Visit,
    open: &OpenFlow,
    code: Option<&str>,
    problem: Option<Problem>,
) -> Result<Answer, Fault> {
    let texts = &visit.texts().device;
    let (status, text, retry_after) = match problem {
        None => (StatusCode::OK, None, None),
        Some(Problem::NoCode) => (StatusCode::UNPROCESSABLE_ENTITY, Some(texts.no_code), None),
        Some(Problem::Unknown) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Some(texts.unknown_code),
            None,
        ),
        Some(Problem::Throttled(seconds)) => (
            StatusCode::TOO_MANY_REQUESTS,
            Some(texts.throttled),
            Some(seconds),
        ),
    };
    let page = DeviceCodePage {
        frame: &visit.frame(),
        problem: text,
        user_code: &code.map(shown_user_code).unwrap_or_default(),
        flow: &open.sealed,
        csrf: &visit.form_token(FormOf::DeviceCode, open),
    };
    Answer::page_with(status, &page, Protection::Own, retry_after)
}

fn confirm_page(
    visit: &Visit,
    open: &OpenFlow,
    pending: &PendingDevice<'_>,
    code: &str,
    user: &User,
) -> Result<Answer, Fault> {
    let offered = pending.offered_to(user);
    if offered.is_empty() {
        return message(visit, visit.texts().device.nothing_to_grant, false);
    }
    let scopes: Vec<ShownScope> = offered
        .iter()
        .map(|scope| shown_scope(visit.texts(), scope.name, scope.description, false))
        .collect();
    let page = DeviceConfirmPage {
        frame: &visit.frame(),
        client_name: &client_name(pending.client),
        client_id: pending.client.id.as_str(),
        unchecked: pending.client.describes_itself(),
        account: &visible(&user.username),
        user_code: &shown_user_code(code),
        scopes: &scopes,
        flow: &open.sealed,
        csrf: &visit.form_token(FormOf::DeviceConfirm, open),
    };
    Answer::page(&page, Protection::Own)
}
