//! The claims of an access token (RFC 9068 §2.2).

use dockgate_token::{AccessTokenClaims, Actor, Audience, ClientId, Scope, encode_segment};

use super::{Context, OAuthError, ResourceServer, ResourceUri};
use crate::store::{GrantId, Login};

/// What a token is for: a resource server, and perhaps some of its resources by name.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// The resource server.
    pub resource_server: &'a ResourceServer,
    /// The resources that were named (RFC 8707); none means the whole resource server.
    pub resources: Vec<ResourceUri>,
}

impl Target<'_> {
    /// The resources as they are stored.
    pub fn resource_texts(&self) -> Vec<String> {
        let texts = self.resources.iter().map(|uri| uri.as_str().to_owned());
        texts.collect()
    }
}

/// What an access token is to say.
pub(super) struct AccessToken<'a> {
    pub(super) client_id: &'a ClientId,
    pub(super) subject: &'a str,
    pub(super) scope: Scope,
    /// The audience of the resource server.
    pub(super) audience: &'a str,
    /// The resources that were named.
    pub(super) resources: &'a [String],
    /// The grant it comes of, and how its user had logged in.
    pub(super) grant: Option<(GrantId, &'a Login)>,
    /// Who acts for the subject.
    pub(super) act: Option<Actor>,
    /// A time at which it has to end even if that is before its lifetime is over.
    pub(super) not_after: Option<u64>,
}

impl AccessToken<'_> {
    /// Builds the claims.
    ///
    /// # Errors
    /// When the random source fails.
    pub(super) fn claims<S>(
        self,
        context: Context<'_, S>,
    ) -> Result<AccessTokenClaims, OAuthError> {
        let lifetime = context.server.lifetimes.access_token;
        let exp = context.now.saturating_add(lifetime);
        Ok(AccessTokenClaims {
            iss: context.server.issuer.clone(),
            sub: self.subject.to_owned(),
            aud: audience(self.audience, self.resources),
            exp: self.not_after.map_or(exp, |end| end.min(exp)),
            iat: context.now,
            jti: encode_segment(&context.random::<16>()?),
            client_id: self.client_id.clone(),
            scope: self.scope,
            grant_id: self.grant.map(|(id, _)| encode_segment(id.as_bytes())),
            auth_time: self.grant.map(|(_, login)| login.at),
            amr: self
                .grant
                .map(|(_, login)| login.methods.clone())
                .unwrap_or_default(),
            act: self.act,
        })
    }
}

/// The audience; with named resources, these too (RFC 8707 §2, RFC 9068 §3).
fn audience(audience: &str, resources: &[String]) -> Audience {
    if resources.is_empty() {
        return Audience::One(audience.to_owned());
    }
    let all = std::iter::once(audience.to_owned()).chain(resources.iter().cloned());
    Audience::Many(all.collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::protocol::fixture::Fixture;

    #[test]
    fn no_two_tokens_have_the_same_name() {
        let fixture = Fixture::demo();
        let client_id = "service".parse().unwrap();
        let name = || {
            let token = AccessToken {
                client_id: &client_id,
                subject: "service",
                scope: Scope::default(),
                audience: "api-gateway",
                resources: &[],
                grant: None,
                act: None,
                not_after: None,
            };
            token.claims(fixture.context()).unwrap().jti
        };
        let names: HashSet<_> = (0..100_000).map(|_| name()).collect();
        assert_eq!(names.len(), 100_000);
    }
}
