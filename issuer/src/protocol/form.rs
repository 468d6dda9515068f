//! Parameters in `application/x-www-form-urlencoded` form (RFC 6749 Appendix B).

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode;
use url::form_urlencoded::Serializer;

/// More parameters than any request of the protocol has; a bound on work per request.
pub const MAX_PARAMETERS: usize = 64;

/// More parameters than a page of ours sends back, with a box for each scope that is asked for.
const MAX_PAGE_PARAMETERS: usize = 1024;

/// Parameters that have a value. One sent without a value counts as omitted, and one that nobody
/// asks for is ignored (RFC 6749 §3.2).
#[derive(Debug, Default)]
pub struct Form<'a> {
    parameters: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    repeats: bool,
}

/// Why a form was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormError {
    /// A name or value is not UTF-8 once decoded.
    NotUtf8,
    /// There are more than [`MAX_PARAMETERS`], or in a page's form more than any page has.
    TooMany,
    /// A parameter comes more than once (RFC 6749 §3.2).
    Repeated,
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("the parameters are not UTF-8"),
            Self::TooMany => f.write_str("there are too many parameters"),
            Self::Repeated => f.write_str("a parameter is repeated"),
        }
    }
}

impl std::error::Error for FormError {}

/// The parameters that may come more than once (RFC 8707 §2, RFC 8693 §2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// The parameters of an authorization request without which it is not known whose it is, or where and how
/// an error goes back, and with which value of `state` (RFC 6749 §4.1.2.1: "the exact value received").
const LEADING: [&str; 7] = [
    "client_id",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "state",
];

/// What of a form may come more than once.
#[derive(Clone, Copy)]
enum Repeatable<'a> {
    /// These and no others.
    Only(&'a [&'a str]),
    /// [`REPEATABLE`]; others, but for [`LEADING`], are left to who can tell the client of it.
    ToBeTold,
}

impl<'a> Form<'a> {
    /// Decodes a form.
    ///
    /// # Errors
    /// [`FormError`]. Repetition counts even where a value is empty: what the client meant is
    /// unclear all the same.
    pub fn parse(encoded: &'a [u8]) -> Result<Self, FormError> {
        Self::parse_with(encoded, Repeatable::Only(&REPEATABLE), MAX_PARAMETERS)
    }

    /// Decodes the form of a page, where each box that is ticked is a `scope`.
    ///
    /// # Errors
    /// [`FormError`].
    pub fn parse_page(encoded: &'a [u8]) -> Result<Self, FormError> {
        Self::parse_with(encoded, Repeatable::Only(&["scope"]), MAX_PAGE_PARAMETERS)
    }

    /// Decodes an authorization request. Where something comes twice that has no part in where an answer
    /// goes, [`Form::repeats`] says so, for the client to be told (RFC 6749 §4.1.2.1).
    ///
    /// # Errors
    /// [`FormError`].
    pub fn parse_authorization(encoded: &'a [u8]) -> Result<Self, FormError> {
        Self::parse_with(encoded, Repeatable::ToBeTold, MAX_PARAMETERS)
    }

    fn parse_with(
        encoded: &'a [u8],
        repeatable: Repeatable<'_>,
        most: usize,
    ) -> Result<Self, FormError> {
        let mut repeats = false;
        let mut parameters: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::new();
        for pair in encoded
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            if parameters.len() == most {
                return Err(FormError::TooMany);
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            if parameters.iter().any(|(earlier, _)| *earlier == name) {
                let name = name.as_ref();
                match repeatable {
                    Repeatable::Only(names) if names.contains(&name) => {}
                    Repeatable::ToBeTold if REPEATABLE.contains(&name) => {}
                    Repeatable::ToBeTold if !LEADING.contains(&name) => repeats = true,
                    _ => return Err(FormError::Repeated),
                }
            }
            parameters.push((name, value));
        }
        parameters.retain(|(_, value)| !value.is_empty());
        Ok(Self {
            parameters,
            repeats,
        })
    }

    /// Whether something comes twice that may not. Never but of [`Form::parse_authorization`].
    pub fn repeats(&self) -> bool {
        self.repeats
    }

    /// The value of a parameter that comes at most once.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// Every value of a parameter, in the order sent.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.parameters
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.as_ref())
    }

    /// The parameters in form encoding, as they are sent on in a URL.
    pub fn encode(&self) -> String {
        let mut encoded = Serializer::new(String::new());
        encoded.extend_pairs(&self.parameters);
        encoded.finish()
    }

    /// Whether a parameter of that name was sent with a value.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// Decodes `+` and percent-encoding, strictly UTF-8.
