//! The web sites of clients. One is an application's with a server side: three origins, of which the
//! first has the callback; what that answers is asked for in the start of `state`. The other has
//! nothing but one page.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dockgate_stack::Deadline;

use crate::web_server::{answer_each, bind, html, read};

/// The parameters that came to the callback, by their `state`.
type Arrivals = Arc<Mutex<BTreeMap<String, BTreeMap<String, String>>>>;

/// The start of a `state` whose callback sends the browser on to the second origin, and that to the
/// third.
pub const ONWARD: &str = "onward";

/// A running site. Its threads end with the process.
pub struct ClientSite {
    origins: [String; 4],
    arrivals: Arrivals,
}

impl ClientSite {
    /// Starts both; `page` is what the one of a single page answers with whatever it is asked for.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start(single_page: &'static str) -> Self {
        let bound = [bind(), bind(), bind(), bind()];
        let host = ["localhost", "127.0.0.1", "localhost", "127.0.0.1"];
        let origins: [String; 4] =
            std::array::from_fn(|at| format!("http://{}:{}", host[at], bound[at].0));
        let site = Self {
            origins,
            arrivals: Arrivals::default(),
        };
        let [with_server, onward, third, without] = bound.map(|(_, listeners)| listeners);
        for listener in [with_server, onward, third].into_iter().flatten() {
            let (origins, arrivals) = (site.origins.clone(), Arc::clone(&site.arrivals));
            answer_each(listener, move |stream| serve(stream, &origins, &arrivals));
        }
        for listener in without {
            answer_each(listener, move |mut stream| {
                read(&stream)?;
                stream.write_all(html(single_page).as_bytes())
            });
        }
        site
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

    /// Where the client is that is nothing but a page.
    pub fn single_page_origin(&self) -> &str {
        &self.origins[3]
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

fn serve(mut stream: TcpStream, origins: &[String; 4], arrivals: &Arrivals) -> std::io::Result<()> {
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
        // Browsers ask for one when they like, and may complain on a later page that there is none.
        "/favicon.ico" => "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_owned(),
        _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
    };
    stream.write_all(answer.as_bytes())
}

fn page(heading: &str) -> String {
    html(&format!(
        "<!DOCTYPE html><title>{heading}</title><h1>{heading}</h1>"
    ))
}
