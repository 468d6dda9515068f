//! `dockgate-filter-check`: what a filter configuration does, without Envoy.

mod envoy_config;
mod report;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use dockgate_policy::{Policy, lint};
use dockgate_token::Scope;

use crate::envoy_config::{Plugin, plugins};
use crate::report::{Report, Verdict};

/// Checks the configuration of Dockgate's filter and says what it does with requests. Exit code 0
/// if it is valid, 64 if not; with --strict also 64 if there is advice.
#[derive(Parser)]
#[command(name = "dockgate-filter-check", version)]
struct Arguments {
    /// An Envoy configuration with the filter in it, or the filter's configuration alone; YAML or
    /// JSON
    file: PathBuf,
    /// Requests to explain, each a method and a path: GET /api/data
    #[arg(value_name = "METHOD PATH")]
    requests: Vec<String>,
    /// The scopes of a valid token that the requests bring
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// Fail where there is advice, too
    #[arg(long)]
    strict: bool,
}

/// As in sysexits.h: the input is at fault.
const BAD_CONFIGURATION: u8 = 64;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match check(&arguments) {
        Ok(reports) => {
            print(&arguments, &reports);
            let advised = reports.iter().any(|report| !report.advice.is_empty());
            if arguments.strict && advised {
                ExitCode::from(BAD_CONFIGURATION)
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(BAD_CONFIGURATION)
        }
    }
}

fn check(arguments: &Arguments) -> Result<Vec<Report>, String> {
    let file = arguments.file.display();
    let text = fs::read_to_string(&arguments.file).map_err(|error| format!("{file}: {error}"))?;
    let document = serde_saphyr::from_str(&text).map_err(|error| {
        let error = error.to_string();
        let error = error.strip_prefix("error: ").unwrap_or(&error);
        format!("{file}: {error}")
    })?;
    let found = plugins(&document);
    if found.is_empty() {
        return Err(format!(
            "{file}: there is no configuration of the filter in it: neither `issuers` at the top nor a Wasm filter whose `configuration` has them"
        ));
    }
    let scope = arguments.scope.as_deref().map(str::parse::<Scope>);
    let scope = scope
        .transpose()
        .map_err(|error| format!("--scope: {error}"))?;
    let requests = pairs(&arguments.requests)?;
    found
        .iter()
        .map(|plugin| report(plugin, &requests, scope.as_ref()))
        .collect::<Result<_, _>>()
        .map_err(|problem| format!("{file}: {problem}"))
}

fn report(
    plugin: &Plugin,
    requests: &[(&str, &str)],
    scope: Option<&Scope>,
) -> Result<Report, String> {
    let policy = Policy::from_json(plugin.configuration.as_bytes())
        .map_err(|error| format!("{}: {error}", plugin.place))?;
    let mut advice = plugin.advice.clone();
    advice.extend(lint(&policy).iter().map(ToString::to_string));
    Ok(Report {
        place: plugin.place.clone(),
        rules: policy.rules().map(|rule| rule.to_string()).collect(),
        unmatched: policy.unmatched(),
        advice,
        verdicts: requests
            .iter()
            .map(|(method, path)| Verdict::of(&policy, method, path, scope))
            .collect(),
    })
}

fn pairs(words: &[String]) -> Result<Vec<(&str, &str)>, String> {
    words
        .chunks(2)
        .map(|pair| match pair {
            [method, path] => Ok((method.as_str(), path.as_str())),
            _ => Err("each request is a method and a path: GET /api/data".to_owned()),
        })
        .collect()
}

fn print(arguments: &Arguments, reports: &[Report]) {
    if arguments.json {
        let all: Vec<_> = reports.iter().map(Report::to_json).collect();
        println!("{}", serde_json::Value::Array(all));
    } else {
        for report in reports {
            println!("{report}");
        }
    }
}
