//! `cargo xtask bench filter`: our filter and Envoy's own, side by side in one run on one machine, in
//! the same Envoy with one worker, in front of the same answer. The ratios are what counts: absolute
//! figures say little elsewhere.

mod case;
mod check;
mod contender;
mod envoy;
mod figures;
mod flat;
mod load;
mod report;
mod requests;
mod setup;
mod table;
mod targets;
mod tokens;

use std::path::Path;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use dockgate_stack::Artifacts;

use self::case::{CASES, Case};
use self::contender::Contender;
use self::envoy::Home;
use self::load::CONNECTIONS;
use self::report::{CaseReport, Measured, Report, Row, Settings};
use self::setup::Setup;
use self::tokens::{GOOD, Mint};
use crate::bench::affinity::{self, Cores};
use crate::bench::algorithm::Algorithm;
use crate::bench::machine::{Facts, answer};
use crate::bench::{optimised, write};
use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::setup::envoy as envoy_binary;
use crate::{build, program};

/// The name under which `--case` knows the long case; it runs only when it is named.
const FLAT: &str = "flat";

/// What to measure, and how thoroughly.
#[derive(Args)]
pub(crate) struct Arguments {
    /// One round of 2 s per case and contender, instead of 4 in turn.
    #[arg(long)]
    quick: bool,
    /// Only this case; may be given several times. `flat`, memory over many distinct tokens, runs only
    /// when it is named.
    #[arg(long = "case", value_name = "NAME", value_parser = PossibleValuesParser::new(names()))]
    cases: Vec<String>,
    /// Distinct tokens of the case `flat`; 10 million take a good half hour.
    #[arg(long, default_value_t = 300_000)]
    tokens: u64,
    /// Do not keep Envoy on one core and the client on another.
    #[arg(long)]
    no_pin: bool,
}

fn names() -> Vec<&'static str> {
    let cases = CASES.into_iter().map(Case::name);
    std::iter::once(FLAT).chain(cases).collect()
}

impl Arguments {
    fn is_named(&self, name: &str) -> bool {
        self.cases.iter().any(|case| case == name)
    }

    fn chosen(&self) -> Vec<Case> {
        let all = self.cases.is_empty();
        let is_chosen = |case: &Case| all || self.is_named(case.name());
        CASES.into_iter().filter(is_chosen).collect()
    }

    fn settings(&self, cores: Option<Cores>) -> Settings {
        let (rounds, warm_up_seconds) = if self.quick { (1, 1.0) } else { (4, 2.0) };
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
            "bench filter needs Linux: it reads CPU time and memory from /proc",
        ));
    }
    if cfg!(debug_assertions) {
        return optimised(context);
    }
    let program = envoy_binary::provide(context)?;
    build::filter(context)?;
    build_native(context)?;
    let report = measure(context, arguments, &program)?;
    println!("{}", table::of(&report));
    let file = write("filter", &report)?;
    context.say(&format!("written to {}", file.display()));
    let failed = report.failed();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "not measured, or not in full: {}",
        failed.join(", ")
    )))
}

fn build_native(context: &Context) -> Outcome {
    let mut command = cargo("build");
    command.args(["--release", "--package", "sample-api", "--bins"]);
    command.args(["--package", "dockgate-tests", "--example", "mint_tokens"]);
    program::build(context, "the sample API and the signer of tokens", command)
}

fn measure(context: &Context, arguments: &Arguments, program: &Path) -> Outcome<Report> {
    let facts = Facts::look();
    let mut mint = Mint::open()?;
    let good_token = mint.fresh(Algorithm::RS256, 1, GOOD)?.concat();
    let cores = if arguments.no_pin {
        None
    } else {
        affinity::pin()?
    };
    let home = Home {
        program: program.to_path_buf(),
        jwks: mint.jwks.clone(),
        good_token,
        cores,
    };
    let module = std::fs::metadata(Artifacts::filter_path())?;
    let mut report = Report {
        facts,
        envoy: envoy_version(program),
        module_kib: module.len() / 1024,
        settings: arguments.settings(cores),
        cases: Vec::new(),
        flat: None,
        targets: Vec::new(),
    };
    let cases = arguments.chosen();
    context.say("that all do the same work");
    let absent = check::all(context, &home, &mut mint, &setups(&cases))?;
    for case in cases {
        context.say(case.name());
        let measured = one_case(context, case, &home, &mut mint, &report.settings, &absent)?;
        report.cases.push(measured);
        if context.stop.is_raised() {
            return Err(Failure::new("stopped"));
        }
    }
    if arguments.is_named(FLAT) {
        context.say(FLAT);
        report.flat = Some(flat::measure(context, &home, &mut mint, arguments.tokens)?);
    }
    report.targets = targets::of(&report);
    Ok(report)
}

/// Envoy says `…  version: COMMIT/1.40.0/Clean/RELEASE/BoringSSL`.
fn envoy_version(program: &Path) -> String {
    let said = answer(&program.to_string_lossy(), &["--version"]);
    said.split('/').rev().nth(3).unwrap_or(&said).to_owned()
}

/// Everybody who takes part in any of these.
fn setups(cases: &[Case]) -> Vec<Setup> {
    let mut setups = vec![Setup::Ours];
    for setup in cases.iter().flat_map(|case| case.setups()) {
        if !setups.contains(setup) {
            setups.push(*setup);
        }
    }
    setups
}

/// Everybody in one case, in turn, so that a disturbance does not hit one alone.
fn one_case(
    context: &Context,
    case: Case,
    home: &Home,
    mint: &mut Mint,
    settings: &Settings,
    absent: &[(Setup, String)],
) -> Outcome<CaseReport> {
    let warm_up = Duration::from_secs_f64(settings.warm_up_seconds);
    let mut sides = Vec::new();
    for setup in case.setups().iter().copied() {
        let why = absent.iter().find(|(absent, _)| *absent == setup);
        if let Some((_, why)) = why {
            sides.push((setup, Err(Measured::Absent(why.clone()))));
            continue;
        }
        let tokens = contender::tokens(mint, case, settings.seconds())?;
        let started = Contender::start(context, home, case, setup, tokens);
        let warm = started.and_then(|mut contender| {
            contender.warm_up(context, warm_up)?;
            Ok(contender)
        });
        sides.push((setup, warm.map_err(failed)));
    }
    let round = Duration::from_secs_f64(settings.round_seconds);
    for _ in 0..settings.rounds {
        for (_, side) in &mut sides {
            if let Ok(contender) = side
                && let Err(failure) = contender.round(context, round)
            {
                *side = Err(failed(failure));
            }
        }
    }
    let rows = sides.into_iter().map(|(setup, side)| Row {
        name: setup.name(),
        setup,
        outcome: match side.map(|contender| contender.figures()) {
            Ok(Ok(figures)) => Measured::Figures(figures),
            Ok(Err(failure)) => failed(failure),
            Err(measured) => measured,
        },
    });
    Ok(CaseReport {
        name: case.name(),
        case,
        rows: rows.collect(),
    })
}

fn failed(failure: Failure) -> Measured {
    Measured::Failed(failure.to_string())
}
