//! A second issuer that the filter trusts and the test holds the keys of: it signs whatever a test
//! wants, good or bad, with every algorithm.

mod jwks_server;

use std::time::{SystemTime, UNIX_EPOCH};

use dockgate_stack::{Edit, Stack, StackOptions};
use dockgate_token::Algorithm;
use serde_json::{Value, json};

pub use dockgate_corpus::{ISSUER, Keys, header, sign};
pub use jwks_server::{Answer, JwksServer};

/// The keys, and the server that publishes them.
pub struct Forge {
    /// The keys that it signs with.
    pub keys: Keys,
    /// What the filter gets when it asks for the keys.
    pub jwks: JwksServer,
}

impl Forge {
    /// Makes keys and publishes them.
    ///
    /// # Panics
    /// When no port is free.
    #[expect(
        clippy::new_without_default,
        reason = "it starts a server, which a default should not"
    )]
    pub fn new() -> Self {
        let keys = Keys::generate();
        let jwks = JwksServer::start(keys.jwks().to_string());
        Self { keys, jwks }
    }

    /// Options for a stack whose filter trusts this issuer too.
    pub fn stack_options(&self) -> StackOptions {
        let uri = format!("cluster: forge, uri: \"{ISSUER}/jwks\", refresh_seconds: 10");
        self.stack_options_with(&uri)
    }

    /// Options for a stack whose filter gets this issuer's keys so; the members of `jwks` as YAML.
    pub fn stack_options_with(&self, jwks: &str) -> StackOptions {
        StackOptions {
            envoy_edits: self.envoy_edits(jwks),
            ..StackOptions::default()
        }
    }

    /// A stack whose filter trusts this issuer too.
    ///
    /// # Panics
    /// When it does not start.
    pub fn stack(&self) -> Stack {
        Stack::start(self.stack_options()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn envoy_edits(&self, jwks: &str) -> Vec<Edit> {
        let resources =
            "                    # CHANGE: the URIs by which clients know your API (RFC 9728).\n";
        let issuer = format!(
            "                    - issuer: {ISSUER}\n\
             \x20                     audiences: [api-gateway]\n\
             \x20                     jwks: {{ {jwks} }}\n"
        );
        let api = "  # CHANGE: your API.\n";
        let cluster = format!(
            "  - name: forge\n    type: STATIC\n    load_assignment:\n      cluster_name: forge\n      endpoints:\n      - lb_endpoints:\n        \
             - endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {} }} }} }}\n",
            self.jwks.port()
        );
        vec![
            Edit::once(resources, issuer + resources),
            Edit::once(api, cluster + api),
        ]
    }

    /// Signs a header and claims as they are, with the key for `algorithm`.
    pub fn sign(&self, algorithm: Algorithm, header: &Value, claims: &Value) -> String {
        sign(&self.keys, algorithm, header, claims)
    }

    /// A good token but for the name of its key.
    pub fn token_with_key_id(&self, algorithm: Algorithm, key_id: &str) -> String {
        let mut header = self::header(algorithm);
        header["kid"] = json!(key_id);
        self.sign(algorithm, &header, &claims())
    }

    /// A token that passes at `GET /api/protected/data`, but for what `mutate` does to its claims.
    pub fn token(&self, algorithm: Algorithm, mutate: impl FnOnce(&mut Value)) -> String {
        let mut claims = self::claims();
        mutate(&mut claims);
        self.sign(algorithm, &header(algorithm), &claims)
    }
}

/// The claims of a good token.
pub fn claims() -> Value {
    dockgate_corpus::claims(now())
}

/// Seconds since the epoch.
///
/// # Panics
/// Before 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "tokens must fit the clock of the running Envoy"
)]
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock")
        .as_secs()
}
