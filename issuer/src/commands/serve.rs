//! `serve`: runs the issuer.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use dockgate_issuer::additions;
use dockgate_issuer::client_documents::{ClientDocuments, system_resolver, trust};
use dockgate_issuer::clock::{system_clock, system_nanos, system_uptime};
use dockgate_issuer::config::Config;
use dockgate_issuer::counting;
use dockgate_issuer::entropy::system_entropy;
use dockgate_issuer::http::admin::{self, Admin, AdminListener};
use dockgate_issuer::http::ops::{self, Readiness};
use dockgate_issuer::http::remove_unused;
use dockgate_issuer::http::{App, Current, Limits, PageSecrets, accept, router};
use dockgate_issuer::keys::{Keeper, Moment};
use dockgate_issuer::logging;
use dockgate_issuer::metrics::Listener;
use dockgate_issuer::passwords::Passwords;
use dockgate_issuer::registration::Registrations;
use dockgate_issuer::reload::{Reloader, Source, reload_at};
use dockgate_issuer::renewing::keep_renewed;
use dockgate_issuer::store::{PageSecretStore as _, SledStore};
use dockgate_issuer::sweeping::sweep;
use dockgate_issuer::throttle::Throttles;
use dockgate_issuer::traces::{self, Exporter, Pace, Tracer};
use dockgate_issuer::turning::{SigningKeys, turn};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tracing::{error, info, warn};

use super::failure::Failure;
use super::open_files::make_room;

pub(crate) fn run(path: &Path) -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            let reason = format!("no threads could be started: {error}");
            return Failure::from(reason).end();
        }
    };
    // First of all: before there is a handler, the signal ends the process.
    let hangup = match runtime.block_on(async { listen_to(SignalKind::hangup()) }) {
        Ok(hangup) => hangup,
        Err(reason) => return Failure::from(reason).end(),
    };
    let source = Source {
        path: path.to_owned(),
        variables: super::variables().collect(),
    };
    let config = match super::or_exit_code(source.load()) {
        Ok(config) => config,
        Err(code) => return code,
    };
    logging::start(config.log);
    for warning in &config.warnings {
        warn!("{warning}");
    }
    match runtime.block_on(serve(config, source, hangup)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { reason, code }) => {
            error!("{reason}");
            ExitCode::from(code)
        }
    }
}

