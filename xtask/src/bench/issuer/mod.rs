//! `cargo xtask bench issuer`: the issuer and node-oidc-provider side by side, in one run on one
//! machine. Absolute figures say little elsewhere; the ratios and the CPU time per request do.

mod answer;
mod bare;
mod browser;
mod case;
mod contender;
mod conversation;
mod disk;
mod figures;
mod form;
mod load;
mod machine;
mod metrics;
mod report;
mod server;
mod starts;
mod table;
mod targets;

use std::path::Path;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;

use self::case::{CASES, Case};
use self::contender::{CONNECTIONS, Contender};
use self::figures::Figures;
use self::machine::Machine;
use self::report::{CaseReport, Report, Settings, Sides};
use self::server::Program;
use crate::bench::affinity::{self, Cores};
use crate::bench::{optimised, write};
use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program;

/// The name under which `--case` knows the starts.
const STARTS: &str = "start";

/// What to measure, and how thoroughly.
#[derive(Args)]
pub(crate) struct Arguments {
    /// One round of 2 s per case and side, instead of 4 in turn.
    #[arg(long)]
    quick: bool,
    /// Only this case; may be given several times.
    #[arg(long = "case", value_name = "NAME", value_parser = PossibleValuesParser::new(names()))]
    cases: Vec<String>,
    /// Do not keep the servers on one core and the client on another.
    #[arg(long)]
    no_pin: bool,
}

fn names() -> Vec<&'static str> {
    let cases = CASES.into_iter().map(Case::name);
    std::iter::once(STARTS).chain(cases).collect()
}

impl Arguments {
    fn chosen(&self, name: &str) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|case| case == name)
    }

    fn settings(&self, cores: Option<Cores>) -> Settings {
        // V8 needs seconds to compile what is hot; less would flatter us.
        let (rounds, warm_up_seconds) = if self.quick { (1, 2.0) } else { (4, 4.0) };
        Settings {
            cores,
            connections: CONNECTIONS,
            rounds,
            round_seconds: 2.0,
            warm_up_seconds,
        }
    }
}

/// Builds, measures and reports. Only a case that could not be measured is a failure.
pub(crate) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    if !Path::new("/proc/self/stat").exists() {
        return Err(Failure::new(
            "bench issuer needs Linux: it reads CPU time and memory from /proc",
        ));
    }
    if cfg!(debug_assertions) {
        return optimised(context);
    }
    build(context)?;
    let peer = Program::peer(context)?;
    let report = measure(context, arguments, &peer)?;
    println!("{}", table::of(&report));
    let file = write("issuer", &report)?;
    context.say(&format!("written to {}", file.display()));
    let failed: Vec<&str> = report
        .cases
        .iter()
        .filter(|case| !case.errors.is_empty())
        .map(|case| case.name.as_str())
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "not measured, or not in full: {}",
        failed.join(", ")
    )))
}

fn build(context: &Context) -> Outcome {
    let mut command = cargo("build");
    command.args(["--release", "--package", "dockgate-issuer", "--bins"]);
    command.args(["--example", "bare_signatures"]);
    program::build(context, "the issuer", command)
}

fn measure(context: &Context, arguments: &Arguments, peer: &Program) -> Outcome<Report> {
    std::fs::create_dir_all(server::directory())?;
    let machine = Machine::look(peer);
    let cores = if arguments.no_pin {
        None
    } else {
        affinity::pin()?
    };
    context.say("bare signatures and the disk");
    let mut report = Report {
        machine,
        settings: arguments.settings(cores),
        bare_signatures: bare::measure(context, cores)?,
        disk: disk::measure(&server::directory())?,
        starts: None,
        cases: Vec::new(),
        targets: Vec::new(),
    };
    if arguments.chosen(STARTS) {
        context.say(STARTS);
        report.starts = Some(Sides {
            ours: Some(starts::measure(context, &Program::Ours, cores)?),
            peer: Some(starts::measure(context, peer, cores)?),
        });
    }
    for case in CASES {
        if arguments.chosen(case.name()) {
            context.say(case.name());
            let measured = one_case(context, case, peer, &report.settings);
            report.cases.push(measured);
        }
        if context.stop.is_raised() {
            return Err(Failure::new("stopped"));
        }
    }
    report.targets = targets::of(&report);
    Ok(report)
}

/// Both servers in one case, in turn, so that a disturbance does not hit one side alone.
fn one_case(context: &Context, case: Case, peer: &Program, settings: &Settings) -> CaseReport {
    let programs = [Some(&Program::Ours), case.has_peer().then_some(peer)];
    let warm_up = Duration::from_secs_f64(settings.warm_up_seconds);
    let mut sides = programs.map(|program| {
        program.map(|program| {
            let mut contender = Contender::start(context, case, program, settings.cores)?;
            contender.warm_up(context, warm_up)?;
            Ok(contender)
        })
    });
    let round = Duration::from_secs_f64(settings.round_seconds);
    for _ in 0..settings.rounds {
        for side in sides.iter_mut().flatten() {
            if let Ok(contender) = side
                && let Err(failure) = contender.round(context, round)
            {
                *side = Err(failure);
            }
        }
    }
    let figures = sides.map(|side| side.map(|side| side.and_then(|side| side.figures())));
    let mut errors = Vec::new();
    let [ours, peer] = figures;
    let mut keep = |name: &str, side: Option<Outcome<Figures>>| match side? {
        Ok(figures) => Some(figures),
        Err(failure) => {
            errors.push(format!("{name}: {failure}"));
            None
        }
    };
    let figures = Sides {
        ours: keep(Program::Ours.name(), ours),
        peer: keep("oidc-provider", peer),
    };
    CaseReport {
        name: case.name().to_owned(),
        case,
        figures,
        errors,
    }
}
