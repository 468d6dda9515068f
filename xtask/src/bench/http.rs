//! As little of HTTP/1.1 as the load needs, and as cheap: the client shares the machine with what
//! it measures.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than any answer takes that is worth waiting for.
const PATIENCE: Duration = Duration::from_secs(20);
/// More than any page or token answer.
const LARGEST: usize = 1 << 20;
const HEAD_END: &[u8] = b"\r\n\r\n";

/// A connection that is kept alive.
pub(super) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer, in the connection's buffer until the next.
pub(super) struct Response<'a> {
    pub(super) status: u16,
    head: &'a str,
    pub(super) body: &'a [u8],
}

impl Response<'_> {
    /// The values of a header, each occurrence apart.
    pub(super) fn header(&self, name: &str) -> impl Iterator<Item = &str> {
        values(self.head, name)
    }

    /// The status and the beginning of the body, for an error.
    pub(super) fn summary(&self) -> String {
        let body = String::from_utf8_lossy(self.body);
        let beginning: String = body.chars().take(300).collect();
        format!("{} {}", self.status, beginning.trim())
    }
}

impl Connection {
    pub(super) fn open(port: u16) -> Result<Self, String> {
        let open = || -> std::io::Result<TcpStream> {
            let stream = TcpStream::connect(("127.0.0.1", port))?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(stream)
        };
        Ok(Self {
            stream: open().map_err(|error| format!("no connection to port {port}: {error}"))?,
            received: Vec::with_capacity(8192),
        })
    }

    /// Sends a whole request and waits for its answer.
    pub(super) fn exchange(&mut self, request: &[u8]) -> Result<Response<'_>, String> {
        self.send(request)?;
        self.response()
    }

    /// Sends a whole request.
    pub(super) fn send(&mut self, request: &[u8]) -> Result<(), String> {
        self.stream
            .write_all(request)
            .map_err(|error| format!("not sent: {error}"))
    }

    /// Waits for the answer to the request that was sent last.
    pub(super) fn response(&mut self) -> Result<Response<'_>, String> {
        self.received.clear();
        let head_length = loop {
            self.receive()?;
            if let Some(end) = find(&self.received, HEAD_END) {
                break end + HEAD_END.len();
            }
        };
        let head = self.received.get(..head_length).unwrap_or_default();
        let head = std::str::from_utf8(head).map_err(|_| "a head that is not UTF-8")?;
        let body_length = values(head, "content-length")
            .next()
            .and_then(|length| length.parse::<usize>().ok());
        // A redirect without a body may leave its length out.
        let length = match body_length {
            Some(length) => length,
            None if values(head, "transfer-encoding").next().is_none() => 0,
            None => return Err(format!("an answer of no known length:\n{head}")),
        };
        while self.received.len() < head_length + length {
            self.receive()?;
        }
        let (head, body) = self
            .received
            .split_at_checked(head_length)
            .unwrap_or_default();
        let head = std::str::from_utf8(head).unwrap_or_default();
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        Ok(Response {
            status: status.ok_or_else(|| format!("no status:\n{head}"))?,
            head,
            body,
        })
    }

    fn receive(&mut self) -> Result<(), String> {
        let mut chunk = [0; 8192];
        let read = match self.stream.read(&mut chunk) {
            Ok(0) => return Err("the connection was closed".to_owned()),
            Ok(read) => chunk.get(..read).unwrap_or_default(),
            Err(error) => return Err(format!("no answer: {error}")),
        };
        self.received.extend_from_slice(read);
        if self.received.len() > LARGEST {
            return Err("an answer without an end".to_owned());
        }
        Ok(())
    }
}

fn values<'a>(head: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    head.split("\r\n").filter_map(move |line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Where `wanted` begins.
pub(super) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

/// What one side of a connection says of itself in every request.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// Where it really listens, at 127.0.0.1.
    pub(super) port: u16,
}

impl Origin {
    /// The host and port that are in the issuer identifier.
    fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.host())
    }

    /// A GET request; `headers` end with a line break each.
    pub(super) fn get(&self, path: &str, headers: &str) -> Vec<u8> {
        format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n",
            self.host()
        )
        .into_bytes()
    }

    /// A POST request with a form; `headers` end with a line break each.
    pub(super) fn post(&self, path: &str, headers: &str, form: &str) -> Vec<u8> {
        format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\n{headers}\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.host(),
            form.len()
        )
        .into_bytes()
    }
}

/// Percent-encodes a value of a form (WHATWG URL §5.2, with %20 for the space).
pub(super) fn encoded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// Answers every request on one connection with `answer`, in two parts.
    fn server(answer: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            while stream.read(&mut request).is_ok_and(|read| read > 0) {
                let (first, rest) = answer.split_at(answer.len() / 2);
                stream.write_all(first.as_bytes()).unwrap();
                stream.flush().unwrap();
                stream.write_all(rest.as_bytes()).unwrap();
            }
        });
        port
    }

    #[test]
    fn an_answer_is_read_whole_and_the_connection_kept() {
        let port = server(
            "HTTP/1.1 303 See Other\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 5\r\n\r\nhello",
        );
        let mut connection = Connection::open(port).unwrap();
        for _ in 0..2 {
            let response = connection.exchange(&Origin { port }.get("/", "")).unwrap();
            assert_eq!(response.status, 303);
            assert_eq!(response.body, b"hello");
            let cookies: Vec<_> = response.header("set-cookie").collect();
            assert_eq!(cookies, ["a=1", "b=2"]);
        }
    }

    #[test]
    fn an_answer_without_a_length_has_no_body() {
        let port = server("HTTP/1.1 303 See Other\r\nlocation: /x\r\n\r\n");
        let mut connection = Connection::open(port).unwrap();
        let response = connection.exchange(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        assert_eq!(response.header("location").next(), Some("/x"));
        assert!(response.body.is_empty());
    }

    #[test]
    fn form_values_are_encoded_byte_by_byte() {
        assert_eq!(encoded("a b+c/é-._~"), "a%20b%2Bc%2F%C3%A9-._~");
    }
}
