//! An API that answers with the very bytes of the request, chunks and trailers included.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

/// Starts it and gives its port. Its thread ends with the process.
///
/// # Panics
/// When no port is free.
pub fn start() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A proxy that went away is no matter.
            let _ = answer(stream);
        }
    });
    port
}

/// Reads a chunked request to its end, which is the empty line after the last chunk and trailers.
fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    let ended = |request: &[u8]| {
        let text = String::from_utf8_lossy(request);
        text.split_once("\r\n0\r\n")
            .is_some_and(|(_, trailers)| trailers.ends_with("\r\n"))
    };
    while !ended(&request) {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece)?;
        if read == 0 {
            break;
        }
        request.extend_from_slice(&piece[..read]);
    }
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        request.len()
    )?;
    stream.write_all(&request)
}
