//! `dockgate-filter-check`: what a filter configuration does, without Envoy.

mod envoy_config;
mod envoy_json;
mod envoy_yaml;
mod report;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use dockgate_policy::{Policy, Weight, lint};
use dockgate_token::Scope;
use serde_json::Value;

use crate::envoy_config::{Plugin, is_alone, plugins};
use crate::envoy_yaml::{Document, Surprise};
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
    let document = read(arguments, &text).map_err(|error| format!("{file}: {error}"))?;
    let mut found = plugins(&document.value);
    if is_json(arguments) && is_alone(&document.value) {
        // JSON for the filter, which reads this very text.
        for plugin in &mut found {
            plugin.configuration.clone_from(&text);
        }
    }
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
        .map(|plugin| report(plugin, &document.surprises, &requests, scope.as_ref()))
        .collect::<Result<_, _>>()
        .map_err(|problem| format!("{file}: {problem}"))
}

/// As Envoy does, which goes by the file's name.
fn read(arguments: &Arguments, text: &str) -> Result<Document, String> {
    if is_json(arguments) {
        return Ok(Document {
            value: envoy_json::read(text)?,
            surprises: Vec::new(),
        });
    }
    envoy_yaml::read(text)
}

fn is_json(arguments: &Arguments) -> bool {
    let extension = arguments.file.extension();
    extension.is_some_and(|name| name.eq_ignore_ascii_case("json"))
}

fn report(
    plugin: &Plugin,
    surprises: &[Surprise],
    requests: &[(&str, &str)],
    scope: Option<&Scope>,
) -> Result<Report, String> {
    let own = surprises
        .iter()
        .filter(|surprise| is_within(&surprise.place, &plugin.place));
    let surprises: Vec<String> = own
        .map(|surprise| format!("{}: {}", surprise.place, surprise.sentence))
        .collect();
    let place = match plugin.place.as_str() {
        "" => "configuration",
        place => place,
    };
    let policy = Policy::from_json(plugin.configuration.as_bytes()).map_err(|error| {
        let hints = surprises.iter().map(|said| format!("\n  {said}"));
        format!("{place}: {error}{}", hints.collect::<String>())
    })?;
    let (mut open, mut advice) = (Vec::new(), surprises);
    advice.extend(plugin.advice.iter().cloned());
    for found in lint(&policy) {
        match found.weight {
            Weight::Open => open.push(found.to_string()),
            Weight::Advice => advice.push(found.to_string()),
        }
    }
    Ok(Report {
        place: place.to_owned(),
        rules: policy.rules().map(|rule| rule.to_string()).collect(),
        unmatched: policy.unmatched(),
        open,
        advice,
        verdicts: requests
            .iter()
            .map(|(method, path)| Verdict::of(&policy, method, path, scope))
            .collect(),
    })
}

fn is_within(place: &str, whole: &str) -> bool {
    let rest = place.strip_prefix(whole);
    rest.is_some_and(|rest| whole.is_empty() || rest.starts_with(['.', '[']))
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
        println!("{}", Value::Array(all));
    } else {
        for report in reports {
            println!("{report}");
        }
    }
}
