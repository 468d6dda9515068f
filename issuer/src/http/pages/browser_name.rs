//! What a browser says it is (RFC 9110 §10.1.5), as coarsely as its user would.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;

use crate::pages::texts::Texts;
use crate::store::{BrowserFamily, SessionNote, SystemFamily};

/// How much of it is read, in bytes.
const MAX_BYTES: usize = 512;

/// Each browser by a word that those before it do not have: most name others as well.
const BROWSERS: [(&str, BrowserFamily); 10] = [
    ("Edg/", BrowserFamily::Edge),
    ("EdgA/", BrowserFamily::Edge),
    ("EdgiOS/", BrowserFamily::Edge),
    ("OPR/", BrowserFamily::Opera),
    ("SamsungBrowser/", BrowserFamily::SamsungInternet),
    ("Firefox/", BrowserFamily::Firefox),
    ("FxiOS/", BrowserFamily::Firefox),
    ("CriOS/", BrowserFamily::Chrome),
    ("Chrome/", BrowserFamily::Chrome),
    ("Safari/", BrowserFamily::Safari),
];

const SYSTEMS: [(&str, SystemFamily); 8] = [
    ("Android", SystemFamily::Android),
    ("iPhone", SystemFamily::IOs),
    ("iPad", SystemFamily::IOs),
    ("Windows", SystemFamily::Windows),
    ("CrOS", SystemFamily::ChromeOs),
    ("Macintosh", SystemFamily::MacOs),
    ("Linux", SystemFamily::Linux),
    ("X11", SystemFamily::Linux),
];

/// What is noted of a browser that logs in.
pub(super) fn seen_as(headers: &HeaderMap) -> SessionNote {
    let value = headers.get(USER_AGENT).map(|value| value.as_bytes());
    let value = value.unwrap_or_default();
    let value = String::from_utf8_lossy(value.get(..MAX_BYTES).unwrap_or(value));
    let browser = BROWSERS.iter().find(|(word, _)| value.contains(word));
    let system = SYSTEMS.iter().find(|(word, _)| value.contains(word));
    SessionNote {
        last_used: 0,
        browser: browser.map(|(_, browser)| *browser).unwrap_or_default(),
        system: system.map(|(_, system)| *system).unwrap_or_default(),
    }
}

/// The browser in words.
pub(super) fn shown(note: &SessionNote, texts: &Texts) -> String {
    let browser = match note.browser {
        BrowserFamily::Unknown => texts.account.unknown_browser,
        BrowserFamily::Chrome => "Chrome",
        BrowserFamily::Edge => "Edge",
        BrowserFamily::Firefox => "Firefox",
        BrowserFamily::Opera => "Opera",
        BrowserFamily::Safari => "Safari",
        BrowserFamily::SamsungInternet => "Samsung Internet",
    };
    let system = match note.system {
        SystemFamily::Unknown => return browser.to_owned(),
        SystemFamily::Android => "Android",
        SystemFamily::ChromeOs => "ChromeOS",
        SystemFamily::IOs => "iOS",
        SystemFamily::Linux => "Linux",
        SystemFamily::MacOs => "macOS",
        SystemFamily::Windows => "Windows",
    };
    format!("{browser}{}{system}", texts.account.browser_on)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::pages::texts::texts;
    use crate::protocol::Language;

    #[test]
    fn browsers_are_known_by_what_only_they_say() {
        for (sent, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1",
                "Chrome on iOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.0", "A browser"),
            ("<script>alert(1)</script>", "A browser"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, HeaderValue::from_str(sent).unwrap());
            let shown = shown(&seen_as(&headers), texts(Language::English));
            assert_eq!(shown, expected, "{sent}");
        }
    }

    #[test]
    fn what_is_no_text_or_too_long_does_no_harm() {
        assert_eq!(seen_as(&HeaderMap::new()), SessionNote::default());
        let mut headers = HeaderMap::new();
        let odd = [&[0xe9; 600][..], b"Firefox/"].concat();
        headers.insert(USER_AGENT, HeaderValue::from_bytes(&odd).unwrap());
        assert_eq!(seen_as(&headers), SessionNote::default());
    }
}
