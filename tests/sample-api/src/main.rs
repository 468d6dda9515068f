//! The API that the demo and the tests protect. It checks nothing itself: whoever reaches it has
//! passed the gateway, and it says who that was according to the identity headers.

mod chat;
mod cors;
mod echo;
mod health;
mod identity;
mod routes;
mod shutdown;
mod socket;

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::shutdown::Shutdown;

#[derive(Parser)]
#[command(about = "The API that the Dockgate demo protects")]
struct Arguments {
    /// Where to listen; for `health`, where the server listens.
    #[arg(long, global = true, default_value = "127.0.0.1:9001")]
    listen: SocketAddr,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Exits with 0 when a server answers at the address: for container health checks.
    Health,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Some(Command::Health) => health::check(arguments.listen),
        None => serve(arguments.listen),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sample-api at {}: {error}", arguments.listen);
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn serve(listen: SocketAddr) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind(listen).await?;
    let shutdown = Shutdown::listen()?;
    println!("sample-api listens on {listen}");
    let server =
        axum::serve(listener, routes::all()).with_graceful_shutdown(shutdown.clone().asked());
    tokio::select! {
        outcome = server.into_future() => outcome,
        () = shutdown.overdue() => Ok(()),
    }
}