pub(super) fn decode(encoded: &[u8]) -> Result<Cow<'_, str>, FormError> {
    let decoded: Cow<'_, [u8]> = if encoded.contains(&b'+') {
        let spaced = encoded
            .iter()
            .map(|byte| if *byte == b'+' { b' ' } else { *byte });
        let spaced: Vec<u8> = spaced.collect();
        Cow::Owned(percent_decode(&spaced).collect())
    } else {
        percent_decode(encoded).into()
    };
    match decoded {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .map_err(|_| FormError::NotUtf8),
        Cow::Owned(bytes) => String::from_utf8(bytes)
            .map(Cow::Owned)
            .map_err(|_| FormError::NotUtf8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded() {
        let form = Form::parse(b"scope=api%3Aread+api:write&x=%C3%A9&y=a=b").unwrap();
        assert_eq!(form.get("scope"), Some("api:read api:write"));
        assert_eq!(
            (form.get("x"), form.get("y")),
            (Some("\u{e9}"), Some("a=b"))
        );
    }

    #[test]
    fn an_empty_value_counts_as_omitted() {
        let form = Form::parse(b"scope=&resource&&=x").unwrap();
        assert!(!form.has("scope") && !form.has("resource"));
    }

    #[test]
    fn a_repeated_parameter_is_refused_unless_it_may_be_repeated() {
        for body in [
            "scope=a&scope=b",
            "scope=a&scope=",
            "x=1&x=1",
            "%73cope=a&scope=b",
        ] {
            assert_eq!(
                Form::parse(body.as_bytes()).err(),
                Some(FormError::Repeated),
                "{body}"
            );
        }
        let form = Form::parse(b"resource=a&resource=b").unwrap();
        assert_eq!(form.get_all("resource").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_repeated_parameter_of_an_authorization_request_is_told_where_it_is_known_to_whom() {
        for (query, repeats) in [
            ("client_id=a&scope=b&resource=x&resource=y", Ok(false)),
            ("client_id=a&scope=b&scope=c", Ok(true)),
            ("client_id=a&scope=b&scope=", Ok(true)),
            ("client_id=a&foo=1&foo=1", Ok(true)),
            ("client_id=a&client_id=a", Err(FormError::Repeated)),
            ("redirect_uri=a&redirect_uri=b", Err(FormError::Repeated)),
            ("state=a&state=b", Err(FormError::Repeated)),
            ("response_type=a&response_type=b", Err(FormError::Repeated)),
            ("response_mode=a&response_mode=b", Err(FormError::Repeated)),
            ("request_uri=a&request_uri=b", Err(FormError::Repeated)),
        ] {
            let form = Form::parse_authorization(query.as_bytes());
            assert_eq!(form.map(|form| form.repeats()), repeats, "{query}");
        }
        let query = "client_id=a&scope=b&scope=c";
        let form = Form::parse_authorization(query.as_bytes()).unwrap();
        assert_eq!(form.encode(), query);
    }

    #[test]
    fn a_page_may_have_several_boxes_and_nothing_else_twice() {
        let form = Form::parse_page(b"scope=a&scope=b&flow=x").unwrap();
        assert_eq!(form.get_all("scope").collect::<Vec<_>>(), ["a", "b"]);
        for body in [&b"flow=x&flow=y"[..], b"resource=a&resource=b"] {
            assert_eq!(Form::parse_page(body).err(), Some(FormError::Repeated));
        }
    }

    #[test]
    fn what_is_encoded_again_says_the_same() {
        let text = "state=%26%3D+%C3%A9%00&resource=a&resource=b";
        let form = Form::parse(text.as_bytes()).unwrap();
        assert_eq!(form.encode(), text);
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_refused() {
        for body in [&b"scope=%ff"[..], b"scope=\xff", b"%c3=a", b"a=+%ff"] {
            assert_eq!(Form::parse(body).err(), Some(FormError::NotUtf8));
        }
    }

    #[test]
    fn a_flood_of_parameters_is_refused() {
        let flood = |most| {
            let pairs: Vec<_> = (0..=most).map(|n| format!("p{n}=1")).collect();
            pairs.join("&")
        };
        let (form, page) = (flood(MAX_PARAMETERS), flood(MAX_PAGE_PARAMETERS));
        let too_many = Some(FormError::TooMany);
        assert_eq!(Form::parse(form.as_bytes()).err(), too_many);
        assert_eq!(Form::parse_page(page.as_bytes()).err(), too_many);
        let boxes = vec!["scope=a"; MAX_PARAMETERS + 1].join("&");
        assert!(Form::parse_page(boxes.as_bytes()).is_ok());
    }

    #[test]
    fn broken_percent_encoding_is_taken_as_it_is() {
        assert_eq!(Form::parse(b"a=%zz%").unwrap().get("a"), Some("%zz%"));
    }
}
