//! Client authentication.

use super::*;

#[test]
fn both_ways_to_send_a_secret_work_and_basic_is_form_encoded() {
    let plain = basic("service:s3cret");
    let lower = plain.replace("Basic", "basic");
    for (header, form) in [
        (vec![plain.as_str()], ""),
        (vec![lower.as_str()], "client_id=service"),
        (vec![], "client_id=service&client_secret=s3cret"),
        (
            vec![basic("a+b%3Ac:p%25%2B+%3A").as_str()],
            "scope=api:write",
        ),
        (
            vec![],
            "client_id=a+b%3Ac&client_secret=p%25%2B+%3A&scope=api:write",
        ),
    ] {
        assert!(authenticated(&header, form).is_ok(), "{header:?} {form}");
    }
}

#[test]
fn clients_that_do_not_authenticate_are_refused() {
    use ClientAuthenticationError::*;
    let id = |id: &str| id.parse::<dockgate_token::ClientId>().unwrap();
    let service = basic("service:s3cret");
    for (header, form, reason) in [
        (vec![], "", ClientAuthenticationError::None),
        (vec![], "client_id=", ClientAuthenticationError::None),
        (vec![], "client_id=service", SecretMissing(id("service"))),
        (
            vec![],
            "client_id=service&client_secret=",
            SecretMissing(id("service")),
        ),
        (
            vec![],
            "client_id=service&client_secret=S3cret",
            WrongSecret(id("service")),
        ),
        (
            vec![],
            "client_id=nobody&client_secret=s3cret",
            UnknownClient,
        ),
        (vec![], "client_id=%C3%A9", UnknownClient),
        (
            vec![],
            "client_id=spa&client_secret=x",
            SecretFromPublicClient(id("spa")),
        ),
        (
            vec![basic("service:").as_str()],
            "",
            SecretMissing(id("service")),
        ),
        (
            vec![basic("service:wrong").as_str()],
            "",
            WrongSecret(id("service")),
        ),
        (
            vec![basic("service").as_str()],
            "",
            MalformedBasicCredentials,
        ),
        (vec![basic("%ff:x").as_str()], "", MalformedBasicCredentials),
        (vec!["Basic"], "", MalformedBasicCredentials),
        (vec!["Basic !!"], "", MalformedBasicCredentials),
        (vec!["Bearer abc"], "", UnknownScheme),
        (
            vec![""],
            "client_id=service&client_secret=s3cret",
            SeveralMethods,
        ),
        (
            vec![service.as_str()],
            "client_id=service&client_secret=s3cret",
            SeveralMethods,
        ),
        (vec![service.as_str(), service.as_str()], "", SeveralMethods),
        (vec![service.as_str()], "client_id=web", TwoClientIds),
    ] {
        assert_eq!(
            authenticated(&header, form),
            Err(OAuthError::from(reason)),
            "{header:?} {form}"
        );
    }
}

#[test]
fn the_answer_does_not_tell_an_unknown_client_from_a_wrong_secret() {
    let answers = ["nobody:x", "service:x", "service:", "spa:x"].map(|credentials| {
        authenticated(&[&basic(credentials)], "")
            .unwrap_err()
            .wire()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(
        (answers[0].status, answers[0].error),
        (401, "invalid_client")
    );
}
