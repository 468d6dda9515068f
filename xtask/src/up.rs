//! `cargo xtask up`: the demo, until Ctrl-C.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, value_parser};
use dockgate_stack::{Build, Ports, Stack, StackOptions, demo_dir, is_occupied};

use crate::build;
use crate::context::Context;
use crate::failure::{Failure, Outcome};

/// Where the demo listens and what it keeps.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Envoy's port; the issuer identifier `http://localhost:PORT` follows it.
    #[arg(long, default_value_t = Ports::DEMO.http, value_parser = value_parser!(u16).range(1..))]
    port: u16,
    /// The issuer's port.
    #[arg(long, default_value_t = Ports::DEMO.issuer, value_parser = value_parser!(u16).range(1..))]
    issuer_port: u16,
    /// The port of the issuer's health and metrics.
    #[arg(long, default_value_t = Ports::DEMO.ops, value_parser = value_parser!(u16).range(1..))]
    ops_port: u16,
    /// The sample API's port.
    #[arg(long, default_value_t = Ports::DEMO.api, value_parser = value_parser!(u16).range(1..))]
    api_port: u16,
    /// The port of Envoy's admin interface.
    #[arg(long, default_value_t = Ports::DEMO.admin, value_parser = value_parser!(u16).range(1..))]
    admin_port: u16,
    /// Where the store, the logs and the configurations are kept [default: below target/].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Builds the issuer and the sample API without optimisation: sooner ready the first time, and slower.
    #[arg(long)]
    dev: bool,
    /// Extra clients and settings: TOML merged into envoy/issuer.toml; tables merge, arrays of
    /// tables append.
    #[arg(long, value_name = "FILE")]
    issuer_config: Vec<PathBuf>,
}

impl Arguments {
    fn ports(&self) -> Ports {
        Ports {
            http: self.port,
            admin: self.admin_port,
            issuer: self.issuer_port,
            ops: self.ops_port,
            api: self.api_port,
        }
    }

    /// Every port with what it is for and the flag that moves it.
    fn named_ports(&self) -> [(u16, &'static str, &'static str); 5] {
        [
            (self.port, "Envoy", "--port"),
            (self.admin_port, "Envoy's admin interface", "--admin-port"),
            (self.issuer_port, "the issuer", "--issuer-port"),
            (
                self.ops_port,
                "the issuer's health and metrics",
                "--ops-port",
            ),
            (self.api_port, "the sample API", "--api-port"),
        ]
    }
}

/// Builds what is not built, starts everything, and stays until a signal or until a part ends.
pub(crate) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    check_ports(&arguments.named_ports(), is_occupied)?;
    let programs = match arguments.dev {
        true => Build::Dev,
        false => Build::Release,
    };
    build::stack(context, programs)?;
    context.say("starting the issuer, the sample API and Envoy");
    let stack = Stack::start(StackOptions {
        build: programs,
        ports: Some(arguments.ports()),
        dir: Some(
            arguments
                .data
                .clone()
                .unwrap_or_else(|| demo_dir().join("demo")),
        ),
        issuer_config: arguments.issuer_config.clone(),
        stop: context.stop.clone(),
        ..StackOptions::default()
    });
    let stack = stack?;
    announce(context, &stack);
    stay(context, &stack)?;
    println!();
    context.say("stopping");
    stack.stop();
    context.say("everything is stopped");
    Ok(())
}

fn check_ports(ports: &[(u16, &str, &str)], is_occupied: impl Fn(u16) -> bool) -> Outcome {
    let mut complaints = Vec::new();
    for (index, (port, what, flag)) in ports.iter().enumerate() {
        let earlier = ports.iter().take(index).find(|(other, ..)| other == port);
        if let Some((_, other, _)) = earlier {
            complaints.push(format!(
                "port {port} is both {other} and {what}: move it with {flag}"
            ));
        } else if is_occupied(*port) {
            complaints.push(format!(
                "port {port} ({what}) is in use by another program: move it with {flag} PORT"
            ));
        }
    }
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(complaints.join("\n       ")))
    }
}

fn announce(context: &Context, stack: &Stack) {
    let url = stack.base_url();
    println!("Dockgate is ready at {url} ({:.1} s)", context.seconds());
    println!(
        "\nTry it:\n\n  \
         TOKEN=$(curl -s -u service:service-secret -d grant_type=client_credentials \\\n    \
         -d scope=api:read {url}/token | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n  \
         curl -i -H \"Authorization: Bearer $TOKEN\" {url}/api/protected/data\n\n\
         Logs are in {}. Ctrl-C stops everything.",
        stack.log_dir().display()
    );
}

fn stay(context: &Context, stack: &Stack) -> Outcome {
    while !context.stop.is_raised() {
        stack.check()?;
        // A signal ends the wait at once.
        std::thread::park_timeout(Duration::from_millis(250));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: [(u16, &str, &str); 2] = [(1, "Envoy", "--port"), (2, "the API", "--api-port")];

    #[test]
    fn an_occupied_port_is_named_with_the_flag_that_moves_it() {
        let failure = check_ports(&PORTS, |port| port == 2)
            .unwrap_err()
            .to_string();
        assert_eq!(
            failure,
            "port 2 (the API) is in use by another program: move it with --api-port PORT"
        );
        assert!(check_ports(&PORTS, |_| false).is_ok());
    }

    #[test]
    fn one_port_cannot_serve_two() {
        let twice = [(1, "Envoy", "--port"), (1, "the API", "--api-port")];
        let failure = check_ports(&twice, |_| false).unwrap_err().to_string();
        assert_eq!(
            failure,
            "port 1 is both Envoy and the API: move it with --api-port"
        );
    }
}
