//! The settings that count from one start to the next. All others may change while the issuer runs.
//!
//! Each structure is taken apart to its last field, so that nobody adds a setting without deciding
//! which of the two it is.

use std::collections::HashMap;
use std::path::Path;

use super::error::ConfigError;
use super::file::File;
use super::located::{Located, Place};
use super::mistake::{Mistake, Position};
use super::{Config, Keys, Listen, Log, PasswordLimits, Store, Tracing};
use crate::protocol::AuthorizationServer;
use crate::store::AuditLimits;

/// Where each of these settings stands; what is not here has its default.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(HashMap<&'static str, Position>);

impl Places {
    pub(super) fn of(file: &File, path: &Path, text: &str) -> Self {
        let File {
            issuer,
            listen,
            store,
            log,
            tracing,
            passwords,
            ..
        } = file;
        let places = [
            ("issuer", place(issuer)),
            ("listen.http", place(&listen.http)),
            ("listen.ops", place(&listen.ops)),
            (
                "listen.trusted_proxies",
                listen
                    .trusted_proxies
                    .iter()
                    .flatten()
                    .next()
                    .map(|first| &first.place),
            ),
            ("listen.proxies_in_a_row", place(&listen.proxies_in_a_row)),
            ("listen.max_connections", place(&listen.max_connections)),
            (
                "listen.header_read_timeout_seconds",
                place(&listen.header_read_timeout_seconds),
            ),
            (
                "listen.body_read_timeout_seconds",
                place(&listen.body_read_timeout_seconds),
            ),
            ("listen.drain_seconds", place(&listen.drain_seconds)),
            ("store.path", place(&store.path)),
            ("store.cache_mib", place(&store.cache_mib)),
            ("log.format", place(&log.format)),
            ("log.level", place(&log.level)),
            ("tracing.otlp_endpoint", place(&tracing.otlp_endpoint)),
            ("tracing.sample_ratio", place(&tracing.sample_ratio)),
            ("tracing.continue_traces", place(&tracing.continue_traces)),
            ("tracing.service_name", place(&tracing.service_name)),
            ("passwords.max_concurrent", place(&passwords.max_concurrent)),
        ];
        let written = places
            .into_iter()
            .filter_map(|(key, place)| Some((key, place?.clone().position(path, text))));
        Self(written.collect())
    }
}

fn place<T>(written: &Option<Located<T>>) -> Option<&Place> {
    written.as_ref().map(|written| &written.place)
}

/// The values that count until the next start.
#[derive(Clone, Debug)]
pub struct Fixed(Vec<(&'static str, String)>);

impl Fixed {
    pub(super) fn of(config: &Config) -> Self {
        let Config {
            listen,
            store,
            log,
            tracing,
            audit,
            keys,
            passwords,
            brand: _,
            server,
            warnings: _,
            places: _,
        } = config;
        let Listen {
            http,
            ops,
            proxies,
            max_connections,
            header_read_timeout,
            body_read_timeout,
            drain,
        } = listen;
        let Store { path, cache_bytes } = store;
        let Log { format, level } = log;
        let Tracing {
            endpoint,
            sample_ratio,
            continue_traces,
            service_name,
        } = tracing;
        let Keys {
            jwks_max_age_seconds: _,
            publish_margin_seconds: _,
            rotation_seconds: _,
            clock_skew_seconds: _,
            // By its own words it counts at the next start.
            protection: _,
        } = keys;
        let AuditLimits {
            max_entries: _,
            keep_seconds: _,
        } = audit;
        let PasswordLimits { max_concurrent } = passwords;
        let AuthorizationServer {
            issuer,
            lifetimes: _,
            resource_servers: _,
            clients: _,
            users: _,
            trusted_issuers: _,
            registration: _,
            client_id_metadata: _,
        } = server;
        let networks: Vec<_> = proxies.networks().map(ToString::to_string).collect();
        let seconds = |duration: &std::time::Duration| duration.as_secs().to_string();
        Self(vec![
            ("issuer", format!("{:?}", issuer.as_str())),
            ("listen.http", format!("{:?}", http.to_string())),
            ("listen.ops", format!("{:?}", ops.to_string())),
            ("listen.trusted_proxies", format!("{networks:?}")),
            ("listen.proxies_in_a_row", proxies.in_a_row().to_string()),
            ("listen.max_connections", max_connections.to_string()),
            (
                "listen.header_read_timeout_seconds",
                seconds(header_read_timeout),
            ),
            (
                "listen.body_read_timeout_seconds",
                seconds(body_read_timeout),
            ),
            ("listen.drain_seconds", seconds(drain)),
            ("store.path", format!("{:?}", path.display().to_string())),
            ("store.cache_mib", (cache_bytes >> 20).to_string()),
            ("log.format", format!("{:?}", format.as_str())),
            ("log.level", format!("{:?}", level.as_str())),
            (
                "tracing.otlp_endpoint",
                endpoint
                    .as_ref()
                    .map_or("nothing".to_owned(), |at| format!("{at:?}")),
            ),
            ("tracing.sample_ratio", sample_ratio.get().to_string()),
            ("tracing.continue_traces", continue_traces.to_string()),
            ("tracing.service_name", format!("{service_name:?}")),
            ("passwords.max_concurrent", max_concurrent.to_string()),
        ])
    }

    /// The tables that they are in.
    pub fn tables(&self) -> impl Iterator<Item = &'static str> {
        let keys = self.0.iter();
        keys.filter_map(|(key, _)| Some(key.split_once('.')?.0))
    }

    /// Whether `new`, which was read from `path`, has these values too.
    ///
    /// # Errors
    /// Each that it does not have, at its line.
    pub fn check(&self, new: &Config, path: &Path) -> Result<(), ConfigError> {
        let Self(wanted) = Self::of(new);
        let changed = self.0.iter().zip(wanted).filter(|(old, new)| **old != *new);
        let mistakes: Vec<_> = changed
            .map(|((key, old), (_, new_value))| {
                let whole = || Place::Absent.position(path, "");
                let position = new.places.0.get(key).cloned().unwrap_or_else(whole);
                Mistake {
                    position,
                    wrong: format!("{key} is {new_value}, but the issuer was started with {old}, which counts until it is started again"),
                    instead: format!("Restart the issuer to change {key}, or write {old} to have the rest of the file count now"),
                }
            })
            .collect();
        match mistakes.is_empty() {
            true => Ok(()),
            false => Err(ConfigError::of(path, mistakes)),
        }
    }
}
