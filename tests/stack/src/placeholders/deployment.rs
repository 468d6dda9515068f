//! The same for the files of `envoy/deploy/`, which run as they are where `/etc/dockgate` is.

use std::path::PathBuf;

use super::{Edit, Placeholder, PlaceholderError, fill};
use crate::{NoFreePort, Ports};

/// Envoy's configuration.
pub const ENVOY_CONFIG: &str = "envoy/deploy/envoy.yaml";
/// The certificate that it shows.
pub const TLS_CONFIG: &str = "envoy/deploy/tls.yaml";
/// The issuer's configuration.
pub const ISSUER_CONFIG: &str = "envoy/deploy/issuer.toml";

/// Where a deployment lives on this machine.
#[derive(Clone, Debug)]
pub struct DeploymentSite {
    /// The ports of the stack; `http` is that of TLS.
    pub ports: Ports,
    /// Where plain HTTP is sent away from.
    pub plain_http: u16,
    /// Envoy's readiness and metrics.
    pub envoy_ops: u16,
    /// What stands for `/etc/dockgate`.
    pub etc: PathBuf,
    /// The Proxy-Wasm module.
    pub filter: PathBuf,
    /// The issuer's store.
    pub store: PathBuf,
}

impl DeploymentSite {
    /// A site on free ports.
    ///
    /// # Errors
    /// When there are none.
    pub fn free(etc: PathBuf, filter: PathBuf) -> Result<Self, NoFreePort> {
        let more = Ports::free()?;
        Ok(Self {
            ports: Ports::free()?,
            plain_http: more.http,
            envoy_ops: more.ops,
            store: etc.join("store"),
            etc,
            filter,
        })
    }

    /// [`ENVOY_CONFIG`], given as `committed`, for this machine.
    ///
    /// # Errors
    /// When it does not hold every placeholder as often as expected.
    pub fn envoy_config(&self, committed: &str) -> Result<String, PlaceholderError> {
        let Ports {
            http,
            admin,
            issuer,
            api,
            ..
        } = self.ports;
        let listener = |port, ours: u16| {
            let listener =
                |address: &str, port| format!("{{ address: {address}, port_value: {port} }}");
            Placeholder::new(listener("0.0.0.0", port), 1, listener("127.0.0.1", ours))
        };
        let local = |port: u16| format!("{{ address: 127.0.0.1, port_value: {port} }}");
        let placeholders = [
            listener(443, http),
            listener(80, self.plain_http),
            Placeholder::new(local(8002), 1, local(self.envoy_ops)),
            Placeholder::new(local(9901), 2, local(admin)),
            Placeholder::new(local(9000), 1, local(issuer)),
            Placeholder::new("{ address: api.internal, port_value: 8000 }", 1, local(api)),
            Placeholder::new(
                "/etc/dockgate/dockgate_filter.wasm",
                1,
                self.filter.display().to_string(),
            ),
            Placeholder::new("/etc/dockgate/tls.yaml", 1, self.in_etc("tls.yaml")),
        ];
        fill(ENVOY_CONFIG, committed, &[], &placeholders)
    }

    /// [`TLS_CONFIG`], given as `committed`, for this machine.
    ///
    /// # Errors
    /// When it does not hold every placeholder as often as expected.
    pub fn tls_config(&self, committed: &str) -> Result<String, PlaceholderError> {
        let placeholders = [Placeholder::new("/etc/dockgate/tls", 3, self.in_etc("tls"))];
        fill(TLS_CONFIG, committed, &[], &placeholders)
    }

    /// [`ISSUER_CONFIG`], given as `committed`, for this machine, with some changes.
    ///
    /// # Errors
    /// When it does not hold every placeholder, or what an edit replaces, as often as expected.
    pub fn issuer_config(
        &self,
        committed: &str,
        edits: &[Edit],
    ) -> Result<String, PlaceholderError> {
        let Ports { issuer, ops, .. } = self.ports;
        let local = |port: u16| format!("\"127.0.0.1:{port}\"");
        let placeholders = [
            Placeholder::new(local(9000), 1, local(issuer)),
            Placeholder::new(local(9002), 1, local(ops)),
            Placeholder::new(
                "\"/var/lib/dockgate/store\"",
                1,
                format!("{:?}", self.store),
            ),
        ];
        fill(ISSUER_CONFIG, committed, edits, &placeholders)
    }

    fn in_etc(&self, name: &str) -> String {
        self.etc.join(name).display().to_string()
    }
}
