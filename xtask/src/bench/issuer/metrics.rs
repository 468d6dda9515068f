//! The issuer's own counters, at its ops listener, in the Prometheus text format.

use crate::bench::http::{Connection, Origin};

/// Counts each time the store made what it had written safe on disk.
const FLUSHES: &str = "dockgate_issuer_store_flush_duration_seconds_count";

/// How often the store has flushed so far, or why that is not known.
pub(super) fn flushes(ops: Option<&Origin>) -> Result<f64, String> {
    let ops = ops.ok_or("its store is in memory")?;
    let mut connection = Connection::open(ops.port)?;
    let response = connection.exchange(&ops.get("/metrics", ""))?;
    if response.status != 200 {
        return Err(format!("/metrics answers {}", response.status));
    }
    let text = String::from_utf8_lossy(response.body);
    total(&text, FLUSHES).ok_or_else(|| format!("/metrics has no {FLUSHES}"))
}

/// The sum over all label sets.
fn total(text: &str, name: &str) -> Option<f64> {
    let samples = text.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let value = match rest.strip_prefix('{') {
            Some(labels) => labels.rsplit_once('}')?.1,
            None if rest.starts_with(' ') => rest,
            None => return None,
        };
        value.split_whitespace().next()?.parse::<f64>().ok()
    });
    samples.reduce(|a, b| a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_one_name_are_added() {
        let text = "# TYPE f counter\nf{a=\"}\"} 2\nf{a=\"y\"} 3 1700000000\nf_other 9\n";
        assert_eq!(total(text, "f"), Some(5.0));
        assert_eq!(total("f 7\n", "f"), Some(7.0));
        assert_eq!(total("f_other 9\n", "f"), None);
    }
}
