//! When the stack counts as ready: a real token has opened a protected route.

use crate::Ports;
use crate::http::{Answer, Http};

/// `service:service-secret` of the demo.
const SERVICE_CREDENTIALS: &str = "Basic c2VydmljZTpzZXJ2aWNlLXNlY3JldA==";

/// The filter's gauge of threads that hold keys: the workers and Envoy's main thread.
const WORKERS_WITH_KEYS: &str = "dockgate.workers_with_keys";

/// One thing that has to be true, and what was seen instead.
pub(crate) type Condition<'a> = (&'static str, Box<dyn Fn(&Http) -> Result<(), String> + 'a>);

/// What has to be true before Envoy is worth starting.
pub(crate) fn backends(ports: Ports) -> [Condition<'static>; 2] {
    [
        issuer(ports),
        (
            "the sample API's health",
            Box::new(move |http| {
                is_ok(http.get(&format!("http://127.0.0.1:{}/api/public/health", ports.api)))
                    .map(drop)
            }),
        ),
    ]
}

/// The issuer answers.
pub(crate) fn issuer(ports: Ports) -> Condition<'static> {
    (
        "the issuer's /readyz",
        Box::new(move |http| {
            is_ok(http.get(&format!("http://127.0.0.1:{}/readyz", ports.ops))).map(drop)
        }),
    )
}

/// Envoy serves.
pub(crate) fn envoy(ports: Ports) -> Condition<'static> {
    (
        "Envoy's /ready",
        Box::new(move |http| {
            is_ok(http.get(&format!("http://127.0.0.1:{}/ready", ports.admin))).map(drop)
        }),
    )
}

/// What has to be true of the filter in Envoy, in order.
pub(crate) fn front_door(ports: Ports, workers: u32) -> [Condition<'static>; 2] {
    [
        (
            "every worker to have keys",
            Box::new(move |http| workers_have_keys(http, ports, workers)),
        ),
        (
            "a token that opens /api/protected/data",
            Box::new(move |http| a_token_opens(http, ports)),
        ),
    ]
}

fn workers_have_keys(http: &Http, ports: Ports, workers: u32) -> Result<(), String> {
    let url = format!(
        "http://127.0.0.1:{}/stats?filter={WORKERS_WITH_KEYS}&format=json",
        ports.admin
    );
    let stats = is_ok(http.get(&url))?;
    match gauge(&stats) {
        // Envoy's main thread runs the filter too, and cannot be told from a worker: only when
        // one more than the workers have keys is no worker without.
        Some(value) if value > u64::from(workers) => Ok(()),
        Some(value) => Err(format!("{value} of {} threads", workers + 1)),
        None => Err(format!("no stat named {WORKERS_WITH_KEYS}")),
    }
}

fn gauge(stats: &str) -> Option<u64> {
    let stats: serde_json::Value = serde_json::from_str(stats).ok()?;
    let named = |stat: &&serde_json::Value| {
        stat.get("name")
            .and_then(serde_json::Value::as_str)
            .is_some_and(|name| name.ends_with(WORKERS_WITH_KEYS))
    };
    stats
        .get("stats")?
        .as_array()?
        .iter()
        .find(named)?
        .get("value")?
        .as_u64()
}

fn a_token_opens(http: &Http, ports: Ports) -> Result<(), String> {
    let origin = ports.origin();
    let form = "grant_type=client_credentials&scope=api:read";
    let answer = is_ok(http.post_form(&format!("{origin}/token"), SERVICE_CREDENTIALS, form))?;
    let answer: serde_json::Value = serde_json::from_str(&answer).map_err(|e| e.to_string())?;
    let token = answer
        .get("access_token")
        .and_then(serde_json::Value::as_str);
    let token = token.ok_or("the token answer has no access_token")?;
    is_ok(http.get_with_token(&format!("{origin}/api/protected/data"), token)).map(drop)
}

fn is_ok(answer: Answer) -> Result<String, String> {
    match answer? {
        (200, body) => Ok(body),
        (status, body) => Err(format!("{status} {}", body.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gauge_is_found_by_the_end_of_its_name() {
        let stats = r#"{"stats":[{"name":"wasmcustom.dockgate.workers_with_keys","value":2}]}"#;
        assert_eq!(gauge(stats), Some(2));
        assert_eq!(gauge(r#"{"stats":[{}]}"#), None);
        assert_eq!(gauge("no json"), None);
    }
}
