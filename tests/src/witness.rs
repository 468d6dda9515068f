//! Sees every request that a test sends and every answer that it gets, and writes down what in them
//! is a secret: after the run nothing that was written by anybody may have it.

use dockgate_stack::keep_secret;
use serde_json::Value;

use crate::http::Response;

/// Members of an answer, fields of a form and parameters of a redirect that nobody else may learn. Of
/// a device's two codes the user's is to be read aloud.
const ISSUED: [&str; 8] = [
    "access_token",
    "refresh_token",
    "id_token",
    "code",
    "device_code",
    "client_secret",
    "registration_access_token",
    "request_uri",
];
/// What a client or a user proves themselves by.
const SENT: [&str; 4] = [
    "password",
    "client_secret",
    "client_assertion",
    "code_verifier",
];
/// Shorter ones stand in other words by chance.
const SHORTEST: usize = 10;

/// A request: `headers` as they are sent.
pub(crate) fn request(headers: &[(Vec<u8>, Vec<u8>)], body: &[u8]) {
    each_sent(headers, body, keep);
}

/// An answer.
pub(crate) fn response(response: &Response) {
    each_issued(response, keep);
}

fn keep(kind: &str, secret: &str) {
    if secret.len() >= SHORTEST {
        keep_secret(kind, secret.as_bytes());
    }
}

fn each_sent(headers: &[(Vec<u8>, Vec<u8>)], body: &[u8], mut found: impl FnMut(&str, &str)) {
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value);
        if name.eq_ignore_ascii_case(b"authorization")
            && let Some(credentials) = value.strip_prefix("Basic ")
        {
            found("credentials", credentials);
        }
    }
    let body = String::from_utf8_lossy(body);
    for (name, value) in pairs(&body) {
        if SENT.contains(&name) {
            found(name, &decode(value));
        }
    }
}

fn each_issued(response: &Response, mut found: impl FnMut(&str, &str)) {
    for (name, value) in &response.headers {
        match name.as_str() {
            "set-cookie" => {
                let pair = value.split(';').next().unwrap_or_default();
                if let Some((_, value)) = pair.split_once('=') {
                    found("cookie", value);
                }
            }
            "location" => {
                let parameters = value.split_once(['?', '#']).map_or("", |(_, rest)| rest);
                for (name, value) in pairs(parameters) {
                    if ISSUED.contains(&name) {
                        found(name, &decode(value));
                    }
                }
            }
            _ => {}
        }
    }
    if let Ok(Value::Object(members)) = serde_json::from_slice(&response.body) {
        for (name, value) in &members {
            if let Some(value) = value.as_str()
                && ISSUED.contains(&name.as_str())
            {
                found(name, value);
            }
        }
    } else {
        in_form(&response.text(), found);
    }
}

/// The fields of a page that posts an answer to the client (OAuth 2.0 Form Post Response Mode §2).
fn in_form(page: &str, mut found: impl FnMut(&str, &str)) {
    for tag in page.split("<input ").skip(1) {
        let attribute = |name: &str| {
            let (_, rest) = tag.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0)
        };
        if let (Some(name), Some(value)) = (attribute("name"), attribute("value"))
            && ISSUED.contains(&name)
        {
            found(name, value);
        }
    }
}

/// Of a form or a query, still encoded.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&').filter_map(|pair| pair.split_once('='))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, escaped) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(if first == b'+' { b' ' } else { first });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued(headers: &[(&str, &str)], body: &str) -> Vec<String> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let response = Response {
            status: 200,
            headers: headers.iter().map(own).collect(),
            body: body.as_bytes().to_vec(),
        };
        let mut all = Vec::new();
        each_issued(&response, |kind, secret| {
            all.push(format!("{kind} {secret}"))
        });
        all
    }

    #[test]
    fn what_is_issued_is_found_wherever_it_stands() {
        for (headers, body, expected) in [
            (
                &[][..],
                r#"{"access_token":"a.b.c","token_type":"Bearer","user_code":"WXYZ"}"#,
                &["access_token a.b.c"][..],
            ),
            (
                &[("location", "http://client/?state=s&code=a%2Bb")],
                "",
                &["code a+b"],
            ),
            (
                &[("location", "http://client/#id_token=x&access_token=y")],
                "",
                &["id_token x", "access_token y"],
            ),
            (
                &[("set-cookie", "__Host-session=v=1; Path=/; Secure")],
                "",
                &["cookie v=1"],
            ),
            (
                &[],
                r#"<input type="hidden" name="code" value="c"><input name="state" value="s">"#,
                &["code c"],
            ),
        ] {
            assert_eq!(issued(headers, body), expected, "{headers:?} {body}");
        }
    }

    #[test]
    fn what_is_sent_to_prove_something_is_found() {
        let headers = [(
            b"Authorization".to_vec(),
            b"Basic d2ViOnNlY3JldA==".to_vec(),
        )];
        let mut all = Vec::new();
        let body = b"username=alice&password=wonder+land%21&scope=x";
        each_sent(&headers, body, |kind, secret| {
            all.push(format!("{kind} {secret}"))
        });
        let expected = ["credentials d2ViOnNlY3JldA==", "password wonder land!"];
        assert_eq!(all, expected);
    }
}
