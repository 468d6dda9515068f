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
        let (name, number) = match scheme {
            ColorScheme::Light => ("light", 1),
            ColorScheme::Dark => ("dark", 0),
        };
        let pref = "layout.css.prefers-color-scheme.content-override";
        self.tell_pages(("prefers-color-scheme", name), (pref, number));
    }

    /// Asks pages to move nothing (Media Queries Level 5 §11.1). What was asked for before may no
    /// longer hold.
    ///
    /// # Panics
    /// When the page does not hear of it.
    #[track_caller]
    pub fn prefer_stillness(&self) {
        let feature = ("prefers-reduced-motion", "reduce");
        self.tell_pages(feature, ("ui.prefersReducedMotion", 1));
    }

    /// Shows pages in a few colours of the user's (CSS Color Adjustment §3), or in their own again. What
    /// was asked for before may no longer hold.
    ///
    /// # Panics
    /// When the page does not hear of it.
    #[track_caller]
    pub fn force_colors(&self, forced: bool) {
        let (name, number) = if forced { ("active", 2) } else { ("none", 0) };
        let pref = "browser.display.document_color_use";
        self.tell_pages(("forced-colors", name), (pref, number));
    }

    /// Sets a media feature in Chromium, and in Firefox the preference that stands behind it.
    #[track_caller]
    fn tell_pages(&self, (feature, value): (&str, &str), (pref, number): (&str, i32)) {
        match self.kind {
            BrowserKind::Chromium => {
                let features = json!([{ "name": feature, "value": value }]);
                let media = json!({ "features": features });
                self.devtools("Emulation.setEmulatedMedia", media);
            }
            BrowserKind::Firefox => {
                let script = "Services.prefs.setIntPref(arguments[0], arguments[1])";
                self.in_browser(script, json!([pref, number]));
            }
        }
        let asked = format!("return matchMedia('({feature}: {value})').matches");
        self.until(&asked, &json!(true));
    }

    /// Sets the languages that the browser says its user reads, the best first, for the pages that are
    /// loaded from now on.
    #[track_caller]
    pub fn read_languages(&self, languages: &str) {
        match self.kind {
            BrowserKind::Chromium => {
                let agent = self.run("return navigator.userAgent", json!([]));
                let names = json!({ "userAgent": agent, "acceptLanguage": languages });
                self.devtools("Emulation.setUserAgentOverride", names);
            }
            BrowserKind::Firefox => {
                let script = "Services.prefs.setStringPref('intl.accept_languages', arguments[0])";
                self.in_browser(script, json!([languages]));
            }
        }
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
