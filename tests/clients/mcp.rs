//! Clients of the Model Context Protocol, each from nothing but a server's URL.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use dockgate_stack::{Deadline, Edit, Ports, Process, Stack, StackOptions, demo_dir, repository};
use dockgate_tests::Shared;

use crate::client::open_demo;
use crate::javascript::CLIENTS;
use crate::{crates, javascript, python};

/// A server of the TypeScript SDK behind Envoy.
struct Mcp {
    stack: Stack,
    _server: Process,
}

/// One for all tests.
#[track_caller]
fn mcp() -> Arc<Mcp> {
    static MCP: Shared<Mcp> = Shared::new();
    MCP.get(start)
}

fn start() -> Result<Mcp, String> {
    let port = Ports::free().map_err(|error| error.to_string())?.api;
    let mut command = CLIENTS.script("mcp-server.mjs");
    command.arg(port.to_string());
    let log = demo_dir().join("logs/mcp-server.log");
    let server = Process::start("mcp-server", command, &log).map_err(|error| error.to_string())?;
    let listens = || TcpStream::connect(("127.0.0.1", port)).ok();
    if Deadline::after(Duration::from_secs(30))
        .poll(listens)
        .is_none()
    {
        return Err(server.last_lines());
    }
    let rule = "                    # The API.\n";
    let rules = "                    - { path: /mcp, require: { all_scopes: [\"api:read\"] } }
                    - { path: /mcp/write, require: { all_scopes: [\"api:write\"] } }\n";
    let route = "              # CHANGE: the API. No limit";
    let routes =
        "              - { match: { prefix: /mcp }, route: { cluster: mcp, timeout: 0s } }\n";
    let clusters = "  clusters:\n";
    let cluster = format!(
        "  - name: mcp
    type: STATIC
    load_assignment:
      cluster_name: mcp
      endpoints:
      - lb_endpoints:
        - endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }}\n"
    );
    let options = StackOptions {
        envoy_edits: vec![
            Edit::once(rule, format!("{rules}{rule}")),
            Edit::once(route, format!("{routes}{route}")),
            Edit::once(clusters, format!("{clusters}{cluster}")),
        ],
        issuer_config: vec![repository().join("envoy/issuer.mcp.toml")],
        ..StackOptions::default()
    };
    let stack = Stack::start(options).map_err(|error| error.to_string())?;
    Ok(Mcp {
        stack,
        _server: server,
    })
}

#[test]
fn the_sdk_for_typescript() {
    javascript::client("@modelcontextprotocol/sdk", "mcp-sdk.mjs").run(&mcp().stack);
}

#[test]
fn the_sdk_for_python() {
    python::client("mcp", "mcp_client.py").run(&mcp().stack);
}

#[test]
fn the_sdk_for_rust() {
    crates::client("rmcp").run(&mcp().stack);
}

#[test]
fn the_conformance_suite() {
    javascript::client("@modelcontextprotocol/conformance", "conformance.mjs").run(&open_demo());
}
