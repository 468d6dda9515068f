//! Says whether an Envoy with the filter is ready, for the health checks of an image that has no
//! shell: exit code 0 when it serves and every worker has an issuer's keys, 1 when not.
//!
//! Without an argument it asks the admin interface at 127.0.0.1:9901; the argument is another
//! address.

mod admin;
mod stats;

use std::net::SocketAddr;
use std::process::ExitCode;

/// Where `envoy/envoy.yaml` has the admin interface.
const ADMIN: &str = "127.0.0.1:9901";

fn main() -> ExitCode {
    let address = std::env::args().nth(1).unwrap_or_else(|| ADMIN.to_owned());
    match address.parse::<SocketAddr>() {
        Ok(admin) => match check(admin) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => {
                eprintln!("Envoy with its admin interface at {admin} is not ready: {reason}");
                ExitCode::FAILURE
            }
        },
        Err(_) => {
            eprintln!("{address:?} is no address: write an IP address and a port, as in {ADMIN}");
            ExitCode::FAILURE
        }
    }
}

fn check(admin: SocketAddr) -> Result<(), String> {
    admin::get(admin, "/ready")?;
    stats::every_worker_has_keys(&admin::get(admin, stats::PATH)?)
}
