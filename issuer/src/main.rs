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
    Check {
        #[command(flatten)]
        config: ConfigFile,
        /// Print `ok`, `problems` and `warnings` as one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Have the running issuer read its configuration again, as SIGHUP does, and say what that
    /// changed; exit code 64 if the file is wrong, and then everything is as it was
    Reload {
        #[command(flatten)]
        config: ConfigFile,
        /// Print `reloaded`, `changes`, `problems` and `warnings` as one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Ask the running issuer whether it is ready; exit code 0 if so, 1 if not
    Health(ConfigFile),
    /// Write all that the store holds into one file, while the issuer runs or not; it is as secret
    /// as the store
    Backup {
        #[command(flatten)]
        config: ConfigFile,
        /// Where to; a file that is there is replaced once the new one is whole. `-` is standard output,
        /// where the exit code says whether it is whole
        #[arg(value_name = "OUT")]
        out: PathBuf,
    },
    /// Make the store from a backup; exit code 65 if the backup is damaged. No store is overwritten
    Restore {
        #[command(flatten)]
        config: ConfigFile,
        /// What `backup` wrote; `-` is standard input
        #[arg(value_name = "BACKUP")]
        backup: PathBuf,
    },
    /// List the running issuer's signing keys, begin a rotation, or bring a key along
    Key {
        #[command(subcommand)]
        command: commands::key::KeyCommand,
    },
}

#[derive(Args)]
pub(crate) struct ConfigFile {
    /// The configuration file (TOML); environment variables DOCKGATE_* override single values
    #[arg(long = "config", value_name = "FILE")]
    pub(crate) path: PathBuf,
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(config) => commands::serve::run(&config.path),
        Command::Check { config, json } => commands::check::run(&config.path, json),
        Command::Reload { config, json } => commands::reload::run(&config.path, json),
        Command::Health(config) => commands::health::run(&config.path),
        Command::Backup { config, out } => commands::backup::run(&config.path, &out),
        Command::Restore { config, backup } => commands::restore::run(&config.path, &backup),
        Command::Key { command } => commands::key::run(command),
    }
}
