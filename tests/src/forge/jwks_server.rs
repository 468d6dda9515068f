//! A server of key sets that answers as it is told, be it wrong.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What to do with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A well-formed answer.
    Document {
        /// Its status.
        status: u16,
        /// Headers beside the usual: whole lines, each with its end.
        headers: String,
        /// Its body.
        body: String,
    },
    /// These bytes, and then the end of the connection.
    Bytes(Vec<u8>),
    /// Nothing, until the client gives up.
    Silence,
}

impl Answer {
    /// A document and nothing special.
    pub fn document(status: u16, body: impl Into<String>) -> Self {
        Self::Document {
            status,
            headers: String::new(),
            body: body.into(),
        }
    }

    /// A good document that says how long it stays so.
    pub fn cached(cache_control: &str, body: impl Into<String>) -> Self {
        Self::Document {
            status: 200,
            headers: format!("cache-control: {cache_control}\r\n"),
            body: body.into(),
        }
    }
}

/// A running server. Its threads end with the process; it holds nothing but its port.
pub struct JwksServer {
    port: u16,
    document: String,
    answers: Arc<Mutex<Answers>>,
    served: Arc<AtomicUsize>,
}

struct Answers {
    usual: Answer,
    by_path: HashMap<String, Answer>,
}

impl JwksServer {
    pub(super) fn start(document: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let answers = Arc::new(Mutex::new(Answers {
            usual: Answer::document(200, document.as_str()),
            by_path: HashMap::new(),
        }));
        let served = Arc::new(AtomicUsize::new(0));
        let (shared, counter) = (Arc::clone(&answers), Arc::clone(&served));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, counter) = (Arc::clone(&shared), Arc::clone(&counter));
                std::thread::spawn(move || {
                    // A client that went away is no matter.
                    let _ = respond(stream, &answers, &counter);
                });
            }
        });
        Self {
            port,
            document,
            answers,
            served,
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers with this from now on.
    pub fn answer_with(&self, status: u16, document: &str) {
        self.answer(Answer::document(status, document));
    }

    /// Answers so from now on.
    pub fn answer(&self, answer: Answer) {
        lock(&self.answers).usual = answer;
    }

    /// Answers so from now on where this path is asked for.
    pub fn answer_at(&self, path: &str, answer: Answer) {
        lock(&self.answers).by_path.insert(path.to_owned(), answer);
    }

    /// The good document.
    pub fn document(&self) -> String {
        self.document.clone()
    }

    /// How many requests have arrived.
    pub fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }
}

fn lock(answers: &Mutex<Answers>) -> std::sync::MutexGuard<'_, Answers> {
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}

fn respond(
    mut stream: TcpStream,
    answers: &Mutex<Answers>,
    served: &AtomicUsize,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let path = first.split(' ').nth(1).unwrap_or_default();
    let answer = {
        let answers = lock(answers);
        let own = answers.by_path.get(path);
        own.unwrap_or(&answers.usual).clone()
    };
    served.fetch_add(1, Ordering::Relaxed);
    match answer {
        Answer::Document {
            status,
            headers,
            body,
        } => write!(
            stream,
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}connection: close\r\n\r\n{body}",
            body.len()
        ),
        Answer::Bytes(bytes) => stream.write_all(&bytes),
        Answer::Silence => stream.read(&mut [0; 1]).map(drop),
    }
}
