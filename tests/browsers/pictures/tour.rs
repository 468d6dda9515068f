//! The way past every page.

use std::sync::Arc;

use dockgate_tests::browser::Browser;
use dockgate_tests::http::post;
use dockgate_tests::sign_in::{CHALLENGE, authorize_path, text};
use dockgate_tests::webdriver::BrowserKind;
use serde_json::json;

use super::look::look;
use crate::visitor::{ALLOW, DENY, PASSWORD, Visitor};
use crate::world::World;

/// Browsers in which the user is signed in too.
const OTHERS: [&str; 3] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "a program without a name",
];

/// A way past every page, and what is shown on it.
#[derive(Clone, Copy)]
pub(super) struct Tour {
    /// The directory of its pictures.
    pub(super) set: &'static str,
    /// Nobody else's.
    pub(super) username: &'static str,
    /// The application with a web site.
    pub(super) client: &'static str,
    /// What it asks for.
    pub(super) scope: &'static str,
    /// Of whom it asks that.
    pub(super) resource: Option<&'static str>,
    /// What the user reads.
    pub(super) languages: &'static str,
}

impl Tour {
    /// Takes pictures all the way.
    pub(super) fn take(self, world: Arc<World>) {
        let username = self.username.to_owned();
        let visitor = Visitor::named(username, BrowserKind::Chromium, world);
        visitor.browser.go("about:blank");
        visitor.browser.read_languages(self.languages);
        self.sign_in(&visitor);
        self.consents(&visitor);
        self.device(&visitor);
        self.account(&visitor);
        self.errors(&visitor);
        self.sign_out(&visitor);
    }

    fn look(self, visitor: &Visitor, page: &str) {
        look(&visitor.browser, self.set, page);
    }

    fn base(visitor: &Visitor) -> String {
        visitor.world.stack.base_url()
    }

    /// Begins at the application.
    fn begin(self, visitor: &Visitor, prompt: &str, more: &[(&str, &str)]) -> String {
        let state = visitor.state("plain");
        let mut changes = vec![
            ("client_id", self.client),
            ("scope", self.scope),
            ("prompt", prompt),
        ];
        changes.extend(self.resource.map(|resource| ("resource", resource)));
        changes.extend(more);
        visitor.begin(&state, &changes);
        state
    }

    fn sign_in(self, visitor: &Visitor) {
        let browser = &visitor.browser;
        self.begin(visitor, "consent", &[]);
        browser.wait_for(PASSWORD);
        self.look(visitor, "login");
        visitor.log_in_as(self.username, "looking-glass");
        browser.wait_for("[role=alert]");
        self.look(visitor, "login-wrong");
        visitor.log_in();
        browser.wait_for(ALLOW);
        browser.go(&format!("{}/account", Self::base(visitor)));
        browser.wait_for("#sessions");
        self.look(visitor, "account-empty");
        self.begin(visitor, "login", &[]);
        browser.wait_for(PASSWORD);
        self.look(visitor, "login-again");
    }

    fn consents(self, visitor: &Visitor) {
        let browser = &visitor.browser;
        let state = self.begin(visitor, "consent", &[]);
        browser.wait_for(ALLOW);
        self.look(visitor, "consent");
        browser.click(ALLOW);
        let answer = visitor.answer(&state);
        assert!(answer.contains_key("code"), "{answer:?}");
        visitor.redeem_as(self.client, &answer);

        let registered = post("/register").json(&json!({
            "client_name": "Pocket Reader",
            "redirect_uris": [visitor.world.site.callback()],
            "scope": "openid api:read offline_access",
        }));
        let registered = registered.send(visitor.world.stack.ports().http);
        assert_eq!(registered.status, 201, "{}", registered.text());
        let registered = registered.json();
        let client = [("client_id", text(&registered, "client_id"))];
        let callback = visitor.world.site.callback();
        let parameters = [
            ("response_type", "code"),
            client[0],
            ("redirect_uri", &callback),
            ("scope", "openid api:read offline_access"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let path = authorize_path(&parameters);
        browser.go(&format!("{}{path}", Self::base(visitor)));
        browser.wait_for(ALLOW);
        self.look(visitor, "consent-self-registered");
    }

    fn device(self, visitor: &Visitor) {
        let browser = &visitor.browser;
        let enter = |code: &str| {
            browser.fill("#user_code", code);
            browser.click("button.main");
        };
        let begun = visitor.begin_device();
        browser.go(text(&begun, "verification_uri"));
        browser.wait_for("#user_code");
        self.look(visitor, "device-code");
        enter("what?");
        browser.wait_for("[role=alert]");
        self.look(visitor, "device-code-wrong");
        enter(text(&begun, "user_code"));
        browser.wait_for(ALLOW);
        self.look(visitor, "device-confirm");
        browser.click(ALLOW);
        browser.wait_for("[role=status]");
        self.look(visitor, "device-done");
        // The grant is listed once the device has fetched it.
        visitor.poll_device(&begun);

        let begun = visitor.begin_device();
        browser.go(text(&begun, "verification_uri"));
        enter(text(&begun, "user_code"));
        browser.wait_for(DENY);
        browser.click(DENY);
        browser.wait_for("[role=status]");
        self.look(visitor, "device-denied");
    }

    fn account(self, visitor: &Visitor) {
        let browser = &visitor.browser;
        let port = visitor.world.stack.ports().http;
        for name in OTHERS {
            visitor.sign_in_at(&mut Browser::new(port).named(name));
        }
        browser.go(&format!("{}/account", Self::base(visitor)));
        browser.wait_for("button[name=others]");
        self.look(visitor, "account");
        browser.click("button[name=application][value=tv]");
        browser.wait_for("[role=status]");
        self.look(visitor, "account-removed");
        browser.click("button[name=others]");
        browser.wait_for("[role=status]");
        self.look(visitor, "account-others-ended");
    }

    fn errors(self, visitor: &Visitor) {
        let (browser, base) = (&visitor.browser, Self::base(visitor));
        for (page, path) in [
            ("error-no-flow", "/login?flow=AAAA"),
            ("error-application", "/authorize?client_id=nobody"),
            (
                "error-redirect-uri",
                "/authorize?client_id=web&redirect_uri=https://elsewhere.example/",
            ),
        ] {
            browser.go(&format!("{base}{path}"));
            browser.wait_for("[role=alert]");
            self.look(visitor, page);
        }
    }

    fn sign_out(self, visitor: &Visitor) {
        let browser = &visitor.browser;
        let logout = format!("{}/logout", Self::base(visitor));
        browser.go(&logout);
        browser.wait_for("button[value=stay]");
        self.look(visitor, "logout");
        browser.click("button[value=stay]");
        browser.wait_for("[role=status]");
        self.look(visitor, "logout-stayed");
        browser.go(&logout);
        browser.click("button[value=logout]");
        browser.wait_for("[role=status]");
        self.look(visitor, "logout-done");
        browser.go(&format!("{}/account", Self::base(visitor)));
        browser.wait_for(PASSWORD);
        self.look(visitor, "login-to-account");
    }
}
