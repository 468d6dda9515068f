//! HTTP/1 on a Unix socket in the store's directory. Whoever may open it may read the store anyway.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::{debug, warn};

use crate::http::rarely::Rarely;
use crate::metrics::Listener;

/// The socket, within the store's directory.
pub const SOCKET: &str = "admin.sock";

/// Commands at once; further ones wait.
const CONNECTIONS: usize = 8;
/// The longest path that a socket's address has room for on every system.
const LONGEST_PATH: usize = 100;
const BACK_OFF: Duration = Duration::from_millis(100);

/// A bound socket, whose file goes when it is dropped.
pub struct AdminListener {
    listener: UnixListener,
    path: PathBuf,
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
        Ok(Self { listener, path })
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
                        let router = router.clone();
                        let counted = Listener::Admin.connection();
                        tokio::spawn(async move {
                            serve_connection(stream, router).await;
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

async fn serve_connection(stream: UnixStream, router: Router) {
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        debug!(%error, "an admin connection ended early");
    }
}
