//! An issuer that others wrote, for our filter.

use std::net::TcpStream;
use std::time::Duration;

use dockgate_stack::{Deadline, Edit, Ports, Process, Stack, StackOptions, demo_dir};
use dockgate_tests::authorization_server::{basic, service_token};
use dockgate_tests::http::{Response, get, post};

use crate::client::Record;
use crate::javascript::PEER;

const ALGORITHMS: [&str; 3] = ["RS256", "ES256", "EdDSA"];

/// One that signs access tokens with one algorithm.
struct Issuer {
    port: u16,
    _server: Process,
}

impl Issuer {
    #[track_caller]
    fn start(algorithm: &str) -> Self {
        let port = Ports::free().unwrap().api;
        let dir = demo_dir().join("clients");
        std::fs::create_dir_all(&dir).unwrap();
        let file = |extension| dir.join(format!("oidc-provider-{algorithm}.{extension}"));
        for left in [file("json"), file("log")] {
            let _ = std::fs::remove_file(left);
        }
        let mut command = PEER.script("server.mjs");
        command
            .arg(port.to_string())
            .arg(algorithm)
            .arg(file("json"));
        let server = Process::start("oidc-provider", command, &file("log")).unwrap();
        let listens = || TcpStream::connect(("127.0.0.1", port)).ok();
        let up = Deadline::after(Duration::from_secs(30)).poll(listens);
        assert!(up.is_some(), "{}", server.last_lines());
        Self {
            port,
            _server: server,
        }
    }

    /// A token of its client `service`.
    #[track_caller]
    fn token(&self, scope: &str) -> String {
        let answer = post("/token")
            .header("authorization", basic("service", "service-secret"))
            .form(&[("grant_type", "client_credentials"), ("scope", scope)])
            .send(self.port);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Its place among the filter's issuers.
    fn settings(&self) -> String {
        let port = self.port;
        format!(
            "                    - issuer: http://localhost:{port}
                      audiences: [api-gateway]
                      jwks: {{ cluster: issuer-{port}, uri: \"http://localhost:{port}/jwks\" }}\n"
        )
    }

    fn cluster(&self) -> String {
        let port = self.port;
        format!(
            "  - name: issuer-{port}
    type: STATIC
    load_assignment:
      cluster_name: issuer-{port}
      endpoints:
      - lb_endpoints:
        - endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }}\n"
        )
    }
}

#[test]
fn oidc_provider() {
    let mut record = Record::of("oidc-provider", "npm", PEER.version("oidc-provider"));
    let issuers = ALGORITHMS.map(Issuer::start);
    let all = |part: fn(&Issuer) -> String| issuers.iter().map(part).collect::<String>();
    let (before, clusters) = (
        "                    # CHANGE: the URIs by which clients know your API",
        "  clusters:\n",
    );
    let stack = Stack::start(StackOptions {
        envoy_edits: vec![
            Edit::once(before, all(Issuer::settings) + before),
            Edit::once(clusters, clusters.to_owned() + &all(Issuer::cluster)),
        ],
        ..StackOptions::default()
    });
    let stack = stack.unwrap_or_else(|error| panic!("{error}"));
    let call = |method: fn(&str) -> dockgate_tests::http::Request, token: &str| -> Response {
        let request = method("/api/protected/data").bearer(token);
        request.send(stack.ports().http)
    };
    for (issuer, algorithm) in issuers.iter().zip(ALGORITHMS) {
        let token = issuer.token("api:read");
        // The stack waits for the keys of its own issuer only.
        let admitted = Deadline::after(Duration::from_secs(30))
            .poll(|| Some(call(|path| get(path), &token)).filter(|answer| answer.status == 200));
        let answer =
            admitted.unwrap_or_else(|| panic!("{}", call(|path| get(path), &token).text()));
        assert_eq!(answer.json()["user"], "service");
        assert_eq!(call(|path| post(path), &token).status, 403);
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let altered: String = signature.chars().rev().collect();
        let altered = format!("{rest}.{altered}");
        assert_eq!(call(|path| get(path), &altered).status, 401);
        record.exercised(&format!("its {algorithm} tokens at our filter"));
    }
    let own = service_token(&stack, "api:read");
    assert_eq!(call(|path| get(path), &own).status, 200);
    record.exercised("our own issuer beside it");
    record.works();
}
