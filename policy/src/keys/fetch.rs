//! One fetch of an issuer's keys: which call comes next, and what came of it.
//!
//! Nothing is followed: a redirect is a failure, and a 304 answers a question that was not asked.

use std::fmt;

use super::freshness::lifetime;
use super::jwks::{JwksError, KeySet, MAX_DOCUMENT_BYTES, SkippedKey};
use crate::config::{Discovery, JwksLocation, Location, RemoteJwks};
use crate::strict_json::{Json, parse_object};

/// The call that a fetch has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchStep(Step);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    OAuthMetadata,
    /// After the other document was of no use, for this reason.
    OpenIdMetadata(FetchFault),
    Keys(Location),
}

/// The answer to a call.
#[derive(Clone, Copy, Debug)]
pub struct CallAnswer<'a> {
    /// Its headers, `:status` among them.
    pub headers: &'a [(&'a [u8], &'a [u8])],
    /// Its body, or of one that is longer than [`CallAnswer::MAX_BODY_BYTES`] one byte more.
    pub body: &'a [u8],
}

impl CallAnswer<'_> {
    /// No longer body is of use.
    pub const MAX_BODY_BYTES: usize = MAX_DOCUMENT_BYTES;

    fn status(&self) -> &[u8] {
        let mut headers = self.headers.iter();
        headers
            .find(|(name, _)| *name == b":status")
            .map_or(b"", |(_, value)| value)
    }
}

/// What is to be done after a call.
#[derive(Debug)]
pub enum FetchOutcome {
    /// Another call.
    Next(FetchStep),
    /// The fetch is over and good.
    Fetched(FetchedKeys),
    /// The fetch is over and has brought nothing; the keys of before stay.
    Failed(FetchFault),
}

/// What a good fetch brought.
#[derive(Debug)]
pub struct FetchedKeys {
    /// The usable keys.
    pub keys: KeySet,
    /// The keys that were passed over.
    pub skipped: Vec<SkippedKey>,
    /// For how many seconds the issuer says that this stays so.
    pub lifetime: Option<u64>,
}

/// Why a fetch brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchFault {
    /// The call could not be made, failed or timed out.
    NoAnswer,
    /// The status is not 200.
    Status(String),
    /// The document is no key set.
    Jwks(JwksError),
    /// The metadata is longer than 256 KiB or not one JSON object.
    NotMetadata,
    /// The metadata is another issuer's (RFC 8414 §3.3).
    OtherIssuer,
    /// `jwks_uri` is absent or leads to where it may not.
    JwksUri,
    /// Neither metadata document is of use.
    Metadata {
        /// Why RFC 8414's is not.
        oauth: Box<Self>,
        /// Why OpenID Connect Discovery's is not.
        openid: Box<Self>,
    },
}

impl fmt::Display for FetchFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer => f.write_str("the call failed or timed out"),
            Self::Status(status) => write!(f, "the answer has status {status}"),
            Self::Jwks(error) => error.fmt(f),
            Self::NotMetadata => {
                f.write_str("the metadata is not a JSON object of 256 KiB or less")
            }
            Self::OtherIssuer => {
                f.write_str("the metadata's issuer is not the configured one, byte for byte")
            }
            Self::JwksUri => f.write_str(
                "the metadata's jwks_uri is missing, not https, or neither at the issuer's origin \
                 nor in allow_authorities",
            ),
            Self::Metadata { oauth, openid } => write!(
                f,
                "oauth-authorization-server: {oauth}; openid-configuration: {openid}"
            ),
        }
    }
}

impl FetchStep {
    /// The first call of a fetch.
    pub fn first(source: &RemoteJwks) -> Self {
        Self(match &source.location {
            JwksLocation::Uri(location) => Step::Keys(location.clone()),
            JwksLocation::Discovered(_) => Step::OAuthMetadata,
        })
    }

    /// What the call asks for.
    pub fn location<'a>(&'a self, source: &'a RemoteJwks) -> Option<&'a Location> {
        match (&self.0, &source.location) {
            (Step::Keys(location), _) => Some(location),
            (Step::OAuthMetadata, JwksLocation::Discovered(own)) => Some(&own.oauth),
            (Step::OpenIdMetadata(_), JwksLocation::Discovered(own)) => Some(&own.openid),
            (_, JwksLocation::Uri(_)) => None,
        }
    }

    /// Goes on after an answer, or after none.
    pub fn answered(&self, source: &RemoteJwks, answer: Option<CallAnswer<'_>>) -> FetchOutcome {
        let good = answer
            .ok_or(FetchFault::NoAnswer)
            .and_then(|answer| match answer.status() {
                b"200" => Ok(answer),
                other => Err(FetchFault::Status(printable(other))),
            });
        let outcome = match (&self.0, &source.location) {
            (Step::Keys(_), _) => good.and_then(read_keys).map(FetchOutcome::Fetched),
            (_, JwksLocation::Discovered(discovery)) => good
                .and_then(|answer| find_keys(discovery, answer.body))
                .map(|location| FetchOutcome::Next(Self(Step::Keys(location)))),
            (_, JwksLocation::Uri(_)) => Err(FetchFault::NoAnswer),
        };
        match (outcome, &self.0) {
            (Ok(outcome), _) => outcome,
            // Most issuers have one of the two documents; which is not known beforehand.
            (Err(fault), Step::OAuthMetadata) => {
                FetchOutcome::Next(Self(Step::OpenIdMetadata(fault)))
            }
            (Err(openid), Step::OpenIdMetadata(oauth)) => {
                FetchOutcome::Failed(FetchFault::Metadata {
                    oauth: Box::new(oauth.clone()),
                    openid: Box::new(openid),
                })
            }
            (Err(fault), Step::Keys(_)) => FetchOutcome::Failed(fault),
        }
    }
}

fn read_keys(answer: CallAnswer<'_>) -> Result<FetchedKeys, FetchFault> {
    let (keys, skipped) = KeySet::parse(answer.body).map_err(FetchFault::Jwks)?;
    Ok(FetchedKeys {
        keys,
        skipped,
        lifetime: lifetime(answer.headers),
    })
}

/// RFC 8414 §3.3: `issuer` must be identical to the identifier that the metadata was asked for.
fn find_keys(discovery: &Discovery, body: &[u8]) -> Result<Location, FetchFault> {
    if body.len() > MAX_DOCUMENT_BYTES {
        return Err(FetchFault::NotMetadata);
    }
    let metadata = parse_object(body).map_err(|_| FetchFault::NotMetadata)?;
    let text = |member: &str| metadata.get(member).and_then(Json::as_str);
    if text("issuer") != Some(discovery.issuer.as_str()) {
        return Err(FetchFault::OtherIssuer);
    }
    text("jwks_uri")
        .and_then(|uri| discovery.admit(uri))
        .ok_or(FetchFault::JwksUri)
}

/// A status is three digits; whatever else it is must not garble the log.
fn printable(status: &[u8]) -> String {
    let bytes = status.iter().take(3);
    bytes
        .map(|byte| char::from(*byte))
        .filter(char::is_ascii_graphic)
        .collect()
}

#[cfg(test)]
mod tests;
