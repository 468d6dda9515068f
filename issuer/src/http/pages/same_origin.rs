//! Where a page is asked for from, and under which name.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, LOCATION, ORIGIN};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use dockgate_token::Issuer;
use url::Url;

use crate::http::app::App;
use crate::pages::Protection;

/// Sends a browser that asks for a page under another name to the issuer's. Only one that asks: a
/// form is refused there for want of its cookie.
pub(in crate::http) async fn under_own_name(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    match right_url(&parts, &app.server.issuer) {
        Some(url) if parts.method == Method::GET => {
            let redirect = (StatusCode::SEE_OTHER, [(LOCATION, url)]);
            (Protection::HEADERS, redirect).into_response()
        }
        _ => next.run(Request::from_parts(parts, body)).await,
    }
}

/// Whether the headers allow that a form comes from a page of ours. They are a second line: what a
/// form has to bring is its token.
///
/// Our pages ask for `Referrer-Policy: no-referrer`, under which browsers send `Origin: null` with
/// a form (Fetch standard, "append a request `Origin` header"); so `null` says nothing here, and
/// neither does the absence of a header that older browsers do not know.
pub(super) fn may_be_own_form(parts: &Parts, issuer: &Issuer) -> bool {
    let headers = &parts.headers;
    let own = origin(issuer);
    let origins_fit = headers.get_all(ORIGIN).iter().all(|value| {
        let value = value.as_bytes();
        value == b"null" || own.as_ref().is_some_and(|own| value == own.as_bytes())
    });
    // `none` is the user's own doing, such as sending a form once more.
    let site = headers.get_all("sec-fetch-site");
    let mut sites = site.iter().map(|value| value.as_bytes());
    origins_fit && sites.all(|site| site == b"same-origin" || site == b"none")
}

/// The issuer's URL of a page that was asked for under another host name. The cookies of
/// `localhost` and `127.0.0.1` are not the same ones, so a browser that changes between the two on
/// its way would lose them. Behind https there is one name, and a proxy may give the issuer another
/// `Host` than the browser's: there nobody is sent anywhere.
fn right_url(parts: &Parts, issuer: &Issuer) -> Option<String> {
    let url = Url::parse(issuer.as_str()).ok()?;
    if url.scheme() != "http" {
        return None;
    }
    let asked = match parts.uri.authority() {
        Some(authority) => authority.as_str(),
        None => parts.headers.get(HOST)?.to_str().ok()?,
    };
    let own = origin(issuer)?;
    let (_, host) = own.split_once("://")?;
    if asked.eq_ignore_ascii_case(host) || asked.strip_suffix(":80") == Some(host) {
        return None;
    }
    let path_and_query = parts.uri.path_and_query()?;
    Some(format!("{own}{path_and_query}"))
}

/// The issuer's origin as a browser writes it.
fn origin(issuer: &Issuer) -> Option<String> {
    let url = Url::parse(issuer.as_str()).ok()?;
    Some(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_form_of_another_site_is_recognised() {
        let issuer = "https://as.example/auth".parse().unwrap();
        for (headers, own) in [
            (&[][..], true),
            (&[("origin", "https://as.example")], true),
            (&[("origin", "null")], true),
            (
                &[("origin", "null"), ("sec-fetch-site", "same-origin")],
                true,
            ),
            (&[("sec-fetch-site", "none")], true),
            (&[("origin", "https://as.example/auth")], false),
            (&[("origin", "https://as.example:444")], false),
            (&[("origin", "http://as.example")], false),
            (&[("origin", "https://evil.example")], false),
            (
                &[("origin", "null"), ("sec-fetch-site", "cross-site")],
                false,
            ),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (
                &[
                    ("origin", "https://as.example"),
                    ("origin", "https://evil.example"),
                ],
                false,
            ),
        ] {
            assert_eq!(
                may_be_own_form(&parts("/auth/login", headers), &issuer),
                own,
                "{headers:?}"
            );
        }
    }

    #[test]
    fn another_name_for_loopback_is_sent_to_the_issuers() {
        let issuer = "http://localhost:8080".parse().unwrap();
        let ask = |uri: &str, headers: &[(&str, &str)]| right_url(&parts(uri, headers), &issuer);
        let right = Some("http://localhost:8080/login?flow=x%26".to_owned());
        let path = "/login?flow=x%26";
        assert_eq!(ask(path, &[("host", "127.0.0.1:8080")]), right);
        assert_eq!(ask(path, &[("host", "localhost:9000")]), right);
        assert_eq!(ask("http://127.0.0.1:8080/login?flow=x%26", &[]), right);
        for same in ["localhost:8080", "LOCALHOST:8080"] {
            assert_eq!(ask(path, &[("host", same)]), None, "{same}");
        }
        assert_eq!(ask(path, &[]), None, "HTTP/1.0 has no host");
        // The path is not the issuer's to choose: it stays within the origin.
        let twice = ask("//evil.example/", &[("host", "127.0.0.1:8080")]);
        assert_eq!(
            twice.as_deref(),
            Some("http://localhost:8080//evil.example/")
        );
        let https = "https://as.example".parse().unwrap();
        let elsewhere = parts(path, &[("host", "10.0.0.1:9000")]);
        assert_eq!(right_url(&elsewhere, &https), None);
    }
}
