//! Alice in front of a browser, for clients that run as programs of their own: they tell her a URL,
//! and she tells them where she ended.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};

use dockgate_stack::Stack;

use crate::browser::Browser;
use crate::sign_in::visit;
use crate::web_server::{answer, answer_each, bind, read};

/// Who she is in the demo.
const ALICE: (&str, &str) = ("alice", "wonderland");

/// Has her wait for URLs, and gives the address at which she is told: `GET /?url=…` answers with the
/// URL at which she ended, as text. She has one browser. Where she gets stuck, the thread says why, and
/// there is no answer.
///
/// # Panics
/// When no port is free.
pub fn wait(stack: &Stack) -> String {
    let (port, listeners) = bind();
    let browser = Arc::new(Mutex::new(Browser::new(stack.ports().http)));
    for listener in listeners {
        let browser = Arc::clone(&browser);
        answer_each(listener, move |stream| serve(stream, &browser));
    }
    format!("http://127.0.0.1:{port}")
}

fn serve(mut stream: TcpStream, browser: &Mutex<Browser>) -> std::io::Result<()> {
    let asked = read(&stream)?;
    let url = asked.parameters.get("url").cloned().unwrap_or_default();
    let mut browser = browser.lock().unwrap_or_else(PoisonError::into_inner);
    let page = visit(&mut browser, &url, ALICE);
    stream.write_all(answer("200 OK", "text/plain", &page.url).as_bytes())
}
