//! What a page keeps between two steps. It is in the page and in its URL, sealed, and nowhere on
//! the server: there is nothing to fill up before a login, two tabs do not disturb each other, and
//! the back button works.

use serde::{Deserialize, Serialize};

use super::secrets::PageSecrets;
use crate::clock::UnixSeconds;
use crate::entropy::Entropy;
use crate::protocol::authorize::MAX_FLOW_SECONDS;
use crate::protocol::{Form, Language, Unavailable};
use crate::store::{SecretDigest, SessionId};

/// One way through the pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Flow {
    /// What it is for.
    pub(super) errand: Errand,
    /// When it began.
    pub(super) started_at: UnixSeconds,
    /// The session that the browser had then.
    pub(super) session: Option<SessionId>,
    /// The cookie of the browser that it began in; in another it is refused, so that nobody can
    /// have another person's browser finish what they began.
    pub(super) browser: SecretDigest,
    /// Why the page is shown again.
    pub(super) mishap: Option<Mishap>,
}

/// What was wrong with the form that came before. The page that says so is asked for by GET, like any
/// other: in a browser's history a form that was sent is a place to which it cannot go back without
/// asking whether to send it again. (Only an answer that says to wait is left there.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Mishap {
    /// Nobody has this name and password.
    WrongPassword {
        /// The name, to be shown again; empty where it cannot be.
        username: String,
        /// The session that the browser had then.
        session: Option<SessionId>,
    },
    /// No user code looks like what was typed.
    NoUserCode,
    /// Nobody was given the user code, or it is over.
    UnknownUserCode,
}

/// What a way through the pages is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Errand {
    /// An authorization request, as `AuthorizationRequest::kept` gives it.
    Authorize(String),
    /// Finding a device by its user code; the code may have come in the address.
    DeviceCode(Option<String>),
    /// Connecting the device of a user code that was found.
    Device(String),
    /// Logging out, with the parameters of the request.
    Logout(String),
    /// Looking at the account, perhaps after something was done there.
    Account(Option<Deed>),
}

/// What was done on the account page. The page that says so is asked for by GET, as after a
/// [`Mishap`], and nobody can have another's browser say it: a flow is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Deed {
    /// An application has lost its access.
    AccessRemoved,
    /// Another browser was signed out.
    SessionEnded,
    /// All other browsers were signed out.
    OthersEnded,
}

impl Errand {
    /// The languages that a client wishes for its user (OIDC Core §3.1.2.1, RP-Initiated Logout §2).
    pub(super) fn ui_locales(&self) -> Option<Language> {
        let (Self::Authorize(parameters) | Self::Logout(parameters)) = self else {
            return None;
        };
        let form = Form::parse(parameters.as_bytes()).ok()?;
        Language::of_ui_locales(form.get("ui_locales")?)
    }
}

/// Why what came back is no flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlowError {
    /// Nothing of ours.
    Unreadable,
    /// The page was left alone for too long.
    Expired,
}

impl Flow {
    /// The flow as a page keeps it.
    pub(super) fn seal(
        &self,
        secrets: &PageSecrets,
        entropy: Entropy,
    ) -> Result<String, Unavailable> {
        let plain = postcard::to_allocvec(self).map_err(|_| Unavailable::Signing)?;
        secrets.seal(entropy, plain)
    }

    pub(super) fn open(
        secrets: &PageSecrets,
        sealed: &str,
        now: UnixSeconds,
    ) -> Result<Self, FlowError> {
        let plain = secrets.open(sealed).ok_or(FlowError::Unreadable)?;
        let flow: Self = postcard::from_bytes(&plain).map_err(|_| FlowError::Unreadable)?;
        if now.saturating_sub(flow.started_at) > MAX_FLOW_SECONDS {
            return Err(FlowError::Expired);
        }
        Ok(flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::system_entropy;

    #[test]
    fn a_flow_comes_back_as_it_was_for_an_hour() {
        let secrets = PageSecrets::new(&[1; 32]).unwrap();
        let flow = Flow {
            errand: Errand::Authorize("client_id=web&state=%26".to_owned()),
            started_at: 1000,
            session: Some(SessionId::from_bytes([5; 16])),
            browser: SecretDigest::of(b"x"),
            mishap: Some(Mishap::WrongPassword {
                username: "alice".to_owned(),
                session: None,
            }),
        };
        let sealed = flow.seal(&secrets, system_entropy).unwrap();
        assert!(!sealed.contains("web"), "{sealed}");
        let last = 1000 + MAX_FLOW_SECONDS;
        assert_eq!(Flow::open(&secrets, &sealed, last), Ok(flow));
        let late = Flow::open(&secrets, &sealed, last + 1);
        assert_eq!(late, Err(FlowError::Expired));
        assert_eq!(Flow::open(&secrets, "", 1000), Err(FlowError::Unreadable));
    }
}
