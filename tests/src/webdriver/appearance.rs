//! How a browser shows pages, and what it has to complain of. The protocol has no words for this; each
//! browser has its own.

use dockgate_stack::Deadline;
use serde_json::{Value, json};

use super::driver::BrowserKind;
use super::session::{PATIENCE, Session};

/// What a user may have set (Media Queries Level 5 §11.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorScheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Session {
    /// Gives pages this many CSS pixels, in every tab from now on or in this one alone.
    ///
    /// # Panics
    /// When the browser does not.
    #[track_caller]
    pub fn set_viewport(&self, width: u32, height: u32) {
        match self.kind {
            BrowserKind::Chromium => {
                let size = json!({
                    "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
                });
                self.devtools("Emulation.setDeviceMetricsOverride", size);
            }
            BrowserKind::Firefox => {
                // A window cannot be as narrow as a phone, what is in it can.
                let script = "const { style } = gBrowser.selectedBrowser
                    style.width = style.minWidth = style.maxWidth = arguments[0] + 'px'
                    style.height = style.minHeight = style.maxHeight = arguments[1] + 'px'";
                self.post(
                    "window/rect",
                    json!({ "width": width.max(600), "height": height + 200 }),
                );
                self.in_browser(script, json!([width, height]));
            }
        }
        self.until("return innerWidth", &json!(width));
    }

    /// Sets what pages are told that their user prefers.
    ///
    /// # Panics
    /// When the page does not hear of it.
    #[track_caller]
    pub fn prefer(&self, scheme: ColorScheme) {
        let name = match scheme {
            ColorScheme::Light => "light",
            ColorScheme::Dark => "dark",
        };
        match self.kind {
            BrowserKind::Chromium => {
                let feature = json!([{ "name": "prefers-color-scheme", "value": name }]);
                self.devtools("Emulation.setEmulatedMedia", json!({ "features": feature }));
            }
            BrowserKind::Firefox => {
                let script = "Services.prefs.setIntPref(
                    'layout.css.prefers-color-scheme.content-override',
                    arguments[0] === 'dark' ? 0 : 1)";
                self.in_browser(script, json!([name]));
            }
        }
        let asked = format!("return matchMedia('(prefers-color-scheme: {name})').matches");
        self.until(&asked, &json!(true));
    }

    /// What the browser has complained of since it was asked last: errors of scripts, violations of a
    /// page's Content Security Policy, what could not be loaded. A page's own status is no such thing.
    #[track_caller]
    pub fn complaints(&self) -> Vec<String> {
        match self.kind {
            BrowserKind::Chromium => self.log_of_chromium(),
            BrowserKind::Firefox => self.log_of_firefox(),
        }
    }

    #[track_caller]
    fn log_of_chromium(&self) -> Vec<String> {
        let entries = self.post("se/log", json!({ "type": "browser" }));
        let entries = entries.as_array().cloned().unwrap_or_default();
        let messages = entries.iter().filter_map(|entry| entry["message"].as_str());
        // What is shown has a status of its own, of which the log speaks as of any other.
        let own_status = format!("{} - Failed to load resource", self.url());
        messages
            .filter(|message| !message.starts_with(&own_status))
            .map(str::to_owned)
            .collect()
    }

    #[track_caller]
    fn log_of_firefox(&self) -> Vec<String> {
        let script = "const about = Services.console.getMessageArray()
                .filter(each => each instanceof Ci.nsIScriptError)
                .filter(each => /^https?:/.test(each.sourceName) || each.category === 'CSP')
                .map(each => `${each.category} ${each.sourceName}: ${each.errorMessage}`)
            Services.console.reset()
            return about";
        let messages = self.in_browser(script, json!([]));
        let messages = messages.as_array().cloned().unwrap_or_default();
        messages
            .iter()
            .filter_map(|message| Some(message.as_str()?.to_owned()))
            .collect()
    }

    /// A command of Chromium's own protocol.
    #[track_caller]
    fn devtools(&self, command: &str, parameters: Value) {
        self.post(
            "goog/cdp/execute",
            json!({ "cmd": command, "params": parameters }),
        );
    }

    /// Runs a script in Firefox itself, not in the page.
    #[track_caller]
    fn in_browser(&self, script: &str, arguments: Value) -> Value {
        self.post("moz/context", json!({ "context": "chrome" }));
        let value = self.run(script, arguments);
        self.post("moz/context", json!({ "context": "content" }));
        value
    }

    #[track_caller]
    fn until(&self, script: &str, expected: &Value) {
        let mut seen = Value::Null;
        let met = Deadline::after(PATIENCE).poll(|| {
            seen = self.run(script, json!([]));
            (seen == *expected).then_some(())
        });
        assert!(met.is_some(), "`{script}` gives {seen}, not {expected}");
    }
}
