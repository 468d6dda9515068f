//! Shows what reaches the API: `{"name": ["value", …], …}`, names in lower case, the values of a
//! repeated header in their order, bytes that are not UTF-8 as U+FFFD.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::HeaderMap;

/// `GET /api/echo`.
pub(crate) async fn headers(headers: HeaderMap) -> Json<BTreeMap<String, Vec<String>>> {
    Json(by_name(&headers))
}

fn by_name(headers: &HeaderMap) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        all.entry(name.to_string()).or_default().push(value);
    }
    all
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn repeated_headers_and_odd_bytes_are_visible() {
        let mut sent = HeaderMap::new();
        sent.append("x-a", HeaderValue::from_static("1"));
        sent.append("x-a", HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(by_name(&sent)["x-a"], ["1", "\u{fffd}"]);
    }
}
