//! That both sides do the same work: before anything is measured, each is asked the same questions
//! in front of the real sample API.

use std::process::Command;
use std::time::Duration;

use dockgate_stack::{Deadline, Ports, Process, demo_dir, target_dir};
use serde_json::{Value, json};

use super::contender::PATH;
use super::envoy::{Behind, Envoy, Home};
use super::setup::Setup;
use super::tokens::{CLIENT_ID, EXPIRED, GOOD, Mint, SUBJECT};
use crate::bench::algorithm::Algorithm;
use crate::bench::http::{Connection, Origin, Response};
use crate::context::Context;
use crate::failure::{Failure, Outcome};

/// Tokens of every kind.
struct Questions {
    good: Vec<String>,
    expired: String,
}

/// Checks each of these; gives those that this build of the filter cannot be.
pub(super) fn all(
    context: &Context,
    home: &Home,
    mint: &mut Mint,
    setups: &[Setup],
) -> Outcome<Vec<(Setup, String)>> {
    let mut good = Vec::new();
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        good.extend(mint.fresh(algorithm, 1, GOOD)?);
    }
    let expired = mint.fresh(Algorithm::RS256, 1, EXPIRED)?;
    let questions = Questions {
        good,
        expired: expired.concat(),
    };
    let (_api, port) = sample_api(context)?;
    let mut absent = Vec::new();
    for setup in setups.iter().copied().filter(|setup| setup.checks()) {
        match home.start(context, "check", setup, Behind::Api(port)) {
            Ok(envoy) => questions
                .ask(&envoy)
                .map_err(|why| Failure::new(format!("{} does other work: {why}", setup.name())))?,
            Err(failure) => match unknown_setting(&failure.to_string()) {
                Some(why) => absent.push((setup, why)),
                None => return Err(failure),
            },
        }
    }
    Ok(absent)
}

/// A setting that this build of the filter does not have.
fn unknown_setting(log: &str) -> Option<String> {
    let at = log.find("unknown field")?;
    let sentence = log.get(at..)?.split([',', '\n']).next()?;
    Some(sentence.to_owned())
}

fn sample_api(context: &Context) -> Outcome<(Process, u16)> {
    let ports = Ports::free().map_err(|error| Failure::new(error.to_string()))?;
    let port = ports.api;
    let mut command = Command::new(target_dir().join("release/sample-api"));
    command.args(["--listen", &format!("127.0.0.1:{port}")]);
    let dir = demo_dir().join("bench/filter");
    std::fs::create_dir_all(&dir)?;
    let log = dir.join("sample-api.log");
    let process = Process::start("sample-api", command, &log)
        .map_err(|error| Failure::new(format!("the sample API could not be started: {error}")))?;
    let answers = || {
        let given_up = context.stop.is_raised().then_some(false);
        given_up.or_else(|| Connection::open(port).ok().map(|_| true))
    };
    match Deadline::after(Duration::from_secs(10)).poll(answers) {
        Some(true) => Ok((process, port)),
        _ => Err(Failure::new("the sample API does not answer")),
    }
}

impl Questions {
    fn ask(&self, envoy: &Envoy) -> Result<(), String> {
        for token in &self.good {
            admitted(&envoy.origin, token)?;
            shown_by_direct_response(&envoy.origin, token)?;
        }
        let [first, second, ..] = self.good.as_slice() else {
            return Err("no tokens".to_owned());
        };
        let (signed, _) = first.rsplit_once('.').unwrap_or_default();
        let (_, other) = second.rsplit_once('.').unwrap_or_default();
        for (what, token) in [
            ("a bad signature", Some(format!("{signed}.{other}"))),
            ("an expired token", Some(self.expired.clone())),
            ("garbage", Some("garbage".to_owned())),
            ("no token", None),
        ] {
            for path in [PATH, "/api/direct"] {
                let status = ask(&envoy.origin, path, token.as_deref(), |response| {
                    Ok(response.status)
                })?;
                if status != 401 {
                    return Err(format!("{what} gets {status} at {path}"));
                }
            }
        }
        Ok(())
    }
}

/// The sample API is asked, and gets two headers and no token.
fn admitted(origin: &Origin, token: &str) -> Result<(), String> {
    let opened = ask(origin, PATH, Some(token), |response| Ok(response.status))?;
    if opened != 200 {
        return Err(format!("a good token gets {opened} at {PATH}"));
    }
    ask(origin, "/api/echo", Some(token), |response| {
        let seen: Value = serde_json::from_slice(response.body)
            .map_err(|error| format!("{error}: {}", response.summary()))?;
        let is = |name: &str, value: &str| seen.get(name) == Some(&json!([value]));
        if is("x-auth-subject", SUBJECT)
            && is("x-auth-client-id", CLIENT_ID)
            && seen.get("authorization").is_none()
        {
            Ok(())
        } else {
            Err(format!("the API sees {seen}"))
        }
    })
}

/// Where Envoy answers by itself, the filters have run and their headers are there.
fn shown_by_direct_response(origin: &Origin, token: &str) -> Result<(), String> {
    ask(origin, "/api/direct", Some(token), |response| {
        let value = |name: &str| response.header(name).next().map(str::to_owned);
        let seen = [
            value("seen-subject"),
            value("seen-client"),
            value("seen-token"),
        ];
        let [subject, client, token] = &seen;
        // What is not there is a dash, or no header at all.
        let token_is_gone = token.as_deref().is_none_or(|token| token == "-");
        if subject.as_deref() == Some(SUBJECT)
            && client.as_deref() == Some(CLIENT_ID)
            && token_is_gone
        {
            Ok(())
        } else {
            Err(format!("in front of a direct response there is {seen:?}"))
        }
    })
}

fn ask<T>(
    origin: &Origin,
    path: &str,
    token: Option<&str>,
    look: impl FnOnce(&Response<'_>) -> Result<T, String>,
) -> Result<T, String> {
    let header = token.map_or_else(String::new, |token| {
        format!("authorization: Bearer {token}\r\n")
    });
    let mut connection = Connection::open(origin.port)?;
    let response = connection.exchange(&origin.get(path, &header))?;
    look(&response)
}
