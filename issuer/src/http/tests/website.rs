//! The web site of a client, on this machine.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A real server on loopback. It ends with the runtime.
pub(in crate::http) struct Website {
    pub(in crate::http) origin: String,
    answers: Arc<Mutex<HashMap<String, (u16, String)>>>,
    asked: Arc<AtomicUsize>,
}

impl Website {
    pub(in crate::http) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            answers: Arc::default(),
            asked: Arc::default(),
        };
        let (answers, asked) = (site.answers.clone(), site.asked.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                asked.fetch_add(1, Ordering::SeqCst);
                let mut head = vec![0; 4096];
                let length = stream.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default();
                let answer = answers.lock().unwrap().get(path).cloned();
                let (status, body) = answer.unwrap_or((404, String::new()));
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncache-control: max-age=60\r\ncontent-length: {length}\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).await.ok();
            }
        });
        site
    }

    /// The id of the client.
    pub(in crate::http) fn id(&self) -> String {
        format!("{}/client.json", self.origin)
    }

    /// Puts an answer at a path.
    pub(in crate::http) fn put(&self, path: &str, status: u16, body: &str) {
        let answer = (status, body.to_owned());
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// Puts the document of the client there, with its id in it.
    pub(in crate::http) fn put_document(&self, mut document: Value) {
        document["client_id"] = self.id().into();
        self.put("/client.json", 200, &document.to_string());
    }

    /// How often anything was asked for.
    pub(in crate::http) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
