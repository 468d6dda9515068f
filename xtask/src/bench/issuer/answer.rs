//! What a right answer is. During the warm-up every answer is taken apart; while time is measured,
//! only what the next request needs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::bench::algorithm::Format;
use crate::bench::http::find;

/// What has to be in the body of a 200.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// An access token and nothing else.
    AccessToken(Format),
    /// An access token and a refresh token.
    WithRefreshToken(Format),
    /// `active: true` (RFC 7662 §2.2).
    Active,
}

impl Expected {
    /// Checks a body; gives how many signatures had to be made for it.
    pub(super) fn check(self, body: &[u8]) -> Result<u32, String> {
        let answer: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        match self {
            Self::Active => match answer.get("active") {
                Some(Value::Bool(true)) => Ok(0),
                _ => Err(format!("the token is not active: {answer}")),
            },
            Self::AccessToken(format) | Self::WithRefreshToken(format) => {
                let token = text("access_token").ok_or("no access_token")?;
                let signed = format_of(token)?;
                if signed != format.header() {
                    return Err(format!("an access token of another kind: {signed:?}"));
                }
                let wants_refresh = matches!(self, Self::WithRefreshToken(_));
                if text("refresh_token").is_some() != wants_refresh {
                    return Err(format!("refresh_token: {:?}", text("refresh_token")));
                }
                if text("id_token").is_some() {
                    return Err("an ID token, which nobody asked for".to_owned());
                }
                Ok(u32::from(signed.is_some()))
            }
        }
    }
}

/// The `alg` in a JWT's header; `None` for what is no JWT.
fn format_of(token: &str) -> Result<Option<String>, String> {
    let Some((header, _)) = token.split_once('.') else {
        return Ok(None);
    };
    let header = URL_SAFE_NO_PAD
        .decode(header)
        .map_err(|error| format!("a JWT's header: {error}"))?;
    let header: Value = serde_json::from_slice(&header).map_err(|error| error.to_string())?;
    let algorithm = header.get("alg").and_then(Value::as_str);
    Ok(algorithm.map(str::to_owned))
}

/// The refresh token in an answer, without taking the rest apart. Both servers write JSON without
/// white space, and their tokens need no escapes; the warm-up would show it if they did.
pub(super) fn refresh_token(body: &[u8]) -> Option<&str> {
    const KEY: &[u8] = b"\"refresh_token\":\"";
    let begin = find(body, KEY)? + KEY.len();
    let rest = body.get(begin..)?;
    let end = rest.iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(rest.get(..end)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::algorithm::Algorithm;

    const EDDSA: Format = Format::Jwt(Algorithm::EdDSA);

    fn body(header: &str, rest: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(header);
        format!(r#"{{"access_token":"{header}.e30.c2ln"{rest}}}"#)
    }

    #[test]
    fn an_answer_must_be_the_one_expected() {
        let right = body(r#"{"alg":"EdDSA"}"#, "");
        let refresh = body(r#"{"alg":"EdDSA"}"#, r#","refresh_token":"r""#);
        let table = [
            (Expected::AccessToken(EDDSA), right.clone(), Some(1)),
            (Expected::AccessToken(EDDSA), refresh.clone(), None),
            (Expected::WithRefreshToken(EDDSA), refresh, Some(1)),
            (Expected::WithRefreshToken(EDDSA), right.clone(), None),
            (
                Expected::AccessToken(EDDSA),
                body(r#"{"alg":"RS256"}"#, ""),
                None,
            ),
            (
                Expected::AccessToken(EDDSA),
                body(r#"{"alg":"EdDSA"}"#, r#","id_token":"x""#),
                None,
            ),
            (
                Expected::AccessToken(Format::Opaque),
                r#"{"access_token":"opaque"}"#.to_owned(),
                Some(0),
            ),
            (Expected::AccessToken(Format::Opaque), right, None),
            (Expected::Active, r#"{"active":true}"#.to_owned(), Some(0)),
            (Expected::Active, r#"{"active":false}"#.to_owned(), None),
        ];
        for (expected, body, signatures) in table {
            assert_eq!(
                expected.check(body.as_bytes()).ok(),
                signatures,
                "{expected:?} {body}"
            );
        }
    }

    #[test]
    fn the_refresh_token_is_found() {
        let body = br#"{"access_token":"a","refresh_token":"r-1","scope":"s"}"#;
        assert_eq!(refresh_token(body), Some("r-1"));
        assert_eq!(refresh_token(b"{}"), None);
    }
}
