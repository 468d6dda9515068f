//! HTTP/1 on a Unix socket in the store's directory. Whoever may open it may read the store anyway.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::IntoResponse as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::{debug, warn};

use super::{LONGEST_BODY, Refusal};
use crate::http::rarely::Rarely;
use crate::http::request_body::read;
use crate::metrics::Listener;
use crate::protocol::RequestError;

/// The socket, within the store's directory.
pub const SOCKET: &str = "admin.sock";

/// Commands at once; further ones wait.
pub(super) const CONNECTIONS: usize = 8;
/// How long a command may take to say what it wants: for the head, and for the body. It does so at once;
/// what does not is stuck, and in the place of one that does.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// The longest path that a socket's address has room for on every system.
const LONGEST_PATH: usize = 100;
const BACK_OFF: Duration = Duration::from_millis(100);

/// A bound socket, whose file goes when it is dropped.
pub struct AdminListener {
    listener: UnixListener,
    path: PathBuf,
    pub(super) patience: Duration,
}

impl AdminListener {
    /// Binds the socket in `directory`, with mode 0600. A file that is there already is taken for
    /// that of an issuer that was killed: bind only with the store open, which no other process
    /// then has.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn bind(directory: &Path) -> io::Result<Self> {
        let path = directory.join(SOCKET);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = at_socket(directory, UnixListener::bind)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Self {
            listener,
            path,
            patience: PATIENCE,
        })
    }

    /// Serves `router` until `stop` resolves. What is then under way is cut off.
    pub async fn serve(self, router: Router, stop: impl Future<Output = ()>) {
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        let mut failures = Rarely::default();
        let serving = async {
            loop {
                let Ok(slot) = slots.clone().acquire_owned().await else {
                    return;
                };
                match self.listener.accept().await {
                    Ok((stream, _)) => {
                        let (router, patience) = (router.clone(), self.patience);
                        let counted = Listener::Admin.connection();
                        tokio::spawn(async move {
                            serve_connection(stream, router, patience).await;
                            drop((slot, counted));
                        });
                    }
                    Err(error) => {
                        Listener::Admin.connection_failed();
                        if let Some(unsaid) = failures.again(Instant::now()) {
                            warn!(%error, unsaid, "an admin connection could not be accepted");
                        }
                        tokio::time::sleep(BACK_OFF).await;
                    }
                }
            }
        };
        tokio::select! {
            () = stop => {}
            () = serving => {}
        }
    }
}

impl Drop for AdminListener {
    fn drop(&mut self) {
        fs::remove_file(&self.path).ok();
    }
}

/// Calls `with` with the path of the socket in `directory`, or with another one for it where that
/// is too long for an address.
///
/// # Errors
/// Those of `with`, and those of opening the directory.
pub fn at_socket<T>(
    directory: &Path,
    with: impl FnOnce(PathBuf) -> io::Result<T>,
) -> io::Result<T> {
    let path = directory.join(SOCKET);
    if path.as_os_str().len() <= LONGEST_PATH {
        return with(path);
    }
    let open = File::open(directory)?;
    with(PathBuf::from(format!(
        "/proc/self/fd/{}/{SOCKET}",
        open.as_raw_fd()
    )))
}

async fn serve_connection(stream: UnixStream, router: Router, patience: Duration) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            match whole(request, patience).await {
                Ok(request) => router.call(request).await,
                Err(refusal) => Ok(refusal.into_response()),
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        debug!(%error, "an admin connection ended early");
    }
}

/// With all of its body.
async fn whole(request: hyper::Request<Incoming>, patience: Duration) -> Result<Request, Refusal> {
    let (parts, body) = request.into_parts();
    let read = read(&parts.headers, Body::new(body), LONGEST_BODY, patience).await;
    match read {
        Ok(body) => Ok(Request::from_parts(parts, Body::from(body))),
        Err(RequestError::BodyTooLarge) => Err(Refusal::Invalid(format!(
            "the body of the request is longer than {LONGEST_BODY} bytes: what is sent has to be smaller"
        ))),
        Err(RequestError::BodyEncoded) => Err(Refusal::Invalid(
            "the body of the request is compressed: send it without Content-Encoding".to_owned(),
        )),
        Err(_) => Err(Refusal::Invalid(
            "the body of the request did not come whole in time: run the command again".to_owned(),
        )),
    }
}
