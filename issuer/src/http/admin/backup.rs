//! A backup of the running issuer's store, as it is made.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Frame;
use tokio::sync::mpsc;
use tracing::{info, warn};

use super::Refusal;
use super::answer::blocking;
use crate::audit::AuditEvent;
use crate::http::Current;
use crate::store::backup::Export;

/// How much of a backup is sent at a time, and how many of these may be on their way.
const CHUNK: usize = 64 * 1024;
const CHUNKS: usize = 4;

/// Sends a backup as it is made. One that fails half-way ends early, which its reader notices.
pub(super) async fn make(
    State(current): State<Current>,
    State(store): State<Arc<dyn Export>>,
) -> Result<Response, Refusal> {
    let app = current.app();
    let recorded = blocking(move || Ok(app.context().record(&AuditEvent::BackupMade {})?)).await;
    let Json(()) = recorded?;
    let (sender, receiver) = mpsc::channel(CHUNKS);
    tokio::task::spawn_blocking(move || {
        let mut out = ChunkWriter {
            sender,
            buffer: Vec::with_capacity(CHUNK),
        };
        match store.export(&mut out) {
            Ok(records) => info!(records, "a backup was made"),
            Err(error) => warn!(%error, "a backup was not finished"),
        }
    });
    let headers = [
        (CONTENT_TYPE, "application/octet-stream"),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::new(Chunks(receiver))).into_response())
}

/// Passes on what is written to it; waits while nobody takes it.
struct ChunkWriter {
    sender: mpsc::Sender<Bytes>,
    buffer: Vec<u8>,
}

impl Write for ChunkWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        self.sender
            .blocking_send(chunk.into())
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

struct Chunks(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Chunks {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let chunk = ready!(self.0.poll_recv(context));
        Poll::Ready(chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}
