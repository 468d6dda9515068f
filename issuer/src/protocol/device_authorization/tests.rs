//! How a device begins.

use std::collections::HashSet;

use super::*;
use crate::entropy::EntropyFailure;
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::{ClientAuthenticationError, OAuthError};
use crate::store::SledStore;

fn begin_with(
    context: Context<'_, SledStore>,
    body: &str,
) -> Result<DeviceAuthorization, OAuthError> {
    let request = ClientRequest {
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    let answer = block_on(respond(context, &request));
    answer
        .map(|(_, answer)| answer)
        .map_err(|refusal| refusal.error)
}

fn ask(fixture: &Fixture, body: &str) -> Result<DeviceAuthorization, OAuthError> {
    begin_with(fixture.context(), body)
}

fn stored(fixture: &Fixture, answer: &DeviceAuthorization) -> StoredDevice {
    let digest = SecretDigest::of(answer.device_code.as_bytes());
    let device = block_on(fixture.store.device(digest, NOW)).unwrap();
    device.unwrap()
}

#[test]
fn a_device_gets_codes_and_where_its_user_types_one_in() {
    let fixture = Fixture::demo();
    let answer = ask(&fixture, "client_id=tv&scope=api:read+api:write").unwrap();
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(
        (&json["expires_in"], &json["interval"]),
        (&600.into(), &5.into())
    );
    assert_eq!(json["verification_uri"], "http://localhost:8080/device");
    let complete = format!(
        "http://localhost:8080/device?user_code={}",
        answer.user_code
    );
    assert_eq!(json["verification_uri_complete"], complete.as_str());
    assert_eq!(answer.device_code.len(), 43, "256 bits in base64url");
    let groups: Vec<_> = answer.user_code.split('-').map(str::len).collect();
    assert_eq!(groups, [4, 4]);
    let device = stored(&fixture, &answer);
    assert_eq!(device.user_code, answer.user_code.replace('-', ""));
    assert_eq!(device.valid_until, NOW + 600);
    assert_eq!(device.client_id.as_str(), "tv");
    assert_eq!(device.scope.to_string(), "api:read api:write");
    assert_eq!(device.audience, "api-gateway");
    assert_eq!(device.decision, DeviceDecision::Pending);
}

#[test]
fn scope_and_resource_are_those_of_any_grant_of_a_user() {
    let fixture = Fixture::demo();
    let of = |extra: &str| stored(&fixture, &ask(&fixture, extra).unwrap());
    let default = of("client_id=tv");
    assert_eq!(default.scope.to_string(), "api:read");
    assert!(default.resources.is_empty());
    let mcp = of("client_id=tv&resource=http://localhost:8080/mcp");
    assert_eq!(mcp.resources, ["http://localhost:8080/mcp"]);
}

#[test]
fn who_may_not_begin_is_told_why() {
    let fixture = Fixture::demo();
    let not_allowed = GrantError::NotAllowed(Grant::DeviceCode);
    let secret_missing = ClientAuthenticationError::SecretMissing("web".parse().unwrap());
    for (body, code, reason) in [
        (
            "client_id=service&client_secret=service-secret",
            "unauthorized_client",
            not_allowed.clone().into(),
        ),
        ("client_id=spa", "unauthorized_client", not_allowed.into()),
        ("client_id=web", "invalid_client", secret_missing.into()),
        (
            "client_id=nobody",
            "invalid_client",
            ClientAuthenticationError::UnknownClient.into(),
        ),
        ("", "invalid_client", ClientAuthenticationError::None.into()),
        (
            "client_id=tv&scope=api:admin",
            "invalid_scope",
            GrantError::ScopeNotAllowed("api:admin".to_owned()).into(),
        ),
        (
            "client_id=tv&scope=%22",
            "invalid_scope",
            GrantError::MalformedScope.into(),
        ),
        (
            "client_id=tv&resource=https://evil.example",
            "invalid_target",
            GrantError::UnknownResource.into(),
        ),
    ] {
        let refused: OAuthError = ask(&fixture, body).err().unwrap();
        assert_eq!(refused.wire().error, code, "{body}");
        assert_eq!(refused, reason, "{body}");
    }
}

#[test]
fn a_user_code_that_is_taken_is_drawn_again() {
    let fixture = Fixture::demo();
    let constant = |bytes: &mut [u8]| {
        bytes.fill(7);
        Ok(())
    };
    let context = Context {
        entropy: constant,
        ..fixture.context()
    };
    let first = begin_with(context, "client_id=tv").unwrap();
    assert_eq!(first.user_code, "KKKK-KKKK");
    // Drawn again and again, it is the same: nothing is handed out, nothing goes on for ever.
    let second = begin_with(context, "client_id=tv").err();
    assert_eq!(second, Some(Unavailable::Contention.into()));
    assert!(ask(&fixture, "client_id=tv").is_ok());
}

#[test]
fn no_character_of_a_user_code_is_likelier_than_another() {
    // All bytes that there are, of which the last 16 are passed over.
    let mut counts = [0; 20];
    for byte in 0..=u8::MAX {
        let even = u8::MAX - u8::MAX % 20;
        if byte < even {
            counts[usize::from(byte) % 20] += 1;
        }
    }
    assert_eq!(counts, [12; 20]);
    let fixture = Fixture::demo();
    let codes: HashSet<_> = (0..200)
        .map(|_| user_code(fixture.context()).unwrap())
        .collect();
    assert_eq!(codes.len(), 200);
    let seen: HashSet<_> = codes.iter().flat_map(|code| code.bytes()).collect();
    assert_eq!(seen, USER_CODE_CHARACTERS.iter().copied().collect());
}

#[test]
fn a_random_source_that_fails_or_is_stuck_gives_no_code() {
    let fixture = Fixture::demo();
    let stuck = |bytes: &mut [u8]| {
        bytes.fill(u8::MAX);
        Ok(())
    };
    let broken = |_: &mut [u8]| Err(EntropyFailure);
    for entropy in [stuck as crate::entropy::Entropy, broken] {
        let context = Context {
            entropy,
            ..fixture.context()
        };
        assert_eq!(user_code(context), Err(Unavailable::Entropy.into()));
    }
}

#[test]
fn what_nobody_has_room_for_is_not_kept() {
    let fixture = Fixture::demo();
    let resource = |number: usize, length: usize| {
        let path = "a".repeat(length);
        format!("&resource=http://localhost:8080/mcp/{number}{path}")
    };
    let few: String = (0..8).map(|number| resource(number, 400)).collect();
    let answer = ask(&fixture, &format!("client_id=tv{few}")).unwrap();
    assert_eq!(stored(&fixture, &answer).resources.len(), 8);
    let many: String = (0..60).map(|number| resource(number, 400)).collect();
    for resources in [many, resource(0, 5_000)] {
        let refused = ask(&fixture, &format!("client_id=tv{resources}")).err();
        assert_eq!(refused, Some(GrantError::ResourcesTooLarge.into()));
    }
}
