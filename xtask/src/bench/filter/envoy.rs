//! One Envoy with one contender's filters: configured, started on its core, watched, stopped.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use dockgate_stack::{Deadline, Ports, Process, demo_dir};

use super::setup::Setup;
use crate::bench::affinity::{Cores, on_server_core};
use crate::bench::http::{Connection, Origin};
use crate::bench::usage;
use crate::context::Context;
use crate::failure::{Failure, Outcome};

/// How long Envoy may take to start and to have its keys.
const PATIENCE: Duration = Duration::from_secs(30);
const TEMPLATE: &str = include_str!("envoy.yaml");
/// What is measured: an answer from Envoy itself.
const MEASURED_ROUTES: &str =
    "- { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: ok } } }";
/// What is checked: the sample API, and an answer from Envoy itself that shows the headers which
/// would have gone on.
const CHECKED_ROUTES: &str = "- match: { prefix: /api/direct }
                direct_response: { status: 200, body: { inline_string: ok } }
                response_headers_to_add:
                - { header: { key: seen-subject, value: \"%REQ(x-auth-subject)%\" } }
                - { header: { key: seen-client, value: \"%REQ(x-auth-client-id)%\" } }
                - { header: { key: seen-token, value: \"%REQ(authorization)%\" } }
              - { match: { prefix: / }, route: { cluster: api } }";

/// What is behind the filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// A direct response.
    Nothing,
    /// The sample API, which is to listen at this port.
    Api(u16),
}

/// A running Envoy. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Envoy {
    pub(super) origin: Origin,
    process: Process,
}

/// What every Envoy of a run has in common.
#[derive(Clone, Debug)]
pub(super) struct Home {
    pub(super) program: PathBuf,
    /// The keys of the tokens.
    pub(super) jwks: String,
    /// A good token, to see whether the keys are there.
    pub(super) good_token: String,
    pub(super) cores: Option<Cores>,
}

impl Home {
    /// Starts an Envoy with these filters and waits until a good token passes.
    pub(super) fn start(
        &self,
        context: &Context,
        name: &str,
        setup: Setup,
        behind: Behind,
    ) -> Outcome<Envoy> {
        let ports = Ports::free().map_err(|error| Failure::new(error.to_string()))?;
        let dir = demo_dir()
            .join("bench/filter")
            .join(format!("{name}-{setup:?}"));
        if dir.exists() {
            std::fs::remove_dir_all(&dir)?;
        }
        std::fs::create_dir_all(&dir)?;
        let file = dir.join("envoy.yaml");
        std::fs::write(&file, configuration(setup, behind, ports, &self.jwks)?)?;
        let process = on_server_core(self.cores, || {
            Process::start("envoy", self.command(&file), &dir.join("log"))
                .map_err(|error| Failure::new(format!("Envoy could not be started: {error}")))
        })?;
        let mut envoy = Envoy {
            origin: Origin { port: ports.http },
            process,
        };
        envoy.wait(context, &self.good_token)?;
        Ok(envoy)
    }

    fn command(&self, file: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(file);
        command.args(["--concurrency", "1", "--log-level", "warning"]);
        command.args(["--use-dynamic-base-id", "--disable-hot-restart"]);
        command
    }
}

impl Envoy {
    pub(super) fn pid(&self) -> u32 {
        self.process.pid()
    }

    pub(super) fn resident_mib(&self) -> Outcome<f64> {
        usage::resident_mib(self.pid())
    }

    pub(super) fn last_lines(&self) -> String {
        self.process.last_lines()
    }

    fn wait(&mut self, context: &Context, token: &str) -> Outcome {
        let Origin { port } = self.origin;
        let probe = self
            .origin
            .get("/api/direct", &format!("authorization: Bearer {token}\r\n"));
        let ready = Deadline::after(PATIENCE).poll_every(Duration::from_millis(20), || {
            if self.process.ended().is_some() || context.stop.is_raised() {
                return Some(false);
            }
            let mut connection = Connection::open(port).ok()?;
            let response = connection.exchange(&probe).ok()?;
            (response.status == 200).then_some(true)
        });
        if ready == Some(true) {
            return Ok(());
        }
        let log = self.last_lines();
        Err(Failure::new(format!(
            "Envoy did not start, or lets no good token pass:\n{log}"
        )))
    }
}

fn configuration(setup: Setup, behind: Behind, ports: Ports, jwks: &str) -> Outcome<String> {
    let (routes, api) = match behind {
        Behind::Nothing => (MEASURED_ROUTES, ports.api),
        Behind::Api(port) => (CHECKED_ROUTES, port),
    };
    // The filters first: they, too, name the keys.
    let config = TEMPLATE
        .replace("FILTERS\n", &setup.filters()?)
        .replace("ROUTES", routes)
        .replace("'JWKS'", &format!("'{jwks}'"));
    let placed = [
        ("ADMIN_PORT", ports.admin),
        ("HTTP_PORT", ports.http),
        ("JWKS_PORT", ports.issuer),
        ("API_PORT", api),
    ];
    Ok(placed.into_iter().fold(config, |config, (name, port)| {
        config.replace(name, &port.to_string())
    }))
}
