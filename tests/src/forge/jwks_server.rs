//! A server that answers every request with the same document, until it is told another.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A running server. Its thread ends with the process; it holds nothing but its port.
pub struct JwksServer {
    port: u16,
    answer: Arc<Mutex<(u16, String)>>,
    served: Arc<AtomicUsize>,
}

impl JwksServer {
    pub(super) fn start(document: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let answer = Arc::new(Mutex::new((200, document)));
        let served = Arc::new(AtomicUsize::new(0));
        let (shared_answer, counter) = (Arc::clone(&answer), Arc::clone(&served));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (status, document) = shared_answer
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                // A client that went away is no matter.
                let _ = respond(stream, status, &document);
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self {
            port,
            answer,
            served,
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers with this from now on.
    pub fn answer_with(&self, status: u16, document: &str) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = (status, document.to_owned());
    }

    /// The document that it answers with.
    pub fn document(&self) -> String {
        self.answer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .clone()
    }

    /// How many requests it has answered.
    pub fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }
}

fn respond(mut stream: TcpStream, status: u16, document: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{document}",
        document.len()
    )
}
