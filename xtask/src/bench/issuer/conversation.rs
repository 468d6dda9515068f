//! What one connection says, over and over, and what it expects to hear.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::answer::{Expected, refresh_token};
use super::browser::{REDIRECT_URI, VERIFIER};
use crate::bench::http::{Origin, Response, encoded};

/// The headers by which the demo's clients authenticate (`web:web-secret` and so on).
const WEB: &str = "authorization: Basic d2ViOndlYi1zZWNyZXQ=\r\n";
const SERVICE: &str = "authorization: Basic c2VydmljZTpzZXJ2aWNlLXNlY3JldA==\r\n";
const GATEWAY: &str = "authorization: Basic Z2F0ZXdheTpnYXRld2F5LXNlY3JldA==\r\n";

/// Codes that several connections redeem between them, each once.
#[derive(Default)]
pub(super) struct Stock {
    codes: Vec<String>,
    next: AtomicUsize,
}

impl Stock {
    pub(super) fn new(codes: Vec<String>) -> Self {
        Self {
            codes,
            next: AtomicUsize::new(0),
        }
    }

    fn take(&self) -> Option<&str> {
        let taken = self.next.fetch_add(1, Ordering::Relaxed);
        self.codes.get(taken).map(String::as_str)
    }
}

/// What one connection says.
pub(super) struct Conversation {
    pub(super) origin: Origin,
    pub(super) expected: Expected,
    kind: Kind,
}

enum Kind {
    /// The same request each time.
    Repeat(Vec<u8>),
    /// Codes from a stock.
    Redeem(Arc<Stock>),
    /// A family of refresh tokens; this is the current one.
    Refresh(String),
}

impl Conversation {
    pub(super) fn client_credentials(origin: &Origin, expected: Expected) -> Self {
        let form = "grant_type=client_credentials&scope=api%3Aread";
        let request = origin.post("/token", SERVICE, form);
        Self::new(origin, expected, Kind::Repeat(request))
    }

    pub(super) fn introspection(origin: &Origin, token: &str) -> Self {
        let request = origin.post("/introspect", GATEWAY, &format!("token={}", encoded(token)));
        Self::new(origin, Expected::Active, Kind::Repeat(request))
    }

    pub(super) fn redemption(origin: &Origin, expected: Expected, stock: &Arc<Stock>) -> Self {
        Self::new(origin, expected, Kind::Redeem(stock.clone()))
    }

    pub(super) fn refresh(origin: &Origin, expected: Expected, token: String) -> Self {
        Self::new(origin, expected, Kind::Refresh(token))
    }

    fn new(origin: &Origin, expected: Expected, kind: Kind) -> Self {
        Self {
            origin: origin.clone(),
            expected,
            kind,
        }
    }

    /// Writes the next request; `false` when there is none.
    pub(super) fn next(&self, request: &mut Vec<u8>) -> bool {
        let made = match &self.kind {
            // It is there already, unless it is the first.
            Kind::Repeat(same) if request.is_empty() => same.clone(),
            Kind::Repeat(_) => return true,
            Kind::Redeem(stock) => match stock.take() {
                Some(code) => redeem(&self.origin, code),
                None => return false,
            },
            Kind::Refresh(token) => {
                let form = format!("grant_type=refresh_token&refresh_token={}", encoded(token));
                self.origin.post("/token", WEB, &form)
            }
        };
        *request = made;
        true
    }

    /// Takes from an answer what the next request needs.
    pub(super) fn heard(&mut self, response: &Response<'_>) -> Result<(), String> {
        if response.status != 200 {
            return Err(response.summary());
        }
        if let Kind::Refresh(current) = &mut self.kind {
            let next = refresh_token(response.body)
                .ok_or_else(|| format!("no refresh token: {}", response.summary()))?;
            if next == *current {
                return Err("the refresh token was not rotated".to_owned());
            }
            next.clone_into(current);
        }
        Ok(())
    }
}

/// The request that redeems a code of the web client's.
pub(super) fn redeem(origin: &Origin, code: &str) -> Vec<u8> {
    let form = format!(
        "grant_type=authorization_code&code={}&redirect_uri={}&code_verifier={VERIFIER}",
        encoded(code),
        encoded(REDIRECT_URI)
    );
    origin.post("/token", WEB, &form)
}
