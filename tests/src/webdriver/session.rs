//! One browser, with a profile of its own that nobody has used.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dockgate_stack::{BrowserPrograms, Deadline};
use serde_json::{Value, json};

use super::driver::{BrowserKind, Driver};
use crate::http::{Request, get, post};

/// How the protocol calls the reference to an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long something may take to happen in a browser on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Keys that have no character (WebDriver §17.4.2).
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// To the next field.
    Tab,
    /// Submits.
    Enter,
    /// Ticks.
    Space,
}

impl Key {
    fn code(self) -> char {
        match self {
            Self::Tab => '\u{e004}',
            Self::Enter => '\u{e007}',
            Self::Space => ' ',
        }
    }
}

/// A browser. Dropping it ends it; while panicking it first leaves a picture of what it showed.
pub struct Session {
    /// Which browser it is.
    pub kind: BrowserKind,
    driver: Driver,
    id: String,
    dir: PathBuf,
    pictures: PathBuf,
}

impl Session {
    /// Starts a browser with an empty profile in `dir`, which is made and removed again.
    ///
    /// # Panics
    /// When it does not start.
    pub fn open(
        kind: BrowserKind,
        programs: &BrowserPrograms,
        tethered: &Path,
        dir: PathBuf,
    ) -> Self {
        std::fs::create_dir_all(&dir).expect("a directory");
        let driver = Driver::start(kind, programs, &dir);
        let wanted = kind.capabilities(tethered, &dir);
        let answer = post("/session").json(&wanted).send(driver.port).json();
        let id = answer["value"]["sessionId"].as_str();
        let id = id.unwrap_or_else(|| panic!("no session: {answer}\n{}", driver.log()));
        Self {
            kind,
            id: id.to_owned(),
            pictures: dockgate_stack::demo_dir().join("failures"),
            driver,
            dir,
        }
    }

    /// Opens a URL and waits until it has loaded.
    #[track_caller]
    pub fn go(&self, url: &str) {
        self.post("url", json!({ "url": url }));
    }

    /// Where it is.
    #[track_caller]
    pub fn url(&self) -> String {
        text(self.get("url"))
    }

    /// The page's title.
    #[track_caller]
    pub fn title(&self) -> String {
        text(self.get("title"))
    }

    /// What the page says.
    #[track_caller]
    pub fn page_text(&self) -> String {
        text(self.run("return document.body.innerText", json!([])))
    }

    /// Presses the back button.
    #[track_caller]
    pub fn back(&self) {
        self.post("back", json!({}));
    }

    /// Loads the page again.
    #[track_caller]
    pub fn reload(&self) {
        self.post("refresh", json!({}));
    }

    /// Clicks on the first element that a CSS selector finds, once there is one.
    #[track_caller]
    pub fn click(&self, css: &str) {
        let element = self.find(css);
        self.post(&format!("element/{element}/click"), json!({}));
    }

    /// Types into a field that is emptied first.
    #[track_caller]
    pub fn fill(&self, css: &str, value: &str) {
        let element = self.find(css);
        self.post(&format!("element/{element}/clear"), json!({}));
        self.post(
            &format!("element/{element}/value"),
            json!({ "text": value }),
        );
    }

    /// The value of a form field.
    #[track_caller]
    pub fn value(&self, css: &str) -> String {
        let element = self.find(css);
        text(self.get(&format!("element/{element}/property/value")))
    }

    /// Whether the page has what a CSS selector describes, now.
    #[track_caller]
    pub fn has(&self, css: &str) -> bool {
        let script = "return document.querySelector(arguments[0]) !== null";
        self.run(script, json!([css])) == json!(true)
    }

