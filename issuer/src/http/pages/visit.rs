//! One request of a browser: who it is, what it is on the way to, and whether a form is its own.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::Issuer;
use url::Url;

use super::cookies::Cookie;
use super::fault::Fault;
use super::flow::{Errand, Flow, Mishap};
use super::{browser_name, language, same_origin};
use crate::audit::{Caller, CallerBuf};
use crate::http::app::App;
use crate::http::client_address::client_address;
use crate::http::client_documents::with_clients;
use crate::http::request_body;
use crate::http::request_id::request_id;
use crate::pages::Frame;
use crate::pages::texts::{Texts, texts};
use crate::protocol::client_id_metadata::Named;
use crate::protocol::sessions::{self, LiveSession, SessionSecret};
use crate::protocol::{Context, Form, Language, RequestError, User, authorize};
use crate::proxies::Proxies;
use crate::store::{SecretDigest, SessionId, SledStore};
use crate::throttle::Source;

/// Random bytes of the cookie that names a browser.
const BROWSER_BYTES: usize = 32;

/// A request, with what its browser is known by.
pub(super) struct Visit {
    pub(super) app: Arc<App>,
    pub(super) parts: Parts,
    /// The browser's login session, once it was looked for.
    pub(super) session: Option<LiveSession>,
    /// Cookies to be set with the answer.
    pub(super) cookies: Vec<HeaderValue>,
    /// What the pages speak.
    language: Language,
    /// The issuer's host, which every page shows.
    host: String,
}

/// A flow of this browser.
pub(super) struct OpenFlow {
    pub(super) flow: Flow,
    /// As pages keep it.
    pub(super) sealed: String,
    /// The cookie that names the browser.
    browser: String,
}

/// The forms there are. A token of one is no good for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormOf {
    Login,
    Consent,
    DeviceCode,
    DeviceConfirm,
    Logout,
    Account,
}

fn caller<'a>(parts: &'a Parts, proxies: &Proxies) -> Caller<'a> {
    Caller {
        request_id: request_id(&parts.headers),
        address: client_address(&parts.headers, &parts.extensions, proxies),
    }
}

impl Visit {
    /// The request, and the body apart.
    pub(super) fn of(app: Arc<App>, request: Request) -> (Self, Body) {
        let (parts, body) = request.into_parts();
        let language = language::of_request(&parts).unwrap_or(app.brand.language);
        let host = host(&app.server.issuer);
        let visit = Self {
            app,
            parts,
            session: None,
            cookies: Vec::new(),
            language,
            host,
        };
        (visit, body)
    }

