//! Somebody at a browser, on the way from a client to the issuer and back.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use dockgate_tests::authorization_server::{basic, claims};
use dockgate_tests::browser::Browser;
use dockgate_tests::http::{get, post};
use dockgate_tests::sign_in::{
    CHALLENGE, VERIFIER, authorize, authorize_path, client_post, text, token,
};
use dockgate_tests::webdriver::{BrowserKind, Session};
use serde_json::Value;

use crate::world::{World, world};

/// What everybody's password is.
pub(crate) const WONDERLAND: &str = "wonderland";

/// The field that only the login page has.
pub(crate) const PASSWORD: &str = "#password";
/// The button that agrees.
pub(crate) const ALLOW: &str = "button[value=allow]";
/// The button that does not.
pub(crate) const DENY: &str = "button[value=deny]";

/// A new browser, and the world around it.
pub(crate) struct Visitor {
    // Dropped first: what the browser writes is in the stack's directory.
    pub(crate) browser: Session,
    pub(crate) world: Arc<World>,
    /// Nobody else's: what one test removes or ends is not another's.
    pub(crate) username: String,
}

impl Visitor {
    pub(crate) fn new(kind: BrowserKind) -> Self {
        let world = world();
        let username = world.person();
        Self::named(username, kind, world)
    }

    /// Somebody in particular, in a world of which there may be several.
    pub(crate) fn named(username: String, kind: BrowserKind, world: Arc<World>) -> Self {
        let dir = world
            .stack
            .scratch_dir()
            .join(format!("browser-{}", number()));
        let tethered = Path::new(env!("CARGO_BIN_EXE_tethered"));
        let browser = Session::open(kind, &world.programs, tethered, dir);
        Self {
            browser,
            world,
            username,
        }
    }

    /// A `state` that no other visit has, which begins so.
    pub(crate) fn state(&self, start: &str) -> String {
        format!("{start}-{}", number())
    }

    /// The URL of an authorization request of `web`, with some parameters changed or added.
    pub(crate) fn authorize_url(&self, state: &str, changes: &[(&str, &str)]) -> String {
        let callback = self.world.site.callback();
        let mut parameters = request(&callback, state);
        for (name, value) in changes {
            parameters.retain(|(own, _)| own != name);
            parameters.push((name, value));
        }
        format!(
            "{}{}",
            self.world.stack.base_url(),
            authorize_path(&parameters)
        )
    }

    /// Goes to the issuer with an authorization request.
    #[track_caller]
    pub(crate) fn begin(&self, state: &str, changes: &[(&str, &str)]) {
        self.browser.go(&self.authorize_url(state, changes));
    }

    /// Signs in at another browser too, which has no window, and agrees to what `web` asks for.
    #[track_caller]
    pub(crate) fn sign_in_at(&self, other: &mut Browser) {
        let callback = self.world.site.callback();
        let state = self.state("elsewhere");
        let user = (self.username.as_str(), WONDERLAND);
        authorize(other, &request(&callback, &state), user);
    }

    /// Fills in the login page and sends it.
    #[track_caller]
    pub(crate) fn log_in(&self) {
        self.log_in_as(&self.username, WONDERLAND);
    }

    /// The same with another name or password.
    #[track_caller]
    pub(crate) fn log_in_as(&self, username: &str, password: &str) {
        self.browser.fill("#username", username);
        self.browser.fill(PASSWORD, password);
        self.browser.click("button.main");
    }

    /// The answer that the client got.
    #[track_caller]
    pub(crate) fn answer(&self, state: &str) -> BTreeMap<String, String> {
        let answer = self.world.site.arrival(state);
        assert_eq!(answer["iss"], self.world.stack.base_url(), "RFC 9207");
        answer
    }

    /// Redeems the code of an answer to `web`, as its server does.
    #[track_caller]
    pub(crate) fn redeem(&self, answer: &BTreeMap<String, String>) -> Value {
        self.redeem_as("web", answer)
    }

    /// The same for a client of another name and the same site and secret.
    #[track_caller]
    pub(crate) fn redeem_as(&self, client: &str, answer: &BTreeMap<String, String>) -> Value {
        let code = answer.get("code");
        let code = code.unwrap_or_else(|| panic!("no code in {answer:?}"));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.world.site.callback()),
            ("code_verifier", VERIFIER),
        ];
        let response = post("/token")
            .header("authorization", basic(client, "web-secret"))
            .form(&form)
            .send(self.world.stack.ports().http);
        assert_eq!(response.status, 200, "{}", response.text());
        response.json()
    }

    /// A device shows its user a code (RFC 8628 §3.2).
    pub(crate) fn begin_device(&self) -> Value {
        let scope = [("scope", "api:read")];
        client_post(&self.world.stack, "/device_authorization", "tv", &scope).json()
    }

    /// The device asks whether its user has agreed.
    pub(crate) fn poll_device(&self, begun: &Value) -> Value {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", text(begun, "device_code")),
        ];
        token(&self.world.stack, "tv", &form).json()
    }

    /// Checks that a token opens the API.
    #[track_caller]
    pub(crate) fn assert_opens(&self, tokens: &Value) {
        let access = text(tokens, "access_token");
        let api = get("/api/protected/data")
            .bearer(access)
            .send(self.world.stack.ports().http);
        assert_eq!(api.status, 200, "{}", api.text());
        assert_eq!(api.json()["user"], claims(access)["sub"]);
    }
}

/// An authorization request of `web`.
fn request<'a>(callback: &'a str, state: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("response_type", "code"),
        ("client_id", "web"),
        ("redirect_uri", callback),
        ("scope", "openid api:read"),
        ("state", state),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

fn number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
