//! Reads two of Envoy's gauges.

/// Asks for both. The answer is text, with a line `name: value` for each.
pub(crate) const PATH: &str = "/stats?filter=(workers_with_keys|server.concurrency)$";

/// Says how many have keys when not all have.
///
/// Envoy's main thread runs the filter too and cannot be told from a worker: only when one more
/// than the workers have keys is no worker without.
pub(crate) fn every_worker_has_keys(stats: &str) -> Result<(), String> {
    let workers = gauge(stats, "server.concurrency")?;
    let with_keys = gauge(stats, "dockgate.workers_with_keys")?;
    if with_keys > workers {
        return Ok(());
    }
    Err(format!(
        "{with_keys} of {} threads have the issuer's keys",
        workers + 1
    ))
}

/// The filter's own are named `wasmcustom.dockgate.…`.
fn gauge(stats: &str, name: &str) -> Result<u64, String> {
    stats
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(found, _)| *found == name || found.ends_with(&format!(".{name}")))
        .and_then(|(_, value)| value.trim().parse().ok())
        .ok_or_else(|| format!("it has no gauge {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(with_keys: u64) -> String {
        format!("server.concurrency: 2\nwasmcustom.dockgate.workers_with_keys: {with_keys}\n")
    }

    #[test]
    fn every_worker_and_the_main_thread_need_keys() {
        assert_eq!(every_worker_has_keys(&stats(3)), Ok(()));
        let reason = every_worker_has_keys(&stats(2)).unwrap_err();
        assert_eq!(reason, "2 of 3 threads have the issuer's keys");
    }

    #[test]
    fn an_envoy_without_the_filter_is_not_ready() {
        let reason = every_worker_has_keys("server.concurrency: 2\n").unwrap_err();
        assert_eq!(reason, "it has no gauge dockgate.workers_with_keys");
    }
}
