//! `serve`: runs the issuer.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use dockgate_issuer::additions;
use dockgate_issuer::clock::system_clock;
use dockgate_issuer::config::Config;
use dockgate_issuer::counting;
use dockgate_issuer::entropy::system_entropy;
use dockgate_issuer::http::admin::{self, Admin, AdminListener};
use dockgate_issuer::http::ops::{self, Readiness};
use dockgate_issuer::http::remove_unused;
use dockgate_issuer::http::{App, Current, Limits, PageSecrets, accept, router};
use dockgate_issuer::keys::Keyring;
use dockgate_issuer::logging;
use dockgate_issuer::passwords::Passwords;
use dockgate_issuer::registration::Registrations;
use dockgate_issuer::store::{PageSecretStore as _, SledStore};
use dockgate_issuer::sweeping::sweep;
use dockgate_issuer::throttle::Throttles;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tracing::{error, info, warn};

use super::failure::Failure;

pub(crate) fn run(path: &Path) -> ExitCode {
    let config = match super::load_config(path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    logging::start(config.log);
    for warning in &config.warnings {
        warn!("{warning}");
    }
    let served = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::from(format!("no threads could be started: {error}")))
        .and_then(|runtime| runtime.block_on(serve(config, path)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { reason, code }) => {
            error!("{reason}");
            ExitCode::from(code)
        }
    }
}

async fn serve(mut config: Config, path: &Path) -> Result<(), Failure> {
    let listen = config.listen.clone();
    // First of all, so that an occupied port leaves no trace in the store.
    let (main_listener, main_address) = bind(listen.http, "listen.http", "HTTP").await?;
    let (ops_listener, ops_address) = bind(listen.ops, "listen.ops", "OPS").await?;
    let mut stop = Stop::listen()?;

    let (store, keys) = open_store(&mut config, path)?;
    let sweeping = tokio::spawn(sweep(store.clone(), system_clock));
    let throttles = Arc::new(Throttles::default());
    counting::resume(&throttles, &*store, system_clock())
        .map_err(|error| Failure::of_store(&error, path))?;
    let writing_down = counting::keep_writing_down(throttles.clone(), store.clone());
    let writing_down = tokio::spawn(writing_down);
    let admin_listener = bind_admin(&config.store.path)?;
    let readiness = Arc::new(Readiness::new(store.clone()));
    let issuer = config.server.issuer.clone();
    let page_secrets = page_secrets(&store, path)?;
    let hashes = config.server.users.password_hashes();
    let passwords = Passwords::new(config.passwords.max_concurrent, hashes)
        .counted_by(throttles.logins.clone());
    let registrations =
        Registrations::open(&*store).map_err(|error| Failure::of_store(&error, path))?;
    let registrations = Arc::new(registrations);
    let app = App {
        passwords: Arc::new(passwords),
        throttles: throttles.clone(),
        proxies: listen.proxies.clone(),
        registrations: registrations.clone(),
        page_secrets: Arc::new(page_secrets),
        server: config.server,
        keys: Arc::new(keys),
        store: store.clone(),
        clock: system_clock,
        entropy: system_entropy,
        body_read_timeout: listen.body_read_timeout,
        documents_max_age_seconds: config.keys.jwks_max_age_seconds,
    };
    let current = Current::new(app).map_err(|error| error.to_string())?;
    let main_router = router::router(&current);
    let expiring = tokio::spawn(remove_unused(current.clone()));
    let (admin_stop, admin_stopped) = watch::channel(());
    let admin = Admin {
        current,
        export: store.clone(),
    };
    let admin_loop =
        tokio::spawn(admin_listener.serve(admin::router(admin), closed(admin_stopped)));

    let limits = Limits {
        connections: listen.max_connections,
        proxies: listen.proxies.clone(),
        idle: listen.header_read_timeout,
    };
    let (ops_stop, ops_stopped) = watch::channel(());
    let ops_loop = tokio::spawn(accept(
        ops_listener,
        ops::router(readiness.clone()),
        limits.clone(),
        closed(ops_stopped),
    ));
    info!(%issuer, http = %main_address, ops = %ops_address, store = %config.store.path.display(), "serving");
    let connections = accept(main_listener, main_router, limits, stop.requested()).await;

    info!("stopping: requests in progress may finish");
    readiness.drain();
    let cut_off = connections.drain(listen.drain).await;
    if cut_off > 0 {
        warn!(
            connections = cut_off,
            "connections were still open after drain_seconds"
        );
    }
    drop((ops_stop, admin_stop));
    ops_loop.await.ok();
    admin_loop.await.ok();
    sweeping.abort();
    expiring.abort();
    writing_down.abort();
    counting::write_down(&throttles, &*store).map_err(|error| Failure::of_store(&error, path))?;
    store
        .close()
        .map_err(|error| Failure::of_store(&error, path))?;
    info!("stopped");
    Ok(())
}

/// Opens the store, puts what was added beside the configuration and loads the keys; the first time
/// makes store and keys.
fn open_store(config: &mut Config, path: &Path) -> Result<(Arc<SledStore>, Keyring), Failure> {
    let at = &config.store.path;
    let store = SledStore::open(at, config.store.cache_bytes)
        .map_err(|error| Failure::of_store(&error, path))?;
    let added = additions::load(&store, &mut config.server);
    for sentence in added.map_err(|error| Failure::of_additions(&error, path))? {
        warn!("{sentence}");
    }
    let algorithms = config.server.signing_algorithms();
    let keys = Keyring::open(&store, algorithms, system_clock())
        .map_err(|error| Failure::of_keys(&error, at, path))?;
    Ok((Arc::new(store), keys))
}

/// Binds the admin socket in the open store's directory.
fn bind_admin(directory: &Path) -> Result<AdminListener, String> {
    AdminListener::bind(directory).map_err(|error| {
        format!(
            "no admin socket can be made in {}: {error}",
            directory.display()
        )
    })
}

fn page_secrets(store: &SledStore, config: &Path) -> Result<PageSecrets, Failure> {
    let mut fresh = [0; 32];
    system_entropy(&mut fresh).map_err(|error| Failure::from(error.to_string()))?;
    let secret = store.page_secret(fresh);
    let secret = secret.map_err(|error| Failure::of_store(&error, config))?;
    let failed = |_| Failure::from("the keys of the pages could not be derived".to_owned());
    PageSecrets::new(&secret).map_err(failed)
}

/// Binds a listener; `setting` and `variable` say where the address comes from.
async fn bind(
    address: SocketAddr,
    setting: &str,
    variable: &str,
) -> Result<(TcpListener, SocketAddr), String> {
    let bound = TcpListener::bind(address).await.and_then(|listener| {
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    bound.map_err(|error| {
        format!("cannot listen on {address}: {error}; set {setting} (or DOCKGATE_LISTEN_{variable}) to another address")
    })
}

async fn closed(mut sender: watch::Receiver<()>) {
    while sender.changed().await.is_ok() {}
}

/// The signals that end the issuer in good order.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> Result<Self, String> {
        let listen = |kind| signal(kind).map_err(|error| format!("no signal handler: {error}"));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn requested(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
