//! Reading the access token of a request to the issuer itself (RFC 6750 §2).

use super::{BearerError, ClientRequest, Form, RequestError};

const PARAMETER: &str = "access_token";

/// The one access token of a request: in the `Authorization` header, or in a form
/// (RFC 6750 §2.1, §2.2). Never in the URL, where it would end up in logs (§5.3).
///
/// # Errors
/// [`BearerError`] for no token, for more than one and for what cannot be read.
pub(super) fn token(request: &ClientRequest<'_>) -> Result<String, BearerError> {
    let malformed = RequestError::MalformedForm;
    let query = Form::parse(request.query.unwrap_or_default().as_bytes()).map_err(malformed)?;
    if query.has(PARAMETER) {
        return Err(RequestError::ParameterInQuery(PARAMETER).into());
    }
    let header = header_token(&request.authorization)?;
    let form = if request.has_form() {
        Form::parse(request.body).map_err(malformed)?
    } else {
        Form::default()
    };
    match (header, form.get(PARAMETER)) {
        (None, None) => Err(BearerError::NoToken),
        (Some(token), None) | (None, Some(token)) => Ok(token.to_owned()),
        (Some(_), Some(_)) => Err(BearerError::SeveralTokens),
    }
}

/// Another scheme than `Bearer` is as good as no credentials: whoever sent it does not know yet
/// what is asked for.
pub(super) fn header_token<'r>(authorization: &[&'r [u8]]) -> Result<Option<&'r str>, BearerError> {
    let header = match authorization {
        [] => return Ok(None),
        [header] => header,
        _ => return Err(BearerError::SeveralTokens),
    };
    let mut parts = header.splitn(2, |byte| *byte == b' ');
    let scheme = parts.next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        return Ok(None);
    }
    let token = parts.next().unwrap_or_default().trim_ascii();
    if token.is_empty() || !token.iter().all(is_of_token) {
        return Err(BearerError::MalformedHeader);
    }
    let token = std::str::from_utf8(token).map_err(|_| BearerError::MalformedHeader)?;
    Ok(Some(token))
}

/// Whether a `b64token` has such bytes (RFC 6750 §2.1).
fn is_of_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &[u8] = b"application/x-www-form-urlencoded; charset=UTF-8";

    fn check(headers: &[&str], form: &str, expected: Result<&str, BearerError>) {
        let request = ClientRequest {
            authorization: headers.iter().map(|header| header.as_bytes()).collect(),
            content_type: Some(FORM),
            body: form.as_bytes(),
            ..ClientRequest::default()
        };
        let expected = expected.map(str::to_owned);
        assert_eq!(token(&request), expected, "{headers:?} {form}");
    }

    #[test]
    fn a_token_comes_in_the_header_or_in_a_form() {
        check(&["Bearer a.b-c_d~e+f/g="], "", Ok("a.b-c_d~e+f/g="));
        check(&["bEARER  abc "], "x=1", Ok("abc"));
        check(&[], "access_token=abc", Ok("abc"));
        check(&["Basic eDp5"], "access_token=abc", Ok("abc"));
    }

    #[test]
    fn there_is_exactly_one_token() {
        use BearerError::*;
        check(&[], "", Err(NoToken));
        check(&[], "access_token=", Err(NoToken));
        check(&["Basic eDp5"], "", Err(NoToken));
        check(&["Bearerabc"], "", Err(NoToken));
        for header in [
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer a,b",
            "Bearer \u{e9}",
        ] {
            check(&[header], "", Err(MalformedHeader));
        }
        check(&["Bearer a", "Bearer a"], "", Err(SeveralTokens));
        check(&["Bearer a"], "access_token=a", Err(SeveralTokens));
        let repeated = RequestError::MalformedForm(crate::protocol::FormError::Repeated);
        check(&[], "access_token=a&access_token=a", Err(repeated.into()));
    }

    #[test]
    fn a_body_that_is_no_form_has_no_token() {
        let request = ClientRequest {
            content_type: Some(b"application/json"),
            body: b"access_token=abc",
            ..ClientRequest::default()
        };
        assert_eq!(token(&request), Err(BearerError::NoToken));
    }

    #[test]
    fn a_token_in_the_url_is_refused_beside_any_other() {
        for authorization in [vec![], vec![&b"Bearer abc"[..]]] {
            let request = ClientRequest {
                query: Some("access_token=abc"),
                authorization,
                ..ClientRequest::default()
            };
            let error = RequestError::ParameterInQuery("access_token");
            assert_eq!(token(&request), Err(error.into()));
        }
    }
}
