//! A browser without a screen: cookies, redirects and forms, as a script or a simple user agent
//! does them.

use std::collections::BTreeMap;

use crate::http::{Request, Response, get, percent_encode, post};
use crate::https::Https;

/// A browser at the issuer's public origin.
pub struct Browser {
    transport: Transport,
    origin: String,
    cookies: BTreeMap<String, String>,
    user_agent: Option<&'static str>,
}

/// How the browser reaches the origin.
enum Transport {
    Plain(u16),
    Tls(Https),
}

/// Where the browser has come to.
#[derive(Clone, Debug)]
pub struct Page {
    /// The URL, or of a redirect that leaves the issuer its target.
    pub url: String,
    /// The last answer.
    pub response: Response,
    /// The statuses of the redirects on the way, in order.
    pub redirects: Vec<u16>,
}

/// A form of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where it is sent, as written.
    pub action: String,
    /// Names and values of what is sent if nothing is changed: hidden fields, texts, ticked boxes.
    pub fields: Vec<(String, String)>,
    /// Names and values of the buttons, in order.
    pub buttons: Vec<(String, String)>,
}

impl Browser {
    /// A browser without cookies for the issuer at `http://localhost:port`.
    pub fn new(port: u16) -> Self {
        Self {
            transport: Transport::Plain(port),
            origin: format!("http://localhost:{port}"),
            cookies: BTreeMap::new(),
            user_agent: None,
        }
    }

    /// A browser without cookies for the issuer behind TLS.
    pub fn over(https: Https) -> Self {
        Self {
            origin: https.origin(),
            transport: Transport::Tls(https),
            cookies: BTreeMap::new(),
            user_agent: None,
        }
    }

    /// The same browser, which says from now on what it is.
    #[must_use]
    pub fn named(mut self, user_agent: &'static str) -> Self {
        self.user_agent = Some(user_agent);
        self
    }

    /// The cookies it holds.
    pub fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Puts a cookie into the jar.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Goes to a path or URL of the issuer and follows its redirects up to the first that leads
    /// elsewhere.
    ///
    /// # Panics
    /// When the redirects do not end.
    #[track_caller]
    pub fn open(&mut self, target: &str) -> Page {
        let url = self.resolve(&self.origin.clone(), target);
        self.go(url, None)
    }