async fn serve(mut config: Config, source: Source, hangup: Signal) -> Result<(), Failure> {
    let path = &source.path.clone();
    let fixed = config.fixed();
    let mut listen = config.listen.clone();
    if let Some(warning) = make_room(&mut listen.max_connections) {
        warn!("{warning}");
    }
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
    let (passwords, renewals) = Passwords::new(config.passwords.max_concurrent, hashes)
        .counted_by(throttles.logins.clone())
        .renewing(system_entropy);
    let registrations =
        Registrations::open(&*store).map_err(|error| Failure::of_store(&error, path))?;
    let registrations = Arc::new(registrations);
    let trust = trust(None).map_err(|error| error.to_string())?;
    let (tracer, exporter) = start_traces(&config).unzip();
    let app = App {
        client_documents: Arc::new(ClientDocuments::new(system_resolver(), trust)),
        passwords: Arc::new(passwords),
        throttles: throttles.clone(),
        proxies: listen.proxies.clone(),
        registrations: registrations.clone(),
        page_secrets: Arc::new(page_secrets),
        brand: Arc::new(config.brand),
        tracer,
        server: config.server,
        keys: Arc::new(keys.keyring()),
        store: store.clone(),
        clock: system_clock,
        entropy: system_entropy,
        body_read_timeout: listen.body_read_timeout,
        documents_max_age_seconds: config.keys.jwks_max_age_seconds,
    };
    let current = Current::new(app).map_err(|error| error.to_string())?;
    let main_router = router::router(&current);
    let keys = Arc::new(SigningKeys::new(
        keys,
        current.clone(),
        system_clock,
        system_uptime,
    ));
    let turning = tokio::spawn(turn(keys.clone()));
    let expiring = tokio::spawn(remove_unused(current.clone()));
    let renewing = tokio::spawn(keep_renewed(current.clone(), renewals));
    let (admin_stop, admin_stopped) = watch::channel(());
    let reloader = Arc::new(Reloader::new(
        source,
        fixed,
        current.clone(),
        keys.clone(),
        system_clock,
    ));
    let reloading = tokio::spawn(reload_at(hangup, reloader.clone()));
    let admin = Admin {
        current,
        reloader,
        export: store.clone(),
        keys: keys.clone(),
        config_file: path.to_owned(),
    };
    let admin_loop =
        tokio::spawn(admin_listener.serve(admin::router(admin), closed(admin_stopped)));

    let limits = Limits {
        listener: Listener::Http,
        connections: listen.max_connections,
        proxies: listen.proxies.clone(),
        idle: listen.header_read_timeout,
    };
    let (ops_stop, ops_stopped) = watch::channel(());
    let ops_loop = tokio::spawn(accept(
        ops_listener,
        ops::router(readiness.clone()),
        Limits {
            listener: Listener::Ops,
            ..limits.clone()
        },
        closed(ops_stopped),
    ));
    info!(%issuer, http = %main_address, ops = %ops_address, store = %config.store.path.display(), "serving");
    let connections = accept(main_listener, main_router, limits, stop.requested()).await;

    info!("stopping: requests in progress may finish");
    readiness.drain();
    let draining_since = system_uptime();
    let cut_off = connections.drain(listen.drain).await;
    if cut_off > 0 {
        warn!(
            connections = cut_off,
            "connections were still open after drain_seconds"
        );
    }
    if let Some(exporter) = exporter {
        let taken = system_uptime().saturating_sub(draining_since);
        exporter.flush(listen.drain.saturating_sub(taken)).await;
    }
    drop((ops_stop, admin_stop));
    ops_loop.await.ok();
    admin_loop.await.ok();
    reloading.abort();
    sweeping.abort();
    turning.abort();
    if let Err(error) = keys.change(Keeper::settle) {
        warn!(%error, "how long the signing keys have lived was not written down");
    }
    expiring.abort();
    renewing.abort();
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
fn open_store(
    config: &mut Config,
    path: &Path,
) -> Result<(Arc<SledStore>, Keeper<Arc<SledStore>>), Failure> {
    let at = &config.store.path;
    let store = SledStore::open(at, config.store.cache_bytes)
        .map_err(|error| Failure::of_store(&error, path))?;
    let added = additions::load(&store, &mut config.server);
    for sentence in added.map_err(|error| Failure::of_additions(&error, path))? {
        warn!("{sentence}");
    }
    let store = Arc::new(store);
    let settings = config.keys.settings(&config.server);
    let now = Moment {
        wall: system_clock(),
        uptime: system_uptime(),
    };
    store.limit_audit(config.audit);
    let keys = Keeper::open(store.clone(), settings, system_entropy, now)
        .map_err(|error| Failure::of_keys(&error, at, path))?;
    Ok((store, keys))
}

/// Begins to send traces, if they go anywhere.
fn start_traces(config: &Config) -> Option<(Tracer, Exporter)> {
    let source = traces::Source {
        issuer: config.server.issuer.clone(),
        clock: system_nanos,
        uptime: system_uptime,
        entropy: system_entropy,
    };
    traces::start(config.tracing.clone(), source, Pace::default())
}

/// Binds the admin socket in the open store's directory.
fn bind_admin(directory: &Path) -> Result<AdminListener, String> {
    AdminListener::bind(directory).map_err(|error| {
        let socket = directory.join(admin::SOCKET);
        format!(
            "the socket for commands cannot be made at {}: {error}. See that nothing but a socket is there, and that the directory is on a file system of this machine, as some others take no sockets; or set store.path (or DOCKGATE_STORE_PATH) to another directory",
            socket.display()
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

fn listen_to(kind: SignalKind) -> Result<Signal, String> {
    signal(kind).map_err(|error| format!("no signal handler: {error}"))
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
        Ok(Self {
            terminate: listen_to(SignalKind::terminate())?,
            interrupt: listen_to(SignalKind::interrupt())?,
        })
    }

    async fn requested(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
