//! One question to Envoy's admin interface.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Less than what health checks are usually given.
const PATIENCE: Duration = Duration::from_secs(3);
/// An answer of a few lines is expected; whatever answers with more is not Envoy.
const LONGEST: u64 = 64 * 1024;

/// What a GET answers, if that is a 200.
pub(crate) fn get(admin: SocketAddr, path: &str) -> Result<String, String> {
    let answer = ask(admin, path).map_err(|error| error.to_string())?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or("its answer is not HTTP")?;
    match head.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        status => Err(format!(
            "{path} answers {}: {}",
            status.unwrap_or("without a status"),
            body.trim()
        )),
    }
}

fn ask(admin: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&admin, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {admin}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    Ok(answer)
}
