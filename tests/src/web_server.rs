//! What the small servers of tests are made of: a port on both loopback addresses, and a thread for
//! each connection.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};

use crate::browser::parameters;

/// What was asked for.
pub(crate) struct Asked {
    pub(crate) path: String,
    /// Those of the form, or of the query where there is none.
    pub(crate) parameters: BTreeMap<String, String>,
}

/// A port on both loopback addresses, or on the one that there is.
pub(crate) fn bind() -> (u16, Vec<TcpListener>) {
    let has_v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    for _ in 0..50 {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = v4.local_addr().expect("an address").port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)) {
            Ok(v6) => return (port, vec![v4, v6]),
            Err(_) if !has_v6 => return (port, vec![v4]),
            Err(_) => {}
        }
    }
    panic!("no port is free on both 127.0.0.1 and ::1");
}

/// Answers each connection in a thread of its own: browsers open some ahead of need.
pub(crate) fn answer_each(
    listener: TcpListener,
    answer: impl Fn(TcpStream) -> std::io::Result<()> + Clone + Send + 'static,
) {
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            // A browser that went away is no matter.
            std::thread::spawn(move || drop(answer(stream)));
        }
    });
}

/// Reads a request to its end.
pub(crate) fn read(stream: &TcpStream) -> std::io::Result<Asked> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap_or(0);
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let target = first.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let body = String::from_utf8_lossy(&body).into_owned();
    let encoded = if body.is_empty() { query } else { &body };
    Ok(Asked {
        path: path.to_owned(),
        parameters: parameters(encoded),
    })
}

/// The answer that shows a page.
pub(crate) fn html(html: &str) -> String {
    answer("200 OK", "text/html; charset=utf-8", html)
}

/// An answer, after which the connection ends.
pub(crate) fn answer(status: &str, media_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}
