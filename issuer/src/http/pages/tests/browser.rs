//! A browser with cookies, for the routes in process.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use percent_encoding::percent_decode_str;
use url::Url;
use url::form_urlencoded::{Serializer, parse};

use crate::entropy::system_entropy;
use crate::http::client_address::Peer;
use crate::http::router::router;
use crate::http::{App, Current, tests::demo_app_in};
use crate::store::SledStore;
use crate::temp_dir::TempDir;

pub(super) const NOW: u64 = 1_000_000;

thread_local! {
    static CLOCK: Cell<u64> = const { Cell::new(NOW) };
}

/// Sets the time that every app of this thread sees.
pub(super) fn set_clock(now: u64) {
    CLOCK.set(now);
}

/// A running issuer, and what it keeps.
pub(super) struct Issuer {
    service: TowerToHyperService<Router>,
    pub(super) store: Arc<SledStore>,
    pub(super) url: String,
    _directory: TempDir,
}

impl Issuer {
    pub(super) fn demo() -> Self {
        Self::at("http://localhost:8080", |_| {})
    }

    pub(super) fn at(url: &str, change: impl FnOnce(&mut App)) -> Self {
        set_clock(NOW);
        let directory = TempDir::new();
        let mut app = App {
            clock: || CLOCK.get(),
            entropy: system_entropy,
            ..demo_app_in(directory.path(), "http://localhost:8080")
        };
        app.server.issuer = url.parse().unwrap();
        change(&mut app);
        let store = app.store.clone();
        Self {
            service: TowerToHyperService::new(router(&Current::new(app).unwrap())),
            store,
            url: url.to_owned(),
            _directory: directory,
        }
    }

