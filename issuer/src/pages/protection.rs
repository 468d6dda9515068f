//! The headers that keep a page from being framed, scripted, cached or leaked.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The only script there is: it presses the button of a page that goes back to the client by
/// itself. Without it the button is there to be pressed.
pub const SUBMIT_SCRIPT: &str = "document.forms[0].submit()";

/// What a page has to be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Its forms go to pages of ours and what they are answered with stays here.
    Own,
    /// Its form may end at a client. `form-action` cannot say where: browsers apply it to every
    /// redirect that follows (CSP Level 3 §6.6.1, as Chromium has it), and where a client sends its
    /// user after its own callback nobody here knows. Nothing can be put into a page that would
    /// need it: there is no script, and every value is escaped.
    Leaving,
    /// It posts to a client by its script.
    Posting,
}

/// The policy of each kind of page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policies {
    own: String,
    leaving: String,
    posting: String,
}

impl Policies {
    /// For pages with this style sheet, and with a picture or without.
    pub(super) fn of(style: &str, picture: bool) -> Self {
        let style = source(style);
        let picture = if picture { "; img-src data:" } else { "" };
        let leaving = format!(
            "default-src 'none'; style-src {style}{picture}; base-uri 'none'; frame-ancestors 'none'"
        );
        Self {
            own: format!("{leaving}; form-action 'self'"),
            posting: format!("{leaving}; script-src {}", source(SUBMIT_SCRIPT)),
            leaving,
        }
    }

    pub(super) fn policy(&self, protection: Protection) -> &str {
        match protection {
            Protection::Own => &self.own,
            Protection::Leaving => &self.leaving,
            Protection::Posting => &self.posting,
        }
    }
}

impl Protection {
    /// The other headers, the same for every page.
    ///
    /// `Cross-Origin-Opener-Policy` is not among them: single-page applications open the login in a
    /// window and close it or look where it has come to, for which they need to hold on to it. A
    /// page here holds nothing that its opener could reach: it is of another origin.
    pub const HEADERS: [(&'static str, &'static str); 6] = [
        // For browsers that do not know `frame-ancestors` (RFC 9700 §4.16).
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        // The URL has the sealed flow in it (RFC 9700 §4.2.4).
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        // Nothing is kept; it says what a page depends on to whoever keeps it all the same.
        ("vary", "Accept-Language"),
        (
            "permissions-policy",
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ];
}

/// Text that may stand in a page, by its hash (CSP Level 3 §2.3.1).
fn source(text: &str) -> String {
    let hash = STANDARD.encode(digest(&SHA256, text.as_bytes()));
    format!("'sha256-{hash}'")
}
