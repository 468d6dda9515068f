//! `health`: asks the running issuer's operations listener, for images that have no shell.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use dockgate_issuer::config;

/// Less than the interval at which orchestrators usually ask.
const TIMEOUT: Duration = Duration::from_secs(3);

pub(crate) fn run(path: &Path) -> ExitCode {
    let loaded = config::load_ops_address(path, super::variables());
    let address = match super::or_exit_code(loaded) {
        Ok(address) => reachable(address),
        Err(code) => return code,
    };
    match ask(address) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("the issuer at {address} is not ready");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("the issuer at {address} does not answer: {error}");
            ExitCode::FAILURE
        }
    }
}

/// An unspecified address is one to listen on, not to connect to.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

fn ask(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n")?;
    let mut status = [0; b"HTTP/1.0 200".len()];
    stream.read_exact(&mut status)?;
    Ok(status.ends_with(b" 200"))
}