    /// Submits the form of a page with some fields filled in and a button pressed.
    ///
    /// # Panics
    /// When the page has no form or no such button.
    #[track_caller]
    pub fn submit(&mut self, page: &Page, filled: &[(&str, &str)], button: Option<&str>) -> Page {
        let form = page.form();
        let mut fields = form.fields.clone();
        for (name, value) in filled {
            fields.retain(|(own, _)| own != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        if let Some(value) = button {
            let pressed = form.buttons.iter().find(|(_, own)| own == value);
            fields.push(pressed.expect("the page has the button").clone());
        }
        self.send_form(page, &form.action, &fields)
    }

    /// Posts fields to an action of a page.
    #[track_caller]
    pub fn send_form(&mut self, page: &Page, action: &str, fields: &[(String, String)]) -> Page {
        let url = self.resolve(&page.url, action);
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
            .collect();
        self.go(url, Some(body.join("&")))
    }

    #[track_caller]
    fn go(&mut self, mut url: String, mut form: Option<String>) -> Page {
        let mut redirects = Vec::new();
        for _ in 0..10 {
            let Some(path) = url.strip_prefix(&self.origin) else {
                panic!("{url} is not at {}", self.origin);
            };
            let request = match form.take() {
                None => get(path),
                Some(body) => post(path)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .header("origin", &self.origin)
                    .raw_body(body.as_bytes()),
            };
            let response = self.ask(request);
            let location = response.header("location").map(str::to_owned);
            match location {
                Some(location) if (300..400).contains(&response.status) => {
                    redirects.push(response.status);
                    url = self.resolve(&url, &location);
                    if !self.is_own(&url) {
                        return Page {
                            url,
                            response,
                            redirects,
                        };
                    }
                }
                _ => {
                    return Page {
                        url,
                        response,
                        redirects,
                    };
                }
            }
        }
        panic!("the redirects do not end: {url}");
    }

    /// Sends one request with the cookies and keeps those that come.
    pub fn ask(&mut self, request: Request) -> Response {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = match cookies.is_empty() {
            true => request,
            false => request.header("cookie", cookies.join("; ")),
        };
        let request = match self.user_agent {
            None => request,
            Some(name) => request.header("user-agent", name),
        };
        let response = match &self.transport {
            Transport::Plain(port) => request.send(*port),
            Transport::Tls(https) => https.send(request),
        };
        for (_, value) in response
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
        {
            let (pair, attributes) = value.split_once(';').unwrap_or((value, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            let gone = value.is_empty() || attributes.to_ascii_lowercase().contains("max-age=0");
            if gone {
                self.cookies.remove(name.trim());
            } else {
                self.cookies
                    .insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        response
    }

    fn is_own(&self, url: &str) -> bool {
        url.strip_prefix(&self.origin)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    }

    /// Resolves a reference as far as the issuer uses them: absolute, from the root, or relative.
    fn resolve(&self, base: &str, reference: &str) -> String {
        if reference.contains("://") || reference.split('/').next().unwrap_or("").contains(':') {
            return reference.to_owned();
        }
        if reference.starts_with('/') {
            return format!("{}{reference}", self.origin);
        }
        let base = base.split(['?', '#']).next().unwrap_or(base);
        if reference.is_empty() || reference.starts_with('?') {
            return format!("{base}{reference}");
        }
        let directory = base.rfind('/').map_or(base, |at| &base[..at]);
        format!("{directory}/{}", reference.trim_start_matches("./"))
    }
}

impl Page {
    /// The parameters of the URL's query.
    pub fn query(&self) -> BTreeMap<String, String> {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        parameters(query.split('#').next().unwrap_or(""))
    }

    /// The parameters of the URL's fragment.
    pub fn fragment(&self) -> BTreeMap<String, String> {
        parameters(
            self.url
                .split_once('#')
                .map_or("", |(_, fragment)| fragment),
        )
    }

    /// The page's first form.
    ///
    /// # Panics
    /// When it has none.
    #[track_caller]
    pub fn form(&self) -> Form {
        let html = self.response.text();
        let form = html
            .split_once("<form")
            .unwrap_or_else(|| panic!("no form at {} in {html}", self.url))
            .1;
        let form = form.split_once("</form>").map_or(form, |(form, _)| form);
        let (head, rest) = form.split_once('>').expect("a tag ends");
        let mut parsed = Form {
            action: attribute(head, "action").unwrap_or_default(),
            fields: Vec::new(),
            buttons: Vec::new(),
        };
        for tag in rest.split('<').skip(1) {
            let tag = tag.split_once('>').map_or(tag, |(tag, _)| tag);
            let (Some(name), value) = (attribute(tag, "name"), attribute(tag, "value")) else {
                continue;
            };
            let kind = attribute(tag, "type").unwrap_or_default();
            let pair = (name, value.unwrap_or_default());
            let is_box = kind == "checkbox" || kind == "radio";
            let ticked = tag.split_ascii_whitespace().any(|word| {
                word.trim_end_matches('/') == "checked" || word.starts_with("checked=")
            });
            if tag.starts_with("button") || kind == "submit" {
                parsed.buttons.push(pair);
            } else if tag.starts_with("input") && (!is_box || ticked) {
                parsed.fields.push(pair);
            }
        }
        parsed
    }
}

/// The decoded value of an attribute of a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    let value = value.split_once('"')?.0;
    let entities = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&#60;", "<"),
        ("&gt;", ">"),
        ("&#62;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    let mut text = value.to_owned();
    for (entity, plain) in entities {
        text = text.replace(entity, plain);
    }
    Some(text)
}

/// Decodes a query or a fragment.
///
/// # Panics
/// When a parameter is repeated.
#[track_caller]
pub fn parameters(encoded: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for pair in encoded.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let earlier = all.insert(percent_decode(name), percent_decode(value));
        assert_eq!(earlier, None, "{name} is repeated in {encoded}");
    }
    all
}

/// Decodes `application/x-www-form-urlencoded`.
pub fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(&after[..2]).expect("two digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("two digits"));
                rest = &after[2..];
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_a_browser_would_send_it() {
        let html = r#"<form method="post" action="consent">
            <input type="hidden" name="flow" value="a&amp;b">
            <input type="checkbox" name="scope" value="x" checked>
            <input type="checkbox" name="scope" value="y">
            <button name="decision" value="allow">Yes</button></form>"#;
        let page = Page {
            url: "http://localhost:1/x".to_owned(),
            response: Response {
                status: 200,
                headers: vec![],
                body: html.as_bytes().to_vec(),
            },
            redirects: vec![],
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            page.form(),
            Form {
                action: "consent".to_owned(),
                fields: vec![pair("flow", "a&b"), pair("scope", "x")],
                buttons: vec![pair("decision", "allow")],
            }
        );
    }
}
