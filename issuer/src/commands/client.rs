//! `client`: which applications may ask for tokens.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use dockgate_issuer::http::admin::clients::{
    self, AddedClient, ChangedClient, ClientInfo, Clients, LONGEST_OVERLAP, RotateSecret,
    RotatedSecret, SecretInfo, USUAL_OVERLAP,
};
use dockgate_issuer::http::admin::path_of;

use super::admin_client::{Ask, ask};
use super::client_table::NewClientFrom;
use super::ended;
use super::failure::Failure;
use super::output::{facts, list, moment, print, print_as_json, printable, table};
use super::user::Json;
use crate::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum ClientCommand {
    /// Add a client, and print its secret, once
    Add {
        #[command(flatten)]
        config: ConfigFile,
        #[command(flatten)]
        client: Box<NewClientFrom>,
        #[command(flatten)]
        json: Json,
    },
    /// List all clients
    List {
        #[command(flatten)]
        config: ConfigFile,
        #[command(flatten)]
        json: Json,
    },
    /// Show a client
    Show(Which),
    /// Give a client a new secret, and print it, once; the old ones stay for a while
    RotateSecret {
        #[command(flatten)]
        which: Which,
        /// How long the old secrets stay, in seconds; 0 for one that is in wrong hands
        #[arg(long, value_name = "SECONDS", default_value_t = USUAL_OVERLAP,
            value_parser = clap::value_parser!(u64).range(0..=LONGEST_OVERLAP))]
        overlap: u64,
    },
    /// Shut a client out; its codes and refresh tokens end at once, and stay ended
    Disable(Which),
    /// Let a client in again that was shut out
    Enable(Which),
    /// Remove a client, with all that came of it here
    Remove(Which),
}

#[derive(Args)]
pub(crate) struct Which {
    #[command(flatten)]
    config: ConfigFile,
    /// Which
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    json: Json,
}

pub(crate) fn run(command: ClientCommand) -> ExitCode {
    match command {
        ClientCommand::Add {
            config,
            client,
            json,
        } => super::with_issuer(&config, |store| {
            let new = client.table()?;
            let added: AddedClient = ask(store, &Ask::post(clients::CLIENTS, &new)?)?;
            show_added(&added, json.wanted)
        }),
        ClientCommand::List { config, json } => {
            super::with_issuer(&config, |store| show_all(store, json.wanted))
        }
        ClientCommand::Show(which) => super::with_issuer(&which.config, |store| {
            let path = path_of(clients::CLIENT, &which.id);
            show_one(&ask(store, &Ask::get(&path))?, which.json.wanted)
        }),
        ClientCommand::RotateSecret { which, overlap } => {
            super::with_issuer(&which.config, |store| {
                let path = path_of(clients::SECRET, &which.id);
                let rotate = RotateSecret {
                    overlap_seconds: overlap,
                };
                let rotated = ask(store, &Ask::post(&path, &rotate)?)?;
                show_rotated(&rotated, which.json.wanted)
            })
        }
        ClientCommand::Disable(which) => {
            change(&which, &Ask::bare(clients::DISABLE), "is disabled")
        }
        ClientCommand::Enable(which) => super::with_issuer(&which.config, |store| {
            let path = path_of(clients::ENABLE, &which.id);
            let client: ClientInfo = ask(store, &Ask::bare(&path))?;
            if which.json.wanted {
                return print_as_json(&client);
            }
            print(&format!(
                "{} may ask for tokens again\n",
                printable(&client.client_id)
            ))
        }),
        ClientCommand::Remove(which) => change(&which, &Ask::delete(clients::CLIENT), "is removed"),
    }
}

fn change(which: &Which, template: &Ask<'_>, what: &str) -> ExitCode {
    super::with_issuer(&which.config, |store| {
        let path = path_of(template.path, &which.id);
        let changed: ChangedClient = ask(store, &template.at(&path))?;
        if which.json.wanted {
            return print_as_json(&changed);
        }
        let id = printable(&changed.client.client_id);
        print(&format!(
            "{id} {what}; {}\n",
            ended::sentence(&changed.ended)
        ))
    })
}

/// The secret alone is on standard output, so that it can be sent into a file.
fn show_added(added: &AddedClient, json: bool) -> Result<(), Failure> {
    for warning in &added.warnings {
        eprintln!("warning: {}", printable(warning));
    }
    if json {
        return print_as_json(added);
    }
    let id = printable(&added.client.client_id);
    match &added.client_secret {
        None => print(&format!(
            "client {id} was added, without a secret of the issuer's\n"
        )),
        Some(secret) => {
            eprintln!("client {id} was added; its secret, which cannot be shown again:");
            print(&format!("{secret}\n"))
        }
    }
}

fn show_rotated(rotated: &RotatedSecret, json: bool) -> Result<(), Failure> {
    if json {
        return print_as_json(rotated);
    }
    let ends = rotated
        .client
        .secrets
        .iter()
        .filter_map(|one| one.expires_at);
    let until = match ends.max() {
        None => "the old ones are none any more".to_owned(),
        last => format!("the old ones are good until {}", moment(last)),
    };
    let id = printable(&rotated.client.client_id);
    eprintln!("client {id} has a new secret, which cannot be shown again; {until}:");
    print(&format!("{}\n", rotated.client_secret))
}

fn show_all(store: &Path, json: bool) -> Result<(), Failure> {
    let all: Clients = ask(store, &Ask::get(clients::CLIENTS))?;
    if json {
        return print_as_json(&all);
    }
    let rows: Vec<_> = all.clients.iter().map(row).collect();
    print(&table(
        [
            "CLIENT",
            "STANDING",
            "FROM",
            "ADDED",
            "AUTHENTICATION",
            "GRANTS",
        ],
        &rows,
    ))
}

fn row(client: &ClientInfo) -> [String; 6] {
    [
        client.client_id.clone(),
        client.standing.as_str().to_owned(),
        client.source.as_str().to_owned(),
        moment(client.added_at),
        list(&client.authentication_methods),
        list(&client.grants),
    ]
}

fn show_one(client: &ClientInfo, json: bool) -> Result<(), Failure> {
    if json {
        return print_as_json(client);
    }
    let secrets: Vec<_> = client.secrets.iter().map(secret).collect();
    print(&facts(&[
        ("client", client.client_id.clone()),
        (
            "name",
            client.name.clone().unwrap_or_else(|| "-".to_owned()),
        ),
        ("standing", client.standing.as_str().to_owned()),
        ("from", client.source.as_str().to_owned()),
        ("added", moment(client.added_at)),
        (
            "type",
            client
                .application_type
                .clone()
                .unwrap_or_else(|| "-".to_owned()),
        ),
        ("authentication", list(&client.authentication_methods)),
        ("secrets", list(&secrets)),
        ("grants", list(&client.grants)),
        ("scopes", list(&client.scopes)),
        ("redirect URIs", list(&client.redirect_uris)),
    ]))?;
    for mistake in &client.mistakes {
        eprintln!("left out: {}", printable(mistake));
    }
    Ok(())
}

fn secret(secret: &SecretInfo) -> String {
    match secret.expires_at {
        None => "without-end".to_owned(),
        end => format!("until-{}", moment(end)),
    }
}
