//! A client that is to be added, from arguments or from a file.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use dockgate_issuer::http::admin::clients::NewClient;
use serde::Serialize;
use serde_json::{Map, Value};

use super::failure::Failure;

/// More the issuer does not take.
const LONGEST: u64 = 256 * 1024;

/// What there is in a table of a client that brings what it authenticates with along.
const OWN: [&str; 6] = [
    "secret",
    "secret_sha256",
    "secret_file",
    "secrets",
    "jwks",
    "jwks_file",
];

/// As in the `[[clients]]` of the configuration.
#[derive(Args, Serialize)]
pub(crate) struct NewClientFrom {
    /// Its id
    #[arg(value_name = "ID", required_unless_present = "file")]
    client_id: Option<String>,
    /// What people see on the consent page
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// A grant that it may use; several times
    #[arg(long = "grant", value_name = "GRANT", required_unless_present = "file")]
    grants: Vec<String>,
    /// The most that it may ask for; several times, or several with spaces between them
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ' ')]
    scopes: Vec<String>,
    /// Where browsers may be sent; several times
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where browsers may be sent after a logout; several times
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// An origin that may read its tokens, on top of those of its redirect URIs; several times
    #[arg(long = "cors-origin", value_name = "ORIGIN")]
    cors_origins: Vec<String>,
    /// An audience that it may exchange tokens for; several times
    #[arg(long = "exchange-audience", value_name = "AUDIENCE")]
    exchange_audiences: Vec<String>,
    /// An audience whose tokens it may introspect; several times
    #[arg(long = "introspect-audience", value_name = "AUDIENCE")]
    introspect_audiences: Vec<String>,
    /// Where it runs
    #[arg(long, value_name = "TYPE", value_parser = ["web", "native"])]
    #[serde(skip_serializing_if = "Option::is_none")]
    application_type: Option<String>,
    /// How it authenticates, and then no other way
    #[arg(long = "auth-method", value_name = "METHOD",
        value_parser = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"])]
    #[serde(rename = "token_endpoint_auth_method")]
    auth_method: Option<String>,
    /// What its ID tokens are signed with
    #[arg(long = "id-token-algorithm", value_name = "ALG")]
    #[serde(rename = "id_token_signed_response_alg")]
    id_token_algorithm: Option<String>,
    /// Others may not make an authorization request in its name: it has to push it
    #[arg(long)]
    require_pushed_authorization_requests: bool,
    /// Its public keys, a JSON Web Key Set, to authenticate with
    #[serde(skip)]
    #[arg(long, value_name = "FILE")]
    jwks_file: Option<PathBuf>,
    /// It cannot keep a secret, and gets none
    #[serde(skip)]
    #[arg(long, conflicts_with_all = ["jwks_file", "auth_method"])]
    public: bool,
    /// All of that from a file instead, written as one of the `[[clients]]`; `-` is standard input
    #[serde(skip)]
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "client_id", "name", "grants", "scopes", "redirect_uris", "post_logout_redirect_uris",
        "cors_origins", "exchange_audiences", "introspect_audiences", "application_type",
        "auth_method", "id_token_algorithm", "require_pushed_authorization_requests", "jwks_file",
    ])]
    file: Option<PathBuf>,
}

impl NewClientFrom {
    /// What the issuer is asked to add. It draws a secret for a client that is to authenticate and
    /// brings nothing along.
    pub(crate) fn table(&self) -> Result<NewClient, Failure> {
        let client = match &self.file {
            Some(file) => from_file(file)?,
            None => self.arguments()?,
        };
        let method = client
            .get("token_endpoint_auth_method")
            .and_then(Value::as_str);
        let generate_secret = !self.public
            && !matches!(method, Some("none" | "private_key_jwt"))
            && !OWN.iter().any(|key| client.contains_key(*key));
        Ok(NewClient {
            client,
            generate_secret,
        })
    }

    fn arguments(&self) -> Result<Map<String, Value>, Failure> {
        let written = serde_json::to_value(self)
            .map_err(|error| Failure::from(format!("the client cannot be written: {error}")))?;
        let Value::Object(mut client) = written else {
            return Err(Failure::from("the client cannot be written".to_owned()));
        };
        if let Some(file) = &self.jwks_file {
            client.insert("jwks".to_owned(), Value::String(read(file)?));
            // Keys alone say nothing of their use.
            let method = client
                .entry("token_endpoint_auth_method")
                .or_insert(Value::Null);
            if method.is_null() {
                *method = Value::String("private_key_jwt".to_owned());
            }
        }
        Ok(client)
    }
}

/// A table as it is within the configuration, with its heading or without.
fn from_file(file: &Path) -> Result<Map<String, Value>, Failure> {
    let name = file.display();
    let failed = |reason: String| Failure::from(format!("{name}: {reason}"));
    let written: Value = toml::from_str(&read(file)?).map_err(|error| {
        failed(format!(
            "is no client as it stands in the configuration: {}",
            error.to_string().trim_end()
        ))
    })?;
    let Value::Object(mut table) = written else {
        return Err(failed("is no table of a client".to_owned()));
    };
    if table.len() == 1
        && let Some(Value::Array(clients)) = table.remove("clients")
    {
        return match <[Value; 1]>::try_from(clients) {
            Ok([Value::Object(client)]) => Ok(client),
            _ => Err(failed(
                "has more than one client: add one after the other".to_owned(),
            )),
        };
    }
    Ok(table)
}

fn read(file: &Path) -> Result<String, Failure> {
    let read = match super::is_standard_stream(file) {
        true => io::read_to_string(io::stdin().lock().take(LONGEST)),
        false => fs::File::open(file).and_then(|file| io::read_to_string(file.take(LONGEST))),
    };
    read.map_err(|error| {
        Failure::from(format!(
            "{}: {error}. Name a text file that this user may read, or `-` for standard input",
            file.display()
        ))
    })
}
