//! A document that a client id is the URL of (draft-ietf-oauth-client-id-metadata-document §4). It is
//! written for every server, so what this one does not offer is passed over, as long as something is
//! left.

use dockgate_token::ClientId;
use serde_json::Value;

use super::members::Members;
use super::{
    AuthenticationMethod, ClientMetadata, MAX_LISTED, MAX_NAME_BYTES, MAX_URI_BYTES, Offer,
    RegistrationError, json,
};
use crate::keys::{KeySetError, VerificationKeys};
use crate::protocol::Grant;

const METHOD: &str = "token_endpoint_auth_method";

/// A document that is of the client it was fetched for, and has nothing in it that must be secret.
pub struct ClientDocument(Members);

impl ClientDocument {
    /// Reads one.
    ///
    /// # Errors
    /// [`RegistrationError`], also where it is not of that id, byte for byte, or would share a secret
    /// with everybody.
    pub fn read(id: &ClientId, body: &[u8]) -> Result<Self, RegistrationError> {
        let mut members = Members::new(json::read_object(body)?);
        if members.text("client_id", MAX_URI_BYTES)?.as_deref() != Some(id.as_str()) {
            return Err(RegistrationError::OtherClientId);
        }
        for name in ["client_secret", "client_secret_expires_at"] {
            if members.take(name).is_some() {
                return Err(RegistrationError::SharedSecret);
            }
        }
        check_public(members.get("jwks"))?;
        // There is nothing else that one could be that says nothing.
        let method = members.take(METHOD).unwrap_or("none".into());
        let own = method.as_str().and_then(AuthenticationMethod::of);
        if own.is_some_and(AuthenticationMethod::needs_secret) || method == "client_secret_jwt" {
            return Err(RegistrationError::SharedSecret);
        }
        members.put(METHOD, method);
        Ok(Self(members))
    }

    /// Where the keys are that the client authenticates with, if they are elsewhere (RFC 7591 §2).
    pub fn keys_at(&self) -> Option<&str> {
        let by_key = self.0.get(METHOD)? == AuthenticationMethod::PrivateKeyJwt.as_str();
        let elsewhere = by_key && self.0.get("jwks").is_none();
        let at = self.0.get("jwks_uri").filter(|_| elsewhere)?.as_str()?;
        (at.len() <= MAX_URI_BYTES).then_some(at)
    }

    /// What the client is, with the key set that is at [`Self::keys_at`].
    ///
    /// # Errors
    /// [`RegistrationError`].
    pub fn into_metadata(
        self,
        keys: Option<&[u8]>,
        offer: &Offer,
    ) -> Result<ClientMetadata, RegistrationError> {
        let Self(mut members) = self;
        if let Some(keys) = keys {
            members.take("jwks_uri");
            members.put("jwks", Value::Object(json::read_object(keys)?));
        }
        keep_offered_grants(&mut members, offer)?;
        members.narrow("response_types", |own| own == "code");
        if !offer.private_use_schemes {
            members.narrow("redirect_uris", is_of_the_web);
        }
        // Nobody would look them up at a logout.
        members.take("post_logout_redirect_uris");
        ClientMetadata::of(members, offer)
    }
}

/// Draft §4.1: no shared secret and no private key, whether there is a use for the keys or not.
fn check_public(keys: Option<&Value>) -> Result<(), RegistrationError> {
    let Some(keys) = keys else {
        return Ok(());
    };
    match VerificationKeys::parse(keys.to_string().as_bytes()) {
        Err(error @ (KeySetError::Private(_) | KeySetError::Symmetric(_))) => {
            Err(RegistrationError::Keys(error))
        }
        _ => Ok(()),
    }
}

fn keep_offered_grants(members: &mut Members, offer: &Offer) -> Result<(), RegistrationError> {
    let all = members.texts("grant_types", MAX_LISTED, MAX_NAME_BYTES)?;
    let Some(all) = all.filter(|all| !all.is_empty()) else {
        return Ok(());
    };
    let offered = |name: &String| {
        let grant: Option<Grant> = name.parse().ok();
        grant.is_some_and(|grant| offer.grants.contains(&grant))
    };
    let kept: Vec<_> = all.into_iter().filter(offered).collect();
    if kept.is_empty() {
        return Err(RegistrationError::Grant);
    }
    members.put("grant_types", kept.into());
    Ok(())
}

fn is_of_the_web(uri: &str) -> bool {
    let scheme = uri.split(':').next().unwrap_or_default();
    ["https", "http"].map(|own| scheme.eq_ignore_ascii_case(own)) != [false, false]
}
