//! Pages of other origins: which may announce a request, and read the filter's own answers
//! (Fetch, CORS protocol).

use std::borrow::Cow;

use crate::decision::Request;

/// The origins whose pages may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum CorsPolicy {
    /// None: a preflight is an ordinary request.
    #[default]
    Off,
    /// These, byte for byte.
    Origins(Vec<String>),
    /// Every origin there is.
    Any,
}

impl CorsPolicy {
    /// What `Access-Control-Allow-Origin` says to this request's origin, if it may call. An origin
    /// that comes twice is none.
    fn allowed(&self, headers: &[(&[u8], &[u8])]) -> Option<&str> {
        let origin = only(headers, b"origin")?;
        match self {
            Self::Off => None,
            Self::Any => Some("*"),
            Self::Origins(origins) => origins
                .iter()
                .find(|own| own.as_bytes() == origin)
                .map(String::as_str),
        }
    }

    /// The method that a preflight from an allowed origin announces; `None` for what is no such
    /// preflight.
    pub(crate) fn announced_method<'a>(&self, request: &Request<'a>) -> Option<&'a [u8]> {
        if request.method != b"OPTIONS" || *self == Self::Off {
            return None;
        }
        let method = only(request.headers, b"access-control-request-method")?;
        self.allowed(request.headers).map(|_| method)
    }

    /// What lets a page read an answer of the filter's own, and keeps caches from giving it to a
    /// page of another origin.
    pub(crate) fn headers_for(
        &self,
        headers: &[(&[u8], &[u8])],
    ) -> Vec<(&'static str, Cow<'static, str>)> {
        let mut answer = Vec::new();
        if let Self::Origins(_) = self {
            answer.push(("vary", "Origin".into()));
        }
        if let Some(origin) = self.allowed(headers) {
            answer.push(("access-control-allow-origin", origin.to_owned().into()));
            answer.push(("access-control-expose-headers", "WWW-Authenticate".into()));
        }
        answer
    }
}

/// The value of a header that came once and is not empty.
fn only<'a>(headers: &[(&'a [u8], &'a [u8])], name: &[u8]) -> Option<&'a [u8]> {
    let mut values = headers
        .iter()
        .filter(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| *value);
    let value = values.next()?;
    (values.next().is_none() && !value.is_empty()).then_some(value)
}
