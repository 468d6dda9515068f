//! Targets. One that is missed fails nothing: it is shown.

use serde::Serialize;

/// A target and how far it is reached.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Target {
    pub(super) what: String,
    /// `None` when this run did not measure it.
    pub(super) measured: Option<f64>,
    pub(super) wanted: f64,
    /// Whether less is better.
    pub(super) at_most: bool,
    pub(super) unit: &'static str,
}

impl Target {
    pub(super) fn met(&self) -> Option<bool> {
        let measured = self.measured?;
        Some(if self.at_most {
            measured <= self.wanted
        } else {
            measured >= self.wanted
        })
    }

    /// A line of the table: whether it is met, and by how much.
    pub(super) fn row(&self) -> String {
        let verdict = match self.met() {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "-",
        };
        let bound = if self.at_most { "≤" } else { "≥" };
        let Self {
            what, wanted, unit, ..
        } = self;
        let measured = number(self.measured, 2);
        format!("  {verdict:<8}{what:<68}{measured:>8} {unit} (target {bound} {wanted} {unit})")
    }
}

/// A figure with as many decimals, or "n/a".
pub(super) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.decimals$}"))
}

/// A figure as a multiple of another, or "n/a".
pub(super) fn ratio(value: Option<f64>) -> String {
    value.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.2}×"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_bound_that_itself_is_good_enough() {
        let target = |at_most, measured| Target {
            what: String::new(),
            measured,
            wanted: 2.0,
            at_most,
            unit: "",
        };
        assert_eq!(target(true, Some(2.0)).met(), Some(true));
        assert_eq!(target(true, Some(2.1)).met(), Some(false));
        assert_eq!(target(false, Some(1.9)).met(), Some(false));
        assert_eq!(target(false, None).met(), None);
    }
}
