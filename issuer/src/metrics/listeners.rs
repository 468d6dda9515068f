//! Connections, by the listener that they came to.

use super::Counted;
use super::registry::METRICS;

/// What is listened on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// For clients and browsers, behind Envoy.
    Http,
    /// For health checks and metrics.
    Ops,
    /// The Unix socket of the operator's commands.
    Admin,
}

impl Listener {
    const ALL: [Self; 3] = [Self::Http, Self::Ops, Self::Admin];

    fn label(self) -> [&'static str; 1] {
        [match self {
            Self::Http => "http",
            Self::Ops => "ops",
            Self::Admin => "admin",
        }]
    }

    /// A connection was accepted, and is open for as long as this is kept.
    #[must_use]
    pub fn connection(self) -> Counted {
        METRICS.connections.with_label_values(&self.label()).inc();
        Counted::of(METRICS.connections_open.with_label_values(&self.label()))
    }

    /// A connection was closed at once, as its address has its part of them already.
    pub fn connection_refused(self) {
        METRICS
            .connections_refused
            .with_label_values(&self.label())
            .inc();
    }

    /// A connection could not be accepted.
    pub fn connection_failed(self) {
        METRICS
            .connections_failed
            .with_label_values(&self.label())
            .inc();
    }
}

/// Shows all of them, with 0 at the start.
pub(super) fn begin(metrics: &super::registry::Metrics) {
    for listener in Listener::ALL {
        let label = listener.label();
        metrics.connections.with_label_values(&label).inc_by(0);
        metrics.connections_open.with_label_values(&label).set(0);
        metrics
            .connections_failed
            .with_label_values(&label)
            .inc_by(0);
        if listener != Listener::Admin {
            metrics
                .connections_refused
                .with_label_values(&label)
                .inc_by(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_counts_for_its_listener_until_it_ends() {
        let open = || METRICS.connections_open.with_label_values(&["admin"]).get();
        let all = || METRICS.connections.with_label_values(&["admin"]).get();
        let (open_before, all_before) = (open(), all());
        let connection = Listener::Admin.connection();
        assert_eq!((open(), all()), (open_before + 1, all_before + 1));
        drop(connection);
        assert_eq!((open(), all()), (open_before, all_before + 1));
    }
}