    /// What every page has.
    pub(super) fn frame(&self) -> Frame<'_> {
        Frame {
            host: &self.host,
            text: self.texts(),
            brand: &self.app.brand,
        }
    }

    /// What the pages say.
    pub(super) fn texts(&self) -> &'static Texts {
        texts(self.language)
    }

    /// What the protocol is given.
    pub(super) fn context(&self) -> Context<'_, SledStore> {
        self.app
            .context()
            .asked_by(caller(&self.parts, &self.app.proxies))
    }

    /// Finds the client that parameters name, if it is a document.
    pub(super) async fn meet_client(&mut self, parameters: &str) -> Result<(), Fault> {
        self.meet(parameters, false).await
    }

    async fn meet(&mut self, parameters: &str, by_us: bool) -> Result<(), Fault> {
        if self.app.server.client_id_metadata.is_none() {
            return Ok(());
        }
        let form = Form::parse(parameters.as_bytes()).unwrap_or_default();
        let id = form.get("client_id").and_then(|id| id.parse().ok());
        let named: Vec<_> = id.map(|id| Named { id, by_us }).into_iter().collect();
        self.app = with_clients(self.app.clone(), &named, self.source()).await?;
        Ok(())
    }

    /// The same for the client that a flow is about.
    pub(super) async fn meet_client_of(&mut self, flow: &Flow) -> Result<(), Fault> {
        match &flow.errand {
            // It was met when the flow began.
            Errand::Authorize(kept) => self.meet(kept, true).await,
            _ => Ok(()),
        }
    }

    /// Who asks, for what outlives a change of the visit.
    pub(super) fn caller(&self) -> CallerBuf {
        let Caller {
            request_id,
            address,
        } = caller(&self.parts, &self.app.proxies);
        CallerBuf {
            request_id: request_id.map(str::to_owned),
            address,
        }
    }

    /// The query.
    pub(super) fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// Where failures are counted for.
    pub(super) fn source(&self) -> Source {
        let (headers, extensions) = (&self.parts.headers, &self.parts.extensions);
        Source::browser(client_address(headers, extensions, &self.app.proxies))
    }

    /// The body of a form, from wherever.
    pub(super) async fn read(&self, body: Body, limit: usize) -> Result<Bytes, Fault> {
        let timeout = self.app.body_read_timeout;
        let body = request_body::read(&self.parts.headers, body, limit, timeout);
        Ok(body.await?)
    }

    /// Refuses a form of another site.
    pub(super) fn check_own_form(&self) -> Result<(), Fault> {
        if same_origin::may_be_own_form(&self.parts, &self.app.server.issuer) {
            Ok(())
        } else {
            Err(Fault::CrossSite)
        }
    }

    /// The id of the session that was found.
    pub(super) fn session_id(&self) -> Option<SessionId> {
        self.session.as_ref().map(|live| live.session.id)
    }

    /// Finds the browser's session. Of several cookies the first counts that is alive.
    pub(super) async fn find_session(&mut self) -> Result<(), Fault> {
        let app = self.app.clone();
        for cookie in Cookie::Session.values(&app.server.issuer, &self.parts.headers) {
            self.session = sessions::find(app.context(), cookie).await?;
            if self.session.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// The user of the session.
    pub(super) fn user(&self) -> Option<&User> {
        let session = &self.session.as_ref()?.session;
        let users = &self.app.server.users;
        users.who_logged_in(&session.subject, &session.login)
    }

    /// Begins a session in the place of the one before.
    pub(super) async fn log_in(&mut self, user: &User, methods: &[&str]) -> Result<(), Fault> {
        let app = self.app.clone();
        let before = self.session.as_ref();
        let seen_as = browser_name::seen_as(&self.parts.headers);
        let context = app
            .context()
            .asked_by(caller(&self.parts, &self.app.proxies));
        let (secret, session) = sessions::begin(context, user, methods, before, seen_as).await?;
        self.set_session_cookie(&secret);
        self.session = Some(session);
        Ok(())
    }

    fn set_session_cookie(&mut self, secret: &SessionSecret) {
        let cookie = Cookie::Session.set(&self.app.server.issuer, secret.expose());
        self.cookies.extend(cookie);
    }

    /// Takes the session's cookie out of the browser.
    pub(super) fn forget_session(&mut self) {
        self.session = None;
        self.cookies
            .extend(Cookie::Session.clear(&self.app.server.issuer));
    }

    /// Begins a flow in this browser, which is given a name if it has none.
    pub(super) fn begin_flow(&mut self, errand: Errand) -> Result<OpenFlow, Fault> {
        let browser = self.browser()?;
        self.language = errand.ui_locales().unwrap_or(self.language);
        let flow = Flow {
            errand,
            started_at: (self.app.clock)(),
            session: self.session_id(),
            browser: SecretDigest::of(browser.as_bytes()),
            mishap: None,
        };
        self.sealed(flow, browser)
    }

    /// The same flow with another errand, or a step further with the same.
    pub(super) fn go_on(&self, open: &OpenFlow, errand: Errand) -> Result<OpenFlow, Fault> {
        self.continued(open, errand, None)
    }

    /// The same flow at the same step, which did not go well.
    pub(super) fn try_again(
        &self,
        open: &OpenFlow,
        errand: Errand,
        mishap: Mishap,
    ) -> Result<OpenFlow, Fault> {
        self.continued(open, errand, Some(mishap))
    }

    fn continued(
        &self,
        open: &OpenFlow,
        errand: Errand,
        mishap: Option<Mishap>,
    ) -> Result<OpenFlow, Fault> {
        let flow = Flow {
            errand,
            mishap,
            ..open.flow.clone()
        };
        self.sealed(flow, open.browser.clone())
    }

    fn sealed(&self, flow: Flow, browser: String) -> Result<OpenFlow, Fault> {
        let sealed = flow.seal(&self.app.page_secrets, self.app.entropy)?;
        Ok(OpenFlow {
            flow,
            sealed,
            browser,
        })
    }

    fn browser(&mut self) -> Result<String, Fault> {
        let issuer = &self.app.server.issuer;
        let mut known = Cookie::Browser.values(issuer, &self.parts.headers);
        if let Some(known) = known.next() {
            return Ok(known.to_owned());
        }
        let fresh = URL_SAFE_NO_PAD.encode(self.context().random::<BROWSER_BYTES>()?);
        let cookie = Cookie::Browser.set(issuer, &fresh);
        self.cookies.extend(cookie);
        Ok(fresh)
    }

    /// Opens the flow of the query.
    pub(super) fn flow_of_query(&mut self) -> Result<OpenFlow, Fault> {
        let query = self.query().to_owned();
        let query = Form::parse(query.as_bytes()).map_err(RequestError::MalformedForm)?;
        self.open(query.get("flow"))
    }

    /// Opens a flow if it was begun in this browser (RFC 9700 §4.7).
    pub(super) fn open(&mut self, sealed: Option<&str>) -> Result<OpenFlow, Fault> {
        let sealed = sealed.unwrap_or_default();
        let flow = Flow::open(&self.app.page_secrets, sealed, (self.app.clock)())?;
        let issuer = &self.app.server.issuer;
        let mut known = Cookie::Browser.values(issuer, &self.parts.headers);
        let own = known.find(|cookie| SecretDigest::of(cookie.as_bytes()) == flow.browser);
        self.language = flow.errand.ui_locales().unwrap_or(self.language);
        Ok(OpenFlow {
            browser: own.ok_or(Fault::OtherBrowser)?.to_owned(),
            sealed: sealed.to_owned(),
            flow,
        })
    }

    /// Opens the flow of one of our forms, which has to have its token. But for the login form it
    /// may come without one where nobody is logged in: there is nothing then that it could change,
    /// and whoever sends it is sent to log in.
    pub(super) fn open_form(&mut self, form: &Form<'_>, of: FormOf) -> Result<OpenFlow, Fault> {
        let open = self.open(form.get("flow"))?;
        if of != FormOf::Login && self.session.is_none() {
            return Ok(open);
        }
        let token = form.get("csrf").unwrap_or_default();
        let session = self.session_binding(of);
        let parts = token_parts(of, &open, &session);
        if self.app.page_secrets.is_form_token(token, &parts) {
            Ok(open)
        } else {
            Err(Fault::FormToken)
        }
    }

    /// The token for a form.
    pub(super) fn form_token(&self, of: FormOf, open: &OpenFlow) -> String {
        let session = self.session_binding(of);
        let parts = token_parts(of, open, &session);
        self.app.page_secrets.form_token(&parts)
    }

    /// What ties a form to the session that was asked. Another tab may have logged the same user in
    /// again meanwhile, so it is what such logins have in common. The login form has to do without:
    /// whoever sees it may have logged in elsewhere in the browser as anybody.
    fn session_binding(&self, of: FormOf) -> Vec<u8> {
        let session = self.session.as_ref().filter(|_| of != FormOf::Login);
        session.map_or_else(Vec::new, |live| live.session.lineage.as_bytes().to_vec())
    }
}

/// The issuer's host, with its port where it has one.
fn host(issuer: &Issuer) -> String {
    let url = Url::parse(issuer.as_str());
    let host = url.ok().and_then(|url| {
        let host = url.host_str()?.to_owned();
        let port = url.port();
        Some(port.map_or(host.clone(), |port| format!("{host}:{port}")))
    });
    host.unwrap_or_default()
}

fn token_parts<'a>(of: FormOf, open: &'a OpenFlow, session: &'a [u8]) -> [&'a [u8]; 4] {
    let form: &[u8] = match of {
        FormOf::Login => b"login",
        FormOf::Consent => b"consent",
        FormOf::DeviceCode => b"device code",
        FormOf::DeviceConfirm => b"device",
        FormOf::Logout => b"logout",
        FormOf::Account => b"account",
    };
    [
        form,
        open.browser.as_bytes(),
        session,
        open.sealed.as_bytes(),
    ]
}

impl OpenFlow {
    /// What the rules of the authorization endpoint know the flow by.
    pub(super) fn authorization(&self) -> authorize::Flow {
        authorize::Flow {
            started_at: self.flow.started_at,
            session: self.flow.session,
        }
    }
}
