//! Everything that was measured in one run.

use serde::Serialize;

use super::case::Case;
use super::figures::Figures;
use super::flat::Flat;
use super::setup::Setup;
use crate::bench::affinity::Cores;
use crate::bench::machine::Facts;
use crate::bench::target::Target;

/// The run, as it is written to the JSON file.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    #[serde(flatten)]
    pub(super) facts: Facts,
    pub(super) envoy: String,
    pub(super) module_kib: u64,
    pub(super) settings: Settings,
    pub(super) cases: Vec<CaseReport>,
    pub(super) flat: Option<Flat>,
    pub(super) targets: Vec<Target>,
}

/// How it was measured.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Settings {
    /// `None` where nothing was pinned.
    pub(super) cores: Option<Cores>,
    pub(super) connections: usize,
    pub(super) rounds: u32,
    pub(super) round_seconds: f64,
    pub(super) warm_up_seconds: f64,
}

impl Settings {
    /// How long tokens must last that are used once.
    pub(super) fn seconds(&self) -> f64 {
        self.warm_up_seconds + f64::from(self.rounds) * self.round_seconds
    }
}

/// One case.
#[derive(Clone, Debug, Serialize)]
pub(super) struct CaseReport {
    pub(super) name: &'static str,
    #[serde(skip)]
    pub(super) case: Case,
    pub(super) rows: Vec<Row>,
}

/// One contender in it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) name: &'static str,
    #[serde(skip)]
    pub(super) setup: Setup,
    #[serde(flatten)]
    pub(super) outcome: Measured,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Measured {
    Figures(Figures),
    /// This build of the filter has no such setting.
    Absent(String),
    Failed(String),
}

impl Report {
    pub(super) fn figures(&self, case: Case, setup: Setup) -> Option<&Figures> {
        let report = self.cases.iter().find(|report| report.case == case)?;
        report.figures(setup)
    }

    /// Cases that were not measured in full.
    pub(super) fn failed(&self) -> Vec<&'static str> {
        let failed = |row: &Row| matches!(row.outcome, Measured::Failed(_));
        let cases = self.cases.iter();
        cases
            .filter(|case| case.rows.iter().any(failed))
            .map(|case| case.name)
            .collect()
    }
}

impl CaseReport {
    pub(super) fn figures(&self, setup: Setup) -> Option<&Figures> {
        let row = self.rows.iter().find(|row| row.setup == setup)?;
        match &row.outcome {
            Measured::Figures(figures) => Some(figures),
            Measured::Absent(_) | Measured::Failed(_) => None,
        }
    }
}
