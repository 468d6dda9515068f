//! What is a token request at all.

use super::*;

#[test]
fn what_is_no_form_is_refused() {
    let body = b"grant_type=client_credentials";
    let auth = [basic("service:s3cret")];
    for content_type in [
        Some("application/x-www-form-urlencoded;charset=UTF-8"),
        Some("Application/X-WWW-Form-Urlencoded"),
    ] {
        assert!(ask(&auth, None, content_type, body).is_ok());
    }
    for content_type in [
        None,
        Some(""),
        Some("application/json"),
        Some("multipart/form-data"),
    ] {
        let refused = ask(&auth, None, content_type, body).unwrap_err();
        assert_eq!(refused.error, RequestError::WrongContentType.into());
    }
    for (body, reason) in [
        (
            &b"grant_type=client_credentials&scope=a&scope=b"[..],
            FormError::Repeated,
        ),
        (
            b"grant_type=client_credentials&scope=%ff",
            FormError::NotUtf8,
        ),
    ] {
        let refused = ask(&auth, None, Some(FORM), body).unwrap_err();
        assert_eq!(refused.error, RequestError::MalformedForm(reason).into());
    }
}

#[test]
fn parameters_in_the_url_are_refused_and_unknown_ones_ignored() {
    let body = b"grant_type=client_credentials&foo=bar";
    let auth = [basic("service:s3cret")];
    assert!(ask(&auth, Some("foo=bar"), Some(FORM), body).is_ok());
    for query in [
        "client_secret=s3cret",
        "client_id=service",
        "x=1&grant_type=client_credentials",
        "subject_token_type=x",
        "id_token_hint=x",
    ] {
        let refused = ask(&auth, Some(query), Some(FORM), body).unwrap_err();
        assert!(
            matches!(
                refused.error,
                OAuthError::Request(RequestError::ParameterInQuery(_))
            ),
            "{query}"
        );
    }
}

#[test]
fn a_refusal_names_only_an_authenticated_client() {
    let refused =
        |header: &str| ask(&[basic(header)], None, Some(FORM), b"grant_type=x").unwrap_err();
    assert_eq!(refused("service:wrong").client, None);
    assert_eq!(
        refused("service:s3cret").client,
        Some("service".parse().unwrap())
    );
}

#[test]
fn a_request_has_the_credential_of_one_grant_alone() {
    let auth = [basic("service:s3cret")];
    let with = |name: &str| {
        let body = format!("grant_type=client_credentials&{name}=x");
        ask(&auth, None, Some(FORM), body.as_bytes())
    };
    for name in [
        "code",
        "refresh_token",
        "device_code",
        "subject_token",
        "assertion",
        "password",
    ] {
        let refused = with(name).unwrap_err().error;
        assert_eq!(refused, RequestError::OfOtherGrant(name).into());
    }
    assert!(
        with("code_verifier").is_ok(),
        "what proves nothing is passed over"
    );
}