    pub(super) async fn ask(&self, request: Request<Body>) -> Page {
        let url = request.uri().to_string();
        let mut request = request;
        request.extensions_mut().insert(Peer([127, 0, 0, 1].into()));
        let response: Response<_> = self.service.call(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Page {
            url,
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

/// An answer, and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) url: String,
    pub(super) status: u16,
    headers: axum::http::HeaderMap,
    pub(super) body: String,
}

impl Page {
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn header_names(&self) -> Vec<String> {
        let names = self.headers.keys();
        names.map(|name| name.as_str().to_owned()).collect()
    }

    pub(super) fn headers(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }

    /// The parameters of the URL that it leads to, in query or fragment.
    pub(super) fn answer(&self) -> BTreeMap<String, String> {
        let location = self.header("location");
        let (_, answer) = location.split_once(['?', '#']).unwrap_or_default();
        parse(answer.as_bytes()).into_owned().collect()
    }

    pub(super) fn action(&self) -> String {
        let form = self
            .body
            .split_once("<form")
            .unwrap_or_else(|| panic!("no form in {self:?}"))
            .1;
        attribute(form, "action").unwrap()
    }

    /// Names and values of the form as it would be sent with nothing changed, without a button.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let form = self
            .body
            .split_once("<form")
            .unwrap_or_else(|| panic!("no form in {self:?}"))
            .1;
        let form = form.split_once("</form>").unwrap().0;
        let inputs = form.split("<input").skip(1);
        let inputs = inputs.map(|input| input.split_once('>').unwrap().0);
        inputs
            .filter(|input| !input.contains("checkbox") || input.contains(" checked"))
            .filter(|input| !input.contains(" disabled"))
            .map(|input| {
                let of = |name| attribute(input, name).unwrap_or_default();
                (of("name"), of("value"))
            })
            .collect()
    }

    pub(super) fn field(&self, name: &str) -> String {
        let fields = self.fields();
        let found = fields.into_iter().find(|(own, _)| own == name);
        found.unwrap_or_else(|| panic!("no {name}")).1
    }

    pub(super) fn ticked(&self) -> Vec<String> {
        let fields = self.fields().into_iter();
        fields
            .filter(|(name, _)| name == "scope")
            .map(|(_, value)| value)
            .collect()
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    let value = value.split_once('"')?.0;
    let entities = [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
    ];
    let decoded = entities
        .iter()
        .fold(value.to_owned(), |text, (entity, plain)| {
            text.replace(entity, plain)
        });
    Some(decoded)
}

/// A browser at an issuer.
pub(super) struct Browser<'a> {
    issuer: &'a Issuer,
    pub(super) cookies: BTreeMap<String, String>,
    /// Sent with everything.
    pub(super) headers: Vec<(&'static str, String)>,
}

impl<'a> Browser<'a> {
    pub(super) fn new(issuer: &'a Issuer) -> Self {
        Self {
            issuer,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// Asks once, without following a redirect.
    pub(super) async fn get(&mut self, path: &str) -> Page {
        self.ask(Method::GET, path, String::new()).await
    }

    /// Asks, and follows redirects to where they leave the issuer.
    pub(super) async fn open(&mut self, path: &str) -> Page {
        let page = self.get(path).await;
        self.follow(page).await
    }

    pub(super) async fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..10 {
            if !(300..400).contains(&page.status) {
                return page;
            }
            assert_eq!(page.status, 303, "never a redirect that repeats a form");
            let base = Url::parse(&self.issuer.url).unwrap();
            let here = base.join(&page.url).unwrap();
            let target = here.join(page.header("location")).unwrap();
            if target.origin() != base.origin() {
                return page;
            }
            let query = target
                .query()
                .map_or(String::new(), |query| format!("?{query}"));
            page = self.get(&format!("{}{query}", target.path())).await;
        }
        panic!("redirects do not end: {}", page.url);
    }

    pub(super) async fn post(&mut self, path: &str, fields: &[(String, String)]) -> Page {
        let mut form = Serializer::new(String::new());
        form.extend_pairs(fields);
        self.ask(Method::POST, path, form.finish()).await
    }

    /// Sends the page's form with some fields filled in and a button pressed, once.
    pub(super) async fn submit(
        &mut self,
        page: &Page,
        filled: &[(&str, &str)],
        button: Option<&str>,
    ) -> Page {
        let mut fields = page.fields();
        for (name, value) in filled {
            fields.retain(|(own, _)| own != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        fields.extend(button.map(|value| ("decision".to_owned(), value.to_owned())));
        let base = Url::parse(&self.issuer.url)
            .unwrap()
            .join(&page.url)
            .unwrap();
        let target = base.join(&page.action()).unwrap();
        self.post(target.path(), &fields).await
    }

    /// Logs in on a login page, and goes on.
    pub(super) async fn log_in(&mut self, page: &Page, user: (&str, &str)) -> Page {
        let filled = [("username", user.0), ("password", user.1)];
        let page = self.submit(page, &filled, None).await;
        self.follow(page).await
    }

    async fn ask(&mut self, method: Method, path: &str, body: String) -> Page {
        let mut request = Request::builder().method(&method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if method == Method::POST {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let pairs = self.cookies.iter();
        let cookies: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let page = self
            .issuer
            .ask(request.body(Body::from(body)).unwrap())
            .await;
        for cookie in page.headers("set-cookie") {
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        page
    }
}

/// The path of an authorization request of one of the demo's clients.
pub(super) fn request(client: &str, scope: &str, more: &[(&str, &str)]) -> String {
    let callback = match client {
        "web" => "http://localhost:3000/callback",
        _ => "http://127.0.0.1:43210/callback",
    };
    let mut query = Serializer::new("/authorize?".to_owned());
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", callback),
        ("scope", scope),
        ("state", "some state"),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in more {
        pairs.retain(|(own, _)| own != name);
        pairs.push((name, value));
    }
    // The serializer begins a string that is not empty with `&`.
    query.extend_pairs(pairs);
    query.finish().replacen("?&", "?", 1)
}

/// Redeems a code of [`request`].
pub(super) async fn redeem(issuer: &Issuer, client: &str, code: &str) -> serde_json::Value {
    let callback = match client {
        "web" => "http://localhost:3000/callback",
        _ => "http://127.0.0.1:43210/callback",
    };
    let mut form = Serializer::new(String::new());
    form.extend_pairs([
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", callback),
        (
            "code_verifier",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        ),
        ("client_id", client),
    ]);
    if client == "web" {
        form.append_pair("client_secret", "web-secret");
    }
    let path = Url::parse(&issuer.url)
        .unwrap()
        .path()
        .trim_end_matches('/')
        .to_owned();
    let request = Request::post(format!("{path}/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.finish()));
    let answer = issuer.ask(request.unwrap()).await;
    serde_json::from_str(&answer.body).unwrap()
}

/// A flow's parameter, decoded.
pub(super) fn flow_of(page: &Page) -> String {
    let (_, flow) = page.url.split_once("flow=").expect("a flow in the address");
    percent_decode_str(flow).decode_utf8().unwrap().into_owned()
}
