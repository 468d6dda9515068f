//! The two cookies: one names the browser, one its login session. Both are `HttpOnly` and
//! `SameSite=Lax`, for the whole host and no other. With an https issuer they are `Secure` and have
//! the `__Host-` prefix, with which no neighbouring host can set them; on http loopback a browser
//! takes neither.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use dockgate_token::Issuer;

/// Cookies of one name that are looked at: a browser sends one; more come of other paths or of a
/// neighbour who sets them, and one of them may still be ours.
const MOST_OF_A_NAME: usize = 4;

/// The longest value that can be one of ours, in bytes.
const MAX_VALUE_BYTES: usize = 64;

/// One of the cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// Names the browser from its first page on: what is begun in one is not finished in another.
    Browser,
    /// The login session.
    Session,
}

impl Cookie {
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Browser, true) => "__Host-dockgate-browser",
            (Self::Session, true) => "__Host-dockgate-session",
            (Self::Browser, false) => "dockgate-browser",
            (Self::Session, false) => "dockgate-session",
        }
    }

    /// The values that came under this name.
    pub(super) fn values<'a>(
        self,
        issuer: &Issuer,
        headers: &'a HeaderMap,
    ) -> impl Iterator<Item = &'a str> {
        let name = self.name(is_secure(issuer));
        let headers = headers.get_all(COOKIE).into_iter();
        let pairs = headers
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'));
        pairs
            .filter_map(move |pair| {
                let (own, value) = pair.trim().split_once('=')?;
                (own == name && is_ours(value)).then_some(value)
            })
            .take(MOST_OF_A_NAME)
    }

    /// Puts the cookie into the browser, until it is closed. `None` for a value that no cookie of
    /// ours has.
    pub(super) fn set(self, issuer: &Issuer, value: &str) -> Option<HeaderValue> {
        is_ours(value).then_some(())?;
        HeaderValue::from_str(&self.header(issuer, value, "")).ok()
    }

    /// Takes the cookie out of the browser.
    pub(super) fn clear(self, issuer: &Issuer) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.header(issuer, "", "; Max-Age=0")).ok()
    }

    fn header(self, issuer: &Issuer, value: &str, more: &str) -> String {
        let secure = is_secure(issuer);
        let name = self.name(secure);
        let secure = if secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}")
    }
}

fn is_secure(issuer: &Issuer) -> bool {
    issuer.as_str().starts_with("https:")
}

fn is_ours(value: &str) -> bool {
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !value.is_empty() && value.len() <= MAX_VALUE_BYTES && value.bytes().all(base64url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(url: &str) -> Issuer {
        url.parse().unwrap()
    }

    #[test]
    fn on_http_loopback_a_cookie_loses_secure_and_its_prefix_and_nothing_else() {
        let cookie = Cookie::Session.set(&issuer("https://as.example/auth"), "abc");
        assert_eq!(
            cookie.unwrap(),
            "__Host-dockgate-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        let cookie = Cookie::Session.set(&issuer("http://localhost:8080"), "abc");
        assert_eq!(
            cookie.unwrap(),
            "dockgate-session=abc; Path=/; HttpOnly; SameSite=Lax"
        );
        let cookie = Cookie::Browser.clear(&issuer("https://as.example"));
        assert_eq!(
            cookie.unwrap(),
            "__Host-dockgate-browser=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
        );
    }

    #[test]
    fn a_cookie_is_found_among_others_and_a_doubled_one_twice() {
        let mut headers = HeaderMap::new();
        for value in [
            "a=1; dockgate-session=one;b = 2;; dockgate-session=two",
            "dockgate-session=three; __Host-dockgate-session=no; xdockgate-session=no",
            "dockgate-session=; dockgate-session=has space; dockgate-session=\"quoted\"",
            "dockgate-session",
        ] {
            headers.append(COOKIE, HeaderValue::from_str(value).unwrap());
        }
        headers.append(COOKIE, HeaderValue::from_bytes(b"\xff").unwrap());
        let issuer = issuer("http://localhost:8080");
        let values: Vec<_> = Cookie::Session.values(&issuer, &headers).collect();
        assert_eq!(values, ["one", "two", "three"]);
        assert_eq!(Cookie::Browser.values(&issuer, &headers).next(), None);
    }

    #[test]
    fn a_cookie_without_the_prefix_is_none_for_an_https_issuer() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("dockgate-session=x"));
        let https = issuer("https://as.example");
        assert_eq!(Cookie::Session.values(&https, &headers).next(), None);
    }
}
