//! The user's part of the code flow, by script: log in, consent, and be sent back with a code.

use super::form::Form;
use crate::bench::http::{Connection, Origin, encoded};

/// One of the web client's.
pub(super) const REDIRECT_URI: &str = "http://localhost:3000/callback";
/// The example of RFC 7636 Appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// What the challenge was made from.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// What is asked for: no `openid`, so that there is no ID token to sign.
const SCOPE: &str = "api:read api:write";
const USERNAME: &str = "alice";
const PASSWORD: &str = "wonderland";
/// More pages and redirects than any flow has.
const STEPS: usize = 12;

/// A browser with its cookies.
pub(super) struct Browser {
    origin: Origin,
    connection: Connection,
    cookies: Vec<Cookie>,
}

#[derive(Clone)]
struct Cookie {
    name: String,
    value: String,
    path: String,
}

/// What to do next.
enum Step {
    Ask(Vec<u8>),
    Done(String),
}

impl Browser {
    pub(super) fn open(origin: &Origin) -> Result<Self, String> {
        Ok(Self {
            origin: origin.clone(),
            connection: Connection::open(origin.port)?,
            cookies: Vec::new(),
        })
    }

    /// A second window: the same cookies, another connection.
    pub(super) fn window(&self) -> Result<Self, String> {
        let cookies = self.cookies.clone();
        Ok(Self {
            cookies,
            ..Self::open(&self.origin)?
        })
    }

    /// A code for the web client, with whatever pages come before it.
    pub(super) fn authorize(&mut self) -> Result<String, String> {
        let mut path = format!(
            "/authorize?response_type=code&client_id=web&redirect_uri={}&scope={}&state=bench\
             &code_challenge={CHALLENGE}&code_challenge_method=S256",
            encoded(REDIRECT_URI),
            encoded(SCOPE)
        );
        let mut request = self.origin.get(&path, &self.headers(&path));
        for _ in 0..STEPS {
            match self.step(&mut path, &request)? {
                Step::Ask(next) => request = next,
                Step::Done(code) => return Ok(code),
            }
        }
        Err(format!("no code after {STEPS} steps; the last was {path}"))
    }

    /// Sends a request that belongs to `path`, and says what comes of the answer.
    fn step(&mut self, path: &mut String, request: &[u8]) -> Result<Step, String> {
        let response = self.connection.exchange(request)?;
        for cookie in response.header("set-cookie") {
            keep(&mut self.cookies, cookie, path);
        }
        let location = response.header("location").next();
        match (response.status, location) {
            (302 | 303, Some(location)) => {
                if let Some(answer) = location.strip_prefix(REDIRECT_URI) {
                    return parameter(answer, "code")
                        .map(Step::Done)
                        .ok_or_else(|| format!("no code in {location}"));
                }
                *path = resolved(&self.origin, path, location);
                Ok(Step::Ask(self.origin.get(path, &self.headers(path))))
            }
            (200, _) => {
                let page = String::from_utf8_lossy(response.body);
                let mut form = Form::first_of(&page)
                    .ok_or_else(|| format!("{path} has no form: {}", response.summary()))?;
                if form.has("username") {
                    form.fill("username", USERNAME);
                    form.fill("password", PASSWORD);
                }
                *path = resolved(&self.origin, path, &form.action);
                let pairs = form.fields.iter();
                let pairs: Vec<_> = pairs
                    .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
                    .collect();
                let headers = format!("origin: {}\r\n{}", self.origin.url(), self.headers(path));
                Ok(Step::Ask(self.origin.post(
                    path,
                    &headers,
                    &pairs.join("&"),
                )))
            }
            _ => Err(format!("{path} answered {}", response.summary())),
        }
    }

    fn headers(&self, path: &str) -> String {
        let path = path.split('?').next().unwrap_or_default();
        let cookies = self.cookies.iter().filter(|cookie| {
            // RFC 6265 §5.1.4, as far as it matters here.
            let rest = path.strip_prefix(&cookie.path);
            rest.is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('/') || cookie.path.ends_with('/')
            })
        });
        let cookies: Vec<_> = cookies
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        let accept = "accept: text/html\r\n";
        if cookies.is_empty() {
            return accept.to_owned();
        }
        format!("{accept}cookie: {}\r\n", cookies.join("; "))
    }
}

/// Takes a `Set-Cookie` that came with the answer to `path`.
fn keep(cookies: &mut Vec<Cookie>, header: &str, path: &str) {
    let mut parts = header.split(';').map(str::trim);
    let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
        return;
    };
    let attribute = |wanted: &str| {
        header.split(';').skip(1).find_map(|attribute| {
            let (name, value) = attribute.trim().split_once('=')?;
            name.eq_ignore_ascii_case(wanted).then_some(value)
        })
    };
    let directory = || {
        let path = path.split('?').next().unwrap_or_default();
        path.rsplit_once('/')
            .map_or("/", |(dir, _)| if dir.is_empty() { "/" } else { dir })
    };
    let path = attribute("path").unwrap_or_else(directory).to_owned();
    cookies.retain(|cookie| (cookie.name.as_str(), &cookie.path) != (name, &path));
    if attribute("max-age") != Some("0") && !value.is_empty() {
        cookies.push(Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            path,
        });
    }
}

/// The path, with its query, that `reference` on the page at `path` means (RFC 3986 §5.2).
fn resolved(origin: &Origin, path: &str, reference: &str) -> String {
    let url = origin.url();
    let reference = reference.strip_prefix(url.as_str()).unwrap_or(reference);
    let (plain, _) = path.split_once('?').unwrap_or((path, ""));
    if reference.starts_with('/') {
        return reference.to_owned();
    }
    if reference.is_empty() {
        return path.to_owned();
    }
    if reference.starts_with('?') {
        return format!("{plain}{reference}");
    }
    let directory = plain
        .rsplit_once('/')
        .map_or("", |(directory, _)| directory);
    let reference = reference.strip_prefix("./").unwrap_or(reference);
    format!("{directory}/{reference}")
}

/// A parameter of a query, which in a code needs no decoding.
fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(found, _)| *found == name)?;
    Some(value.to_owned())
}

#[cfg(test)]
mod tests;