    /// Types on the keyboard, wherever the focus is.
    #[track_caller]
    pub fn type_text(&self, typed: &str) {
        let strokes = typed.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
        });
        let strokes: Vec<Value> = strokes.collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.post("actions", json!({ "actions": [keyboard] }));
    }

    /// Presses a key.
    #[track_caller]
    pub fn press(&self, key: Key) {
        self.type_text(&key.code().to_string());
    }

    /// Runs the body of a function in the page.
    #[track_caller]
    pub fn run(&self, script: &str, arguments: Value) -> Value {
        self.post(
            "execute/sync",
            json!({ "script": script, "args": arguments }),
        )
    }

    /// The same for one that calls its last argument when it is done.
    #[track_caller]
    pub fn run_async(&self, script: &str, arguments: Value) -> Value {
        self.post(
            "execute/async",
            json!({ "script": script, "args": arguments }),
        )
    }

    /// Opens another tab and gives its handle; [`Session::switch_to`] goes there.
    #[track_caller]
    pub fn new_tab(&self) -> String {
        text(self.post("window/new", json!({ "type": "tab" }))["handle"].clone())
    }

    /// The handle of the tab that commands go to.
    #[track_caller]
    pub fn tab(&self) -> String {
        text(self.get("window"))
    }

    /// Sends what follows to another tab.
    #[track_caller]
    pub fn switch_to(&self, tab: &str) {
        self.post("window", json!({ "handle": tab }));
    }

    /// The cookies that the page's server would be sent, as the browser describes them.
    #[track_caller]
    pub fn cookies(&self) -> Vec<Value> {
        self.get("cookie").as_array().cloned().unwrap_or_default()
    }

    /// Forgets those cookies.
    #[track_caller]
    pub fn delete_cookies(&self) {
        self.call(Request::new("DELETE", self.path("cookie")), "cookie");
    }

    /// Waits until the address begins so, and gives the whole of it.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn wait_for_url(&self, start: &str) -> String {
        let url = Deadline::after(PATIENCE).poll(|| {
            let url = self.url();
            url.starts_with(start).then_some(url)
        });
        url.unwrap_or_else(|| panic!("at {}, not {start}:\n{}", self.url(), self.page_text()))
    }

    /// Waits until the page has what a CSS selector describes.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn wait_for(&self, css: &str) {
        let seen = Deadline::after(PATIENCE).poll(|| self.has(css).then_some(()));
        assert!(
            seen.is_some(),
            "no {css} at {}:\n{}",
            self.url(),
            self.page_text()
        );
    }

    #[track_caller]
    fn find(&self, css: &str) -> String {
        let found = self.post("element", json!({ "using": "css selector", "value": css }));
        text(found[ELEMENT].clone())
    }

    fn path(&self, command: &str) -> String {
        format!("/session/{}/{command}", self.id)
    }

    #[track_caller]
    fn get(&self, command: &str) -> Value {
        self.call(get(self.path(command)), command)
    }

    #[track_caller]
    pub(super) fn post(&self, command: &str, body: Value) -> Value {
        self.call(post(self.path(command)).json(&body), command)
    }

    #[track_caller]
    fn call(&self, request: Request, command: &str) -> Value {
        let response = request.send(self.driver.port);
        let value = response.json()["value"].take();
        assert_eq!(
            response.status, 200,
            "{:?} refuses {command}: {}: {}",
            self.kind, value["error"], value["message"]
        );
        value
    }

    /// Takes a picture of what the window shows: a PNG.
    ///
    /// # Panics
    /// When the browser or the file system refuses.
    #[track_caller]
    pub fn take_picture(&self, file: &Path) {
        use base64::Engine as _;
        let png = text(self.get("screenshot"));
        let png = base64::engine::general_purpose::STANDARD.decode(png);
        let dir = file.parent().expect("a file is in a directory");
        std::fs::create_dir_all(dir).expect("a directory");
        std::fs::write(file, png.expect("base64")).expect("a file");
    }

    /// What the window shows, in a file named after the test.
    fn leave_picture(&self) {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("test").replace("::", "-");
        let file = self.pictures.join(format!("{name}.png"));
        self.take_picture(&file);
        eprintln!("{:?} was at {}: {}", self.kind, self.url(), file.display());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let farewell = std::panic::AssertUnwindSafe(|| {
            if std::thread::panicking() {
                self.leave_picture();
            }
            Request::new("DELETE", format!("/session/{}", self.id)).send(self.driver.port);
        });
        // Whoever cannot be told to end is killed when the driver is dropped.
        let _ = std::panic::catch_unwind(farewell);
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

#[track_caller]
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => panic!("{other} is no text"),
    }
}
