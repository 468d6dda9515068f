//! The command line.

mod commands;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Dockgate's issuer: the OAuth 2.0 authorization server behind Envoy.
#[derive(Parser)]
#[command(name = "dockgate-issuer", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the issuer until SIGTERM or Ctrl-C
    Serve(ConfigFile),
    /// Say what is wrong with a configuration; exit code 64 if anything is
    Check(ConfigFile),
    /// Ask the running issuer whether it is ready; exit code 0 if so, 1 if not
    Health(ConfigFile),
}

#[derive(Args)]
struct ConfigFile {
    /// The configuration file (TOML); environment variables DOCKGATE_* override single values
    #[arg(long = "config", value_name = "FILE")]
    path: PathBuf,
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(config) => commands::serve::run(&config.path),
        Command::Check(config) => commands::check::run(&config.path),
        Command::Health(config) => commands::health::run(&config.path),
    }
}
