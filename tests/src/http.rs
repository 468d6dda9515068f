//! An HTTP/1.1 client that sends the very bytes it is given: two `Authorization` headers, bytes
//! that are not UTF-8, paths that no other client would send.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::witness;

/// A request under construction.
#[derive(Clone, Debug)]
pub struct Request {
    method: String,
    target: Vec<u8>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    body: Vec<u8>,
}

/// A response; `body` is decoded from chunks.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, in order, repeated where they were.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// A GET of `target`.
pub fn get(target: impl AsRef<[u8]>) -> Request {
    Request::new("GET", target)
}

/// A POST to `target`, without a body yet.
pub fn post(target: impl AsRef<[u8]>) -> Request {
    Request::new("POST", target)
}

impl Request {
    /// Any method.
    pub fn new(method: &str, target: impl AsRef<[u8]>) -> Self {
        let target = target.as_ref().to_vec();
        Self {
            method: method.to_owned(),
            target,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Adds a header; the same name again is sent again.
    pub fn header(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// Adds `Authorization: Bearer …`.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// Adds a form body of these pairs, percent-encoded.
    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        let encoded: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
            .collect();
        self.body = encoded.join("&").into_bytes();
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    /// Sends these bytes as the body.
    pub fn raw_body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    /// Adds a JSON body.
    pub fn json(mut self, value: &Value) -> Self {
        self.body = value.to_string().into_bytes();
        self.header("content-type", "application/json")
    }

    /// Sends it to `127.0.0.1:port` on a connection of its own.
    ///
    /// # Panics
    /// When no well-formed response comes within 100 seconds.
    pub fn send(self, port: u16) -> Response {
        let method = self.method.clone();
        let stream = self.open(port);
        read_response(&mut BufReader::new(stream), &method)
    }

    /// Sends it over a connection that is there and reads the answer; `host` where the request has
    /// none of its own.
    ///
    /// # Panics
    /// When no well-formed response comes.
    pub fn send_over(self, mut connection: impl Read + Write, host: &str) -> Response {
        connection.write_all(&self.bytes(host)).expect("it is sent");
        connection.flush().expect("it is sent");
        read_response(&mut BufReader::new(connection), &self.method)
    }

    /// Sends it and gives the connection, for answers that are read bit by bit.
    ///
    /// # Panics
    /// When nobody listens.
    pub fn open(self, port: u16) -> TcpStream {
        let mut stream = connect(port);
        // A server that refuses the headers may close before it has read them all.
        let _ = stream.write_all(&self.bytes(&format!("localhost:{port}")));
        stream
    }

    fn bytes(&self, host: &str) -> Vec<u8> {
        witness::request(&self.headers, &self.body);
        let mut bytes = [self.method.as_bytes(), b" ", &self.target, b" HTTP/1.1\r\n"].concat();
        let mut line = |name: &[u8], value: &[u8]| {
            bytes.extend_from_slice(&[name, b": ", value, b"\r\n"].concat())
        };
        let own_host = self
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(b"host"));
        if !own_host {
            line(b"host", host.as_bytes());
        }
        for (name, value) in &self.headers {
            line(name, value);
        }
        if !self.body.is_empty() || self.method == "POST" {
            line(b"content-length", self.body.len().to_string().as_bytes());
        }
        if !self
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(b"connection"))
        {
            line(b"connection", b"close");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// A connection to `127.0.0.1:port` on which nothing is waited for longer than 100 seconds.
///
/// # Panics
/// When nobody listens.
pub fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("something listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(100)))
        .expect("a timeout");
    stream
}

impl Response {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Reads the head and, unless the response has none, the body.
fn read_response(reader: &mut impl BufRead, method: &str) -> Response {
    let (status, headers) = read_head(reader);
    let mut response = Response {
        status,
        headers,
        body: Vec::new(),
    };
    let bodiless = method == "HEAD" || matches!(status, 101 | 204 | 304);
    if !bodiless {
        response.body = read_body(reader, &response);
    }
    witness::response(&response);
    response
}

/// Reads the status line and the headers.
///
/// # Panics
/// When what comes is no HTTP response.
pub fn read_head(reader: &mut impl BufRead) -> (u16, Vec<(String, String)>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let read = reader.read_until(b'\n', &mut head).expect("a response");
        assert!(
            read > 0,
            "the connection ended in the head: {:?}",
            String::from_utf8_lossy(&head)
        );
    }
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    response.parse(&head).expect("a well-formed head");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = response
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), text(header.value)));
    (response.code.expect("a status"), headers.collect())
}

fn read_body(reader: &mut impl BufRead, response: &Response) -> Vec<u8> {
    let mut body = Vec::new();
    if response.header("transfer-encoding") == Some("chunked") {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).expect("a chunk size");
            let size = u64::from_str_radix(size.trim(), 16).expect("a chunk size");
            reader
                .by_ref()
                .take(size)
                .read_to_end(&mut body)
                .expect("a chunk");
            reader
                .read_line(&mut String::new())
                .expect("the end of a chunk");
            if size == 0 {
                return body;
            }
        }
    }
    match response.header("content-length") {
        Some(length) => {
            let length = length.parse().expect("a length");
            reader.take(length).read_to_end(&mut body).expect("a body");
        }
        None => {
            reader.read_to_end(&mut body).expect("a body");
        }
    }
    body
}

/// `application/x-www-form-urlencoded`, and good for RFC 6749 §2.3.1 too.
pub fn percent_encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
