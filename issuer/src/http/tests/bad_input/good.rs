//! A request to each endpoint that succeeds, and what it needs in the store.

use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::protocol::fixture::tokens::ALICE;
use crate::store::{
    CodeStore as _, DeviceDecision, DeviceStore as _, GrantId, Login, Room, SecretDigest,
    SessionId, StoredCode, StoredDevice,
};

pub(super) const CODE: &str = "a-code-of-43-characters-for-the-client-spa-";
pub(super) const DEVICE_CODE: &str = "a-device-code-that-its-user-has-agreed-to--";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "http://127.0.0.1:4321/callback";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MCP: &str = "http://localhost:8080/mcp";

/// What may be wrong with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It may not be left out, and has no other value.
    Needed,
    /// It may be left out; other values are refused.
    Optional,
    /// It is any text.
    Free,
    /// It may not be left out. Of an unknown value nothing is known, which is no error
    /// (RFC 7009 §2.2, RFC 7662 §2.2).
    Token,
}

/// A parameter of a request that succeeds.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) kind: Kind,
}

/// A request that succeeds.
#[derive(Clone, Debug)]
pub(super) struct Good {
    pub(super) what: &'static str,
    pub(super) path: &'static str,
    pub(super) authorization: Option<String>,
    pub(super) parameters: Vec<Parameter>,
}

impl Good {
    /// The form with one parameter written otherwise: `None` leaves it out.
    pub(super) fn body_with(&self, name: &str, encoded: Option<&[u8]>) -> Vec<u8> {
        let pairs = self.parameters.iter().filter_map(|parameter| {
            let own = match parameter.name {
                "client_assertion" => fresh_assertion(),
                _ => encode(&parameter.value),
            };
            let own = own.into_bytes();
            let value = match encoded {
                _ if parameter.name != name => own,
                Some(other) => other.to_vec(),
                None => return None,
            };
            Some([parameter.name.as_bytes(), b"=", &value].concat())
        });
        pairs.collect::<Vec<_>>().join(&b'&')
    }

    pub(super) fn body(&self) -> Vec<u8> {
        self.body_with("", None)
    }

    /// A request of this client with another body.
    pub(super) fn with_body(&self, body: impl Into<Vec<u8>>) -> Request<Vec<u8>> {
        self.headed(self.path, &[FORM], body.into())
    }

    /// A request of this client with other headers than those of a form.
    pub(super) fn headed(
        &self,
        target: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Request<Vec<u8>> {
        let mut request = Request::builder().method(Method::POST).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        request.body(body).unwrap()
    }

    pub(super) fn request(&self) -> Request<Vec<u8>> {
        self.with_body(self.body())
    }
}

pub(super) fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// An assertion of `robot` that has not been used: a client makes one for each request.
fn fresh_assertion() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    signer::robot(&number.to_string())
}

pub(super) fn basic(client: &str) -> String {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{client}:{client}-secret"))
    )
}

