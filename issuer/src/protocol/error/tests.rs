use super::*;
use crate::protocol::{FormError, Grant, ResourceUriError};

fn check(error: impl Into<OAuthError>) {
    let error = error.into();
    let wire = error.wire();
    let allowed = |byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    assert!(wire.description.bytes().all(allowed), "{error:?}");
    assert_eq!(
        wire.status == 401,
        wire.error == "invalid_client",
        "{error:?}"
    );
    assert!(!error.reason().is_empty());
}

#[test]
fn descriptions_keep_to_the_characters_of_rfc_6749_section_5_2() {
    use RequestError::*;
    for error in [
        BodyTooLarge,
        BodyTooSlow,
        BodyBroken,
        BodyEncoded,
        WrongContentType,
        MalformedForm(FormError::NotUtf8),
        MalformedForm(FormError::TooMany),
        MalformedForm(FormError::Repeated),
        ParameterInQuery("code"),
        Missing("code"),
        Malformed("token"),
        OfOtherGrant("code"),
    ] {
        check(error);
    }
    for error in [
        ClientAuthenticationError::None,
        ClientAuthenticationError::SeveralMethods,
        ClientAuthenticationError::TwoClientIds,
        ClientAuthenticationError::UnknownScheme,
        ClientAuthenticationError::WrongSecret("c".parse().unwrap()),
    ] {
        if error != ClientAuthenticationError::SeveralMethods
            && error != ClientAuthenticationError::TwoClientIds
        {
            check(error);
        }
    }
    for error in [
        GrantError::UnknownGrantType,
        GrantError::NotAllowed(Grant::Implicit),
        GrantError::MalformedScope,
        GrantError::ScopeNotAllowed("\"\\".to_owned()),
        GrantError::ScopeNotOfResource,
        GrantError::NoDefaultScope,
        GrantError::MalformedResource(ResourceUriError::NotPlain),
        GrantError::UnknownResource,
        GrantError::ResourcesTooLarge,
    ] {
        check(error);
    }
    for error in [
        PageError::MalformedForm(FormError::NotUtf8),
        PageError::MalformedForm(FormError::TooMany),
        PageError::MalformedForm(FormError::Repeated),
        PageError::NoClient,
        PageError::UnknownClient,
        PageError::NoRedirectUri,
        PageError::UnregisteredRedirectUri,
        PageError::UnknownRequestUri,
        PageError::RequestUriUsed,
        PageError::Unavailable(Unavailable::Entropy),
    ] {
        check(error);
    }
    for error in [
        AuthorizationError::UnsupportedResponseType,
        AuthorizationError::ResponseTypeNotAllowed,
        AuthorizationError::RequestObject,
        AuthorizationError::ForeignRequestUri,
        AuthorizationError::SelfRegistration,
        AuthorizationError::NotPushed,
        AuthorizationError::TooLarge,
        AuthorizationError::LoginRequired,
        AuthorizationError::OtherUser,
        AuthorizationError::ConsentRequired,
        AuthorizationError::Denied,
        AuthorizationError::NothingToGrant,
    ] {
        check(error);
    }
    let assertion = AssertionError::Replayed;
    for error in [
        ClientAuthenticationError::WrongMethod("c".parse().unwrap()),
        ClientAuthenticationError::WrongAssertionType,
        ClientAuthenticationError::UnreadableAssertion(assertion),
        ClientAuthenticationError::Assertion("c".parse().unwrap(), assertion),
    ] {
        check(error);
    }
    for error in [
        InvalidGrant::UnknownDeviceCode,
        InvalidGrant::DeviceCodeOfOther,
        InvalidGrant::DeviceCodeRedeemed,
        InvalidGrant::Assertion(assertion),
        InvalidGrant::UntrustedIssuer,
        InvalidGrant::UnmappedSubject,
    ] {
        check(error);
    }
    for error in [
        DeviceError::Pending,
        DeviceError::SlowDown,
        DeviceError::Denied,
        DeviceError::Expired,
    ] {
        check(error);
    }
    for error in [
        ExchangeError::InvalidSubjectToken,
        ExchangeError::InvalidActorToken,
        ExchangeError::ChainTooLong,
        ExchangeError::AudienceNotAllowed,
        ExchangeError::MixedTargets,
    ] {
        check(error);
    }
    check(GrantError::NoCommonScope);
    check(Unavailable::Signing);
    check(Unavailable::Entropy);
    check(Unavailable::Full("device codes"));
}

#[test]
fn a_store_without_room_is_no_store_that_failed() {
    let full = crate::store::StoreError::Full { what: "codes" };
    let error = OAuthError::from(full);
    assert_eq!(error, Unavailable::Full("codes").into());
    let wire = error.wire();
    assert_eq!((wire.status, wire.retry_after), (503, Some(30)));
}
