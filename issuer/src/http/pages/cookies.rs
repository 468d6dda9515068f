//! The cookies: one names the browser, one its login session, one says that somebody has logged in
//! with the browser before. All are `HttpOnly` and
//! `SameSite=Lax`, for the whole host and no other. With an https issuer they are `Secure` and have
//! the `__Host-` prefix, with which no neighbouring host can set them; on http loopback a browser
//! takes neither.
//!
//! A browser without cookies that opens several tabs at once is given a name in each. So that none
//! takes another's place, the cookie of a browser's name is called by the start of its value: such a
//! browser has several names, and each flow finds its own.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use dockgate_token::Issuer;

use super::known_browser::LIFETIME as KNOWN_FOR;

/// Cookies of one kind that are looked at. A browser sends one, or one for each tab that it opened at
/// the same moment; more come of other paths or of a neighbour who sets them, and one of them may
/// still be ours.
pub(super) const MOST_OF_A_KIND: usize = 16;

/// How much of a browser's name is part of its cookie's, in characters: 24 bits, so that two are
/// hardly ever called the same.
const MARK: usize = 4;

/// The longest value that can be one of ours, in bytes.
const MAX_VALUE_BYTES: usize = 64;

/// One of the cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// Names the browser from its first page on: what is begun in one is not finished in another.
    Browser,
    /// The login session.
    Session,
    /// Says that somebody has logged in before; it stays when the browser is closed.
    Known,
}

impl Cookie {
    /// What the cookie is called, before the start of its value where there may be several.
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Browser, true) => "__Host-dockgate-browser-",
            (Self::Session, true) => "__Host-dockgate-session",
            (Self::Known, true) => "__Host-dockgate-known-",
            (Self::Browser, false) => "dockgate-browser-",
            (Self::Session, false) => "dockgate-session",
            (Self::Known, false) => "dockgate-known-",
        }
    }

    /// Its values, in the order sent. What other cookies are there does not matter, whatever bytes
    /// they have: any neighbour can set one.
    pub(super) fn values<'a>(
        self,
        issuer: &Issuer,
        headers: &'a HeaderMap,
    ) -> impl Iterator<Item = &'a str> {
        let secure = is_secure(issuer);
        let headers = headers.get_all(COOKIE).into_iter();
        let pairs = headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
        let own = pairs.filter_map(move |pair| {
            let (name, value) = std::str::from_utf8(pair).ok()?.trim().split_once('=')?;
            (is_ours(value) && name == self.name_of(value, secure)).then_some(value)
        });
        own.take(MOST_OF_A_KIND)
    }

    /// Puts the cookie into the browser: until it is closed, or as long as browsers keep one. `None`
    /// for a value that no cookie of ours has.
    pub(super) fn set(self, issuer: &Issuer, value: &str) -> Option<HeaderValue> {
        is_ours(value).then_some(())?;
        HeaderValue::from_str(&self.header(issuer, value, &self.lifetime())).ok()
    }

    /// Takes the cookie out of the browser.
    pub(super) fn clear(self, issuer: &Issuer) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.header(issuer, "", "; Max-Age=0")).ok()
    }

    /// Takes one of several out of the browser.
    pub(super) fn clear_one(self, issuer: &Issuer, value: &str) -> Option<HeaderValue> {
        is_ours(value).then_some(())?;
        let name = self.name_of(value, is_secure(issuer));
        HeaderValue::from_str(&header(&name, "", issuer, "; Max-Age=0")).ok()
    }

    fn lifetime(self) -> String {
        match self {
            Self::Browser | Self::Session => String::new(),
            Self::Known => format!("; Max-Age={KNOWN_FOR}"),
        }
    }

    fn name_of(self, value: &str, secure: bool) -> String {
        let mark = match self {
            Self::Browser | Self::Known => value.get(..MARK).unwrap_or(value),
            Self::Session => "",
        };
        format!("{}{mark}", self.name(secure))
    }

    fn header(self, issuer: &Issuer, value: &str, more: &str) -> String {
        header(&self.name_of(value, is_secure(issuer)), value, issuer, more)
    }
}

fn header(name: &str, value: &str, issuer: &Issuer, more: &str) -> String {
    let secure = if is_secure(issuer) { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}")
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
        let cookie = Cookie::Session.clear(&issuer("https://as.example"));
        assert_eq!(
            cookie.unwrap(),
            "__Host-dockgate-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
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
    fn bytes_of_other_cookies_do_not_hide_ours() {
        let mut headers = HeaderMap::new();
        let sent = b"city=Z\xc3\xbcrich; bad=\xff\xfe; dockgate-session=one; \xff=x";
        headers.append(COOKIE, HeaderValue::from_bytes(sent).unwrap());
        let issuer = issuer("http://localhost:8080");
        let values: Vec<_> = Cookie::Session.values(&issuer, &headers).collect();
        assert_eq!(values, ["one"]);
    }

    #[test]
    fn two_names_of_a_browser_do_not_take_each_others_place() {
        let http = issuer("http://localhost:8080");
        let (one, two) = ("abcdefgh", "ijklmnop");
        let cookie = |value| Cookie::Browser.set(&http, value).unwrap();
        assert_eq!(
            cookie(one),
            "dockgate-browser-abcd=abcdefgh; Path=/; HttpOnly; SameSite=Lax"
        );
        let mut headers = HeaderMap::new();
        let sent = [one, two].map(|value| {
            let set = cookie(value).to_str().unwrap().to_owned();
            set.split_once(';').unwrap().0.to_owned()
        });
        let sent = format!("{}; dockgate-browser-abcd=other", sent.join("; "));
        headers.append(COOKIE, HeaderValue::from_str(&sent).unwrap());
        let values: Vec<_> = Cookie::Browser.values(&http, &headers).collect();
        assert_eq!(values, [one, two]);
    }

    #[test]
    fn a_cookie_without_the_prefix_is_none_for_an_https_issuer() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("dockgate-session=x"));
        let https = issuer("https://as.example");
        assert_eq!(Cookie::Session.values(&https, &headers).next(), None);
    }
}