fn good(
    what: &'static str,
    path: &'static str,
    client: &str,
    parameters: &[(&'static str, &str, Kind)],
) -> Good {
    let parameter = |(name, value, kind): &(&'static str, &str, Kind)| Parameter {
        name,
        value: (*value).to_owned(),
        kind: *kind,
    };
    Good {
        what,
        path,
        authorization: (!client.is_empty()).then(|| basic(client)),
        parameters: parameters.iter().map(parameter).collect(),
    }
}

/// One request for each grant and each other endpoint. Those that use something up come late.
pub(super) fn all(storm: &Storm) -> Vec<Good> {
    let mut all = vec![
        service(),
        password(),
        exchange(storm),
        robot(),
        bearer(),
        par(storm),
    ];
    all.extend([device(), introspection(storm), userinfo(storm)]);
    all.extend([code(), polling(), refresh(storm), revocation(storm)]);
    all
}

use Kind::{Free, Needed, Optional, Token};

fn service() -> Good {
    let parameters = [
        ("grant_type", "client_credentials", Needed),
        ("client_id", "service", Needed),
        ("client_secret", "service-secret", Needed),
        ("scope", "api:read", Optional),
        ("resource", MCP, Optional),
    ];
    good("client credentials", "/token", "", &parameters)
}

fn password() -> Good {
    let parameters = [
        ("grant_type", "password", Needed),
        ("username", "alice", Needed),
        ("password", "wonderland", Needed),
        ("scope", "api:read", Optional),
        ("resource", MCP, Optional),
    ];
    good("password", "/token", "legacy", &parameters)
}

fn code() -> Good {
    let parameters = [
        ("grant_type", "authorization_code", Needed),
        ("client_id", "spa", Needed),
        ("code", CODE, Needed),
        ("redirect_uri", CALLBACK, Needed),
        ("code_verifier", VERIFIER, Needed),
        ("resource", MCP, Optional),
    ];
    good("code", "/token", "", &parameters)
}

fn refresh(storm: &Storm) -> Good {
    let parameters = [
        ("grant_type", "refresh_token", Needed),
        ("refresh_token", &storm.tokens.refresh_token, Needed),
        ("scope", "api:read", Optional),
        ("resource", MCP, Optional),
    ];
    good("refresh", "/token", "web", &parameters)
}

fn polling() -> Good {
    let parameters = [
        ("grant_type", DEVICE, Needed),
        ("client_id", "tv", Needed),
        ("device_code", DEVICE_CODE, Needed),
    ];
    good("device code", "/token", "", &parameters)
}

fn exchange(storm: &Storm) -> Good {
    let parameters = [
        ("grant_type", EXCHANGE, Needed),
        ("subject_token", &storm.tokens.access_token, Needed),
        ("subject_token_type", ACCESS_TOKEN, Needed),
        ("requested_token_type", ACCESS_TOKEN, Optional),
        ("audience", "api-gateway", Optional),
        ("resource", MCP, Optional),
        ("scope", "api:read", Optional),
    ];
    good("token exchange", "/token", "gateway", &parameters)
}

fn robot() -> Good {
    let parameters = [
        ("grant_type", "client_credentials", Needed),
        ("client_assertion_type", ASSERTION_TYPE, Needed),
        ("client_assertion", &fresh_assertion(), Needed),
        ("client_id", "robot", Optional),
        ("scope", "api:read", Optional),
    ];
    good("client assertion", "/token", "", &parameters)
}

fn bearer() -> Good {
    let (header, claims) = signer::base(signer::TRUSTED, "workload-1", "of alice");
    let algorithm = dockgate_token::Algorithm::ES256;
    let assertion = signer::OWN.sign(algorithm, &header, &claims);
    let parameters = [
        ("grant_type", BEARER, Needed),
        ("client_assertion_type", ASSERTION_TYPE, Needed),
        ("client_assertion", &fresh_assertion(), Needed),
        ("assertion", &assertion, Needed),
        ("scope", "api:read", Optional),
    ];
    good("jwt bearer", "/token", "", &parameters)
}

pub(super) fn par(storm: &Storm) -> Good {
    let parameters = [
        ("response_type", "code", Needed),
        ("client_id", "web", Optional),
        ("redirect_uri", "http://localhost:3000/callback", Optional),
        ("scope", "api:read", Optional),
        ("resource", MCP, Optional),
        ("code_challenge", CHALLENGE, Needed),
        ("code_challenge_method", "S256", Needed),
        ("response_mode", "form_post", Optional),
        ("prompt", "consent", Optional),
        ("max_age", "60", Optional),
        ("id_token_hint", &storm.tokens.id_token, Optional),
        ("state", "some state", Free),
        ("nonce", "some nonce", Free),
        ("login_hint", "alice", Free),
        ("claims", "{}", Free),
    ];
    good("pushed request", "/par", "web", &parameters)
}

fn device() -> Good {
    let parameters = [
        ("client_id", "tv", Needed),
        ("scope", "api:read", Optional),
        ("resource", MCP, Optional),
    ];
    good("device", "/device_authorization", "", &parameters)
}

fn introspection(storm: &Storm) -> Good {
    let parameters = [
        ("token", storm.tokens.access_token.as_str(), Token),
        ("token_type_hint", "access_token", Free),
    ];
    good("introspection", "/introspect", "gateway", &parameters)
}

fn revocation(storm: &Storm) -> Good {
    let parameters = [
        ("token", storm.tokens.access_token.as_str(), Token),
        ("token_type_hint", "access_token", Free),
    ];
    good("revocation", "/revoke", "web", &parameters)
}

fn userinfo(storm: &Storm) -> Good {
    let parameters = [("access_token", storm.tokens.access_token.as_str(), Needed)];
    good("userinfo", "/userinfo", "", &parameters)
}

/// A code of `spa`, and a device code of `tv` that alice has agreed to.
pub(super) async fn fill(store: &SledStore) {
    let login = Login {
        at: NOW - 5,
        methods: vec!["pwd".to_owned()],
    };
    let session = SessionId::from_bytes([3; 16]);
    let code = StoredCode {
        expires_at: NOW + 600,
        valid_until: NOW + 60,
        grant: GrantId::from_bytes([4; 16]),
        client_id: "spa".parse().unwrap(),
        redirect_uri: CALLBACK.to_owned(),
        redirect_uri_was_sent: true,
        code_challenge: Some(CHALLENGE.to_owned()),
        subject: ALICE.to_owned(),
        scope: "api:read".parse().unwrap(),
        audience: "api-gateway".to_owned(),
        resources: vec![],
        nonce: None,
        login: login.clone(),
        session,
        redeemed: false,
    };
    let digest = |text: &str| SecretDigest::of(text.as_bytes());
    store.add_code(digest(CODE), &code).await.unwrap();
    let device = StoredDevice {
        expires_at: NOW + 900,
        valid_until: NOW + 600,
        client_id: "tv".parse().unwrap(),
        scope: "api:read".parse().unwrap(),
        audience: "api-gateway".to_owned(),
        resources: vec![],
        user_code: "BCDFGHJK".to_owned(),
        interval: 5,
        polled_at: 0,
        decision: DeviceDecision::Approved {
            subject: ALICE.to_owned(),
            scope: "api:read".parse().unwrap(),
            login,
            session,
        },
    };
    let added = store
        .add_device(digest(DEVICE_CODE), &device, Room::Whole, NOW)
        .await;
    assert_eq!(added.unwrap(), crate::store::Swap::Done);
}
