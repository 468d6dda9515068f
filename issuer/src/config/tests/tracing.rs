//! `[tracing]`.

use super::*;

fn traced(table: &str) -> Result<Config, ConfigError> {
    parse_text(&format!("{DEMO}\n[tracing]\n{table}\n"), &[])
}

#[test]
fn an_endpoint_is_a_base_url() {
    for (url, host, authority, path) in [
        (
            "http://127.0.0.1:4318",
            "127.0.0.1",
            "127.0.0.1:4318",
            "/v1/traces",
        ),
        ("http://[::1]:4318/", "::1", "[::1]:4318", "/v1/traces"),
        ("http://otel.svc", "otel.svc", "otel.svc:80", "/v1/traces"),
        (
            "http://otel.svc:1/a/",
            "otel.svc",
            "otel.svc:1",
            "/a/v1/traces",
        ),
    ] {
        let config = traced(&format!("otlp_endpoint = \"{url}\"")).unwrap();
        let endpoint = config.tracing.endpoint.unwrap();
        assert_eq!(endpoint.host(), host, "{url}");
        assert_eq!(endpoint.authority(), authority, "{url}");
        assert_eq!(endpoint.traces().to_string(), path, "{url}");
    }
}

#[test]
fn what_is_wrong_with_an_endpoint_is_said() {
    for (url, said) in [
        ("127.0.0.1:4318", "is no URL"),
        ("grpc://127.0.0.1:4317", "is no http URL"),
        (
            "https://127.0.0.1:4318",
            "is https, which is not spoken to collectors",
        ),
        ("http://127.0.0.1:4318?a=b", "has a query or a fragment"),
        ("http://127.0.0.1:4318#a", "has a query or a fragment"),
        (
            "http://me:hunter2@127.0.0.1",
            "has a user name or a password in it",
        ),
    ] {
        let error = traced(&format!("otlp_endpoint = \"{url}\"")).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(said), "{error}");
        assert!(error.contains("http://127.0.0.1:4318"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn other_values_out_of_bounds_are_refused() {
    for (line, said) in [
        ("sample_ratio = 1.5", "tracing.sample_ratio is 1.5"),
        ("sample_ratio = -1", "tracing.sample_ratio is -1"),
        ("sample_ratio = nan", "tracing.sample_ratio is NaN"),
        (
            "service_name = \" \"",
            "tracing.service_name \" \" is no name",
        ),
        ("service_name = \"a\\nb\"", "is no name"),
    ] {
        let error = traced(line).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert!(traced("sample_ratio = 1").is_ok(), "a whole number is one");
}
