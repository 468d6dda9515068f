//! The claims of an access token (RFC 9068 §2.2).

use dockgate_token::{AccessTokenClaims, Audience, Scope, encode_segment};

use super::{AuthorizationServer, Client, ResourceServer, ResourceUri};

/// 128 random bits that name one token (RFC 7519 §4.1.7).
#[derive(Clone, Copy, Debug)]
pub struct Jti([u8; 16]);

impl Jti {
    /// Takes bytes from a cryptographic random source, used once.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// What a request needs from the outside world to be answered.
#[derive(Clone, Copy, Debug)]
pub struct MintingContext {
    /// Seconds since the Unix epoch.
    pub now: u64,
    /// The name of the access token, should there be one.
    pub jti: Jti,
}

/// Builds the claims of a token for `subject`.
pub(super) fn access_token_claims(
    server: &AuthorizationServer,
    client: &Client,
    subject: &str,
    scope: Scope,
    target: &Target<'_>,
    context: MintingContext,
) -> AccessTokenClaims {
    AccessTokenClaims {
        iss: server.issuer.clone(),
        sub: subject.to_owned(),
        aud: target.audience(),
        exp: context.now.saturating_add(server.access_token_seconds),
        iat: context.now,
        jti: encode_segment(&context.jti.0),
        client_id: client.id.clone(),
        scope,
    }
}

/// What a token is for: a resource server, and perhaps some of its resources by name.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) resource_server: &'a ResourceServer,
    pub(super) resources: Vec<ResourceUri>,
}

impl Target<'_> {
    /// The audience; with named resources, these too (RFC 8707 §2, RFC 9068 §3).
    fn audience(&self) -> Audience {
        let audience = self.resource_server.audience.clone();
        if self.resources.is_empty() {
            return Audience::One(audience);
        }
        let resources = self.resources.iter().map(|uri| uri.as_str().to_owned());
        Audience::Many(std::iter::once(audience).chain(resources).collect())
    }
}
