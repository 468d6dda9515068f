//! The web site of a client: three origins, of which the first has the callback. What its callback
//! answers is asked for in the start of `state`.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dockgate_stack::Deadline;

use crate::browser::parameters;

/// The parameters that came to the callback, by their `state`.
type Arrivals = Arc<Mutex<BTreeMap<String, BTreeMap<String, String>>>>;

/// The start of a `state` whose callback sends the browser on to the second origin, and that to the
/// third.
pub const ONWARD: &str = "onward";

/// A running site. Its threads end with the process.
pub struct ClientSite {
    origins: [String; 3],
    arrivals: Arrivals,
}

struct Asked {
    path: String,
    parameters: BTreeMap<String, String>,
}

impl ClientSite {
    /// Starts it.
    ///
    /// # Panics
    /// When no port is free.
    #[expect(
        clippy::new_without_default,
        reason = "it starts a server, which a default should not"
    )]
    pub fn new() -> Self {
        let bound = [bind(), bind(), bind()];
        let host = ["localhost", "127.0.0.1", "localhost"];
        let origin = |at: usize| format!("http://{}:{}", host[at], bound[at].0);
        let origins = [origin(0), origin(1), origin(2)];
        let arrivals = Arrivals::default();
        for listener in bound.into_iter().flat_map(|(_, listeners)| listeners) {
            let (origins, arrivals) = (origins.clone(), Arc::clone(&arrivals));
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let (origins, arrivals) = (origins.clone(), Arc::clone(&arrivals));
                    std::thread::spawn(move || {
                        // A browser that went away is no matter.
                        let _ = serve(stream, &origins, &arrivals);
                    });
                }
            });
        }
        Self { origins, arrivals }
    }

    /// Where the callback is.
    pub fn origin(&self) -> &str {
        &self.origins[0]
    }

    /// The redirect URI.
    pub fn callback(&self) -> String {
        format!("{}/callback", self.origins[0])
    }

    /// Where a browser ends that is sent onward.
    pub fn end(&self) -> String {
        format!("{}/end", self.origins[2])
    }

    /// What came to the callback with this `state`.
    ///
    /// # Panics
    /// When nothing comes.
    #[track_caller]
    pub fn arrival(&self, state: &str) -> BTreeMap<String, String> {
        let arrived = Deadline::after(Duration::from_secs(30)).poll(|| {
            let arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
            arrivals.get(state).cloned()
        });
        arrived.unwrap_or_else(|| panic!("nothing came to the callback with state {state}"))
    }
}

/// A port on both loopback addresses, or on the one that there is.
fn bind() -> (u16, Vec<TcpListener>) {
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

fn serve(mut stream: TcpStream, origins: &[String; 3], arrivals: &Arrivals) -> std::io::Result<()> {
    let asked = read(&stream)?;
    let state = asked.parameters.get("state").cloned().unwrap_or_default();
    let onward = state.starts_with(ONWARD);
    if asked.path == "/callback" {
        let mut arrivals = arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals.insert(state.clone(), asked.parameters);
    }
    let to = |origin: usize, path: &str| {
        let target = format!("{}{path}?state={state}", origins[origin]);
        format!(
            "HTTP/1.1 303 See Other\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
    };
    let answer = match asked.path.as_str() {
        "/callback" if onward => to(1, "/landed"),
        "/landed" => to(2, "/end"),
        "/callback" => page("Back at the client"),
        "/end" => page("At the end"),
        "/" => page("The client"),
        _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
    };
    stream.write_all(answer.as_bytes())
}

fn page(heading: &str) -> String {
    let html = format!("<!DOCTYPE html><title>{heading}</title><h1>{heading}</h1>");
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{html}",
        html.len()
    )
}

fn read(stream: &TcpStream) -> std::io::Result<Asked> {
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
