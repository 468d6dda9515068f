//! Asks the running issuer for something, over its admin socket.

use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use dockgate_issuer::http::admin;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use super::output::printable;

/// All headers of an answer, in bytes.
const LONGEST_HEAD: u64 = 8 * 1024;
/// An answer in JSON, in bytes.
const LONGEST_ANSWER: u64 = 64 * 1024 * 1024;

/// What is asked for: a method, a path with its query, and a body where there is one.
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) body: Option<Vec<u8>>,
}

impl<'a> Ask<'a> {
    pub(crate) fn get(path: &'a str) -> Self {
        Self::without_body("GET", path)
    }

    pub(crate) fn delete(path: &'a str) -> Self {
        Self::without_body("DELETE", path)
    }

    pub(crate) fn post<T: Serialize>(path: &'a str, body: &T) -> Result<Self, Failure> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Failure::from(format!("the request cannot be written: {error}")))?;
        Ok(Self {
            method: "POST",
            path,
            body: Some(body),
        })
    }

    /// A request for which the path says all.
    pub(crate) fn bare(path: &'a str) -> Self {
        Self::without_body("POST", path)
    }

    /// The same at another path.
    pub(crate) fn at<'b>(&self, path: &'b str) -> Ask<'b>
    where
        'a: 'b,
    {
        Ask {
            method: self.method,
            path,
            body: self.body.clone(),
        }
    }

    fn without_body(method: &'a str, path: &'a str) -> Self {
        Self {
            method,
            path,
            body: None,
        }
    }
}

/// The answer of the issuer whose store is at `store`, from JSON.
///
/// # Errors
/// When none runs there, and what it says when it refuses.
pub(crate) fn ask<T: DeserializeOwned>(store: &Path, ask: &Ask<'_>) -> Result<T, Failure> {
    let stream =
        admin::at_socket(store, UnixStream::connect).map_err(|error| not_running(store, &error))?;
    let (head, mut from) = send(stream, ask).map_err(|error| cut_off(&error))?;
    let mut body = Vec::new();
    let read = from.by_ref().take(LONGEST_ANSWER).read_to_end(&mut body);
    read.map_err(|error| cut_off(&error))?;
    if head.status / 100 != 2 {
        return Err(Failure::from(refusal(&head, &body)));
    }
    serde_json::from_slice(&body).map_err(|error| {
        Failure::from(format!(
            "the running issuer's answer cannot be read: {error}. Is it of this version? Restart it after an upgrade"
        ))
    })
}

/// What an answer begins with.
pub(crate) struct Head {
    /// Of HTTP.
    pub(crate) status: u16,
    line: String,
}

/// Sends a request and reads the head of its answer; the body comes from the reader, and ends with
/// the connection: this is HTTP/1.0.
///
/// # Errors
/// Those of the connection, and an answer that is no HTTP.
pub(crate) fn send(
    mut stream: UnixStream,
    ask: &Ask<'_>,
) -> io::Result<(Head, BufReader<UnixStream>)> {
    let Ask { method, path, body } = ask;
    let body = body.as_deref().unwrap_or_default();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut from = BufReader::new(stream);
    Ok((read_head(&mut from)?, from))
}

/// The status and the headers, with the empty line behind them.
fn read_head(from: &mut impl BufRead) -> io::Result<Head> {
    let mut head = String::new();
    let mut lines = from.take(LONGEST_HEAD);
    while lines.read_line(&mut head)? > 0 && !head.ends_with("\r\n\r\n") {}
    let line = head.lines().next().unwrap_or_default().to_owned();
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("it is no HTTP"))?;
    Ok(Head { status, line })
}

impl Head {
    /// As an error.
    pub(crate) fn refused(&self) -> io::Error {
        io::Error::other(self.line.clone())
    }
}

fn refusal(head: &Head, body: &[u8]) -> String {
    let described = serde_json::from_slice::<serde_json::Value>(body).ok();
    let described = described.as_ref().and_then(|body| {
        let description = body.get("error_description")?;
        description.as_str()
    });
    described.map_or_else(
        || format!("the running issuer refused: {}", head.line),
        printable,
    )
}

/// Why nobody is asked.
pub(crate) fn not_running(store: &Path, error: &io::Error) -> Failure {
    let socket = store.join(admin::SOCKET);
    let socket = socket.display();
    Failure::from(match error.kind() {
        io::ErrorKind::PermissionDenied => {
            format!("{socket}: {error}. Run the command as the user that the issuer runs as")
        }
        _ => format!(
            "no issuer runs with the store at {}: {socket}: {error}. Start it with `serve`, or name the configuration that it was started with",
            store.display()
        ),
    })
}

fn cut_off(error: &io::Error) -> Failure {
    Failure::from(format!(
        "the running issuer did not answer: {error}. Its log may say why"
    ))
}
