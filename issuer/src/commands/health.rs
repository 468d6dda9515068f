//! `health`: asks the running issuer's operations listener, for images that have no shell.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use dockgate_issuer::config;

use super::failure::Failure;

/// Less than the interval at which orchestrators usually ask.
const TIMEOUT: Duration = Duration::from_secs(3);

pub(crate) fn run(path: &Path) -> ExitCode {
    let loaded = config::load_ops_address(path, super::variables());
    let address = match super::or_exit_code(loaded) {
        Ok(address) => reachable(address),
        Err(code) => return code,
    };
    match ask(address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(unready) => Failure::from(unready.sentence(address)).end(),
    }
}

/// Why the issuer is not to be sent requests.
enum Unready {
    /// The system chooses the port at each start, and tells nobody.
    NoPort,
    /// Nobody is there, for this reason.
    NotThere(io::Error),
    /// Somebody is there and says nothing in time.
    Silent,
    /// It says so itself.
    Said,
    /// What answers is something else.
    Stranger,
}

impl Unready {
    fn sentence(&self, address: SocketAddr) -> String {
        match self {
            Self::NoPort => format!(
                "listen.ops is {address}, and nobody can know which port the system has chosen for it: set it (or DOCKGATE_LISTEN_OPS) to one"
            ),
            Self::NotThere(error) => format!(
                "no issuer answers at {address}: {error}. Start it with `serve`; where it runs, name the configuration that it was started with, whose listen.ops (or DOCKGATE_LISTEN_OPS) says where it is asked"
            ),
            Self::Silent => format!(
                "the issuer at {address} has not answered within {} seconds: it is overloaded or stuck, and its log may say why",
                TIMEOUT.as_secs()
            ),
            Self::Said => format!(
                "the issuer at {address} is not ready: it is stopping, or its store has failed, which its log says"
            ),
            Self::Stranger => format!(
                "what answers at {address} is no issuer: see that listen.ops (or DOCKGATE_LISTEN_OPS) is what the issuer was started with"
            ),
        }
    }
}

impl From<io::Error> for Unready {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // Of a time that is over, the system says the one or the other.
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::Silent,
            io::ErrorKind::UnexpectedEof => Self::Stranger,
            _ => Self::NotThere(error),
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

fn ask(address: SocketAddr) -> Result<(), Unready> {
    if address.port() == 0 {
        return Err(Unready::NoPort);
    }
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n")?;
    let mut status = [0; b"HTTP/1.0 200".len()];
    stream.read_exact(&mut status)?;
    match status.as_slice() {
        b"HTTP/1.0 200" => Ok(()),
        b"HTTP/1.0 503" => Err(Unready::Said),
        _ => Err(Unready::Stranger),
    }
}
