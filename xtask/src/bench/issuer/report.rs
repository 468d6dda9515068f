//! Everything that was measured in one run.

use serde::Serialize;

use super::bare::Bare;
use super::case::Case;
use super::disk::Disk;
use super::figures::Figures;
use super::machine::Machine;
use super::starts::Starts;
use crate::bench::affinity::Cores;
use crate::bench::target::Target;

/// The run, as it is written to the JSON file.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) machine: Machine,
    pub(super) settings: Settings,
    pub(super) bare_signatures: Vec<Bare>,
    pub(super) disk: Disk,
    pub(super) starts: Option<Sides<Starts>>,
    pub(super) cases: Vec<CaseReport>,
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

/// The same figures of both.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sides<T> {
    pub(super) ours: Option<T>,
    pub(super) peer: Option<T>,
}

impl<T> Sides<T> {
    /// Ours to the peer's.
    pub(super) fn ratio(&self, figure: impl Fn(&T) -> f64) -> Option<f64> {
        Some(figure(self.ours.as_ref()?) / figure(self.peer.as_ref()?))
    }
}

/// One case.
#[derive(Clone, Debug, Serialize)]
pub(super) struct CaseReport {
    pub(super) name: String,
    #[serde(skip)]
    pub(super) case: Case,
    pub(super) figures: Sides<Figures>,
    /// What went wrong; the side it went wrong on has no figures then.
    pub(super) errors: Vec<String>,
}

impl Report {
    /// A case's figures.
    pub(super) fn figures(&self, case: Case) -> Option<&Sides<Figures>> {
        let report = self.cases.iter().find(|report| report.case == case)?;
        Some(&report.figures)
    }
}
