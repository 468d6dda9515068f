//! `token`: what was granted, and the end of it.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use dockgate_issuer::http::admin::path_of;
use dockgate_issuer::http::admin::tokens::{self, Families, Family, Revoke};
use dockgate_issuer::store::Ended;
use dockgate_token::ClientId;

use super::admin_client::{Ask, ask};
use super::ended;
use super::failure::Failure;
use super::output::{moment, print, print_as_json, table};
use super::user::Json;
use crate::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Revoke all of a user's or a client's, or one family of refresh tokens
    Revoke {
        #[command(flatten)]
        config: ConfigFile,
        #[command(flatten)]
        whose: WhoseTokens,
        #[command(flatten)]
        json: Json,
    },
    /// List what a user has granted, the latest first
    Families {
        #[command(flatten)]
        config: ConfigFile,
        /// Who
        #[arg(long, value_name = "NAME")]
        user: String,
        #[command(flatten)]
        json: Json,
    },
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhoseTokens {
    /// Sessions, codes and grants of this user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// The same by the `sub` of the user's tokens, also of a user who is gone
    #[arg(long, value_name = "SUB")]
    subject: Option<String>,
    /// Requests, codes and grants of this client
    #[arg(long, value_name = "ID", value_parser = client_id)]
    client: Option<ClientId>,
    /// One grant, by the `grant_id` of the audit log and of `token families`
    #[arg(long, value_name = "ID")]
    family: Option<String>,
}

pub(crate) fn run(command: TokenCommand) -> ExitCode {
    match command {
        TokenCommand::Revoke {
            config,
            whose,
            json,
        } => super::with_issuer(&config, |store| {
            let ended: Ended = ask(store, &Ask::post(tokens::REVOKE, &whose.parsed()?)?)?;
            match json.wanted {
                true => print_as_json(&ended),
                false => print(&format!("{}\n", ended::sentence(&ended))),
            }
        }),
        TokenCommand::Families { config, user, json } => super::with_issuer(&config, |store| {
            let path = path_of(tokens::FAMILIES, &user);
            show(&ask(store, &Ask::get(&path))?, json.wanted)
        }),
    }
}

impl WhoseTokens {
    /// Exactly one is there: clap sees to it.
    fn parsed(self) -> Result<Revoke, Failure> {
        let user = self.user.map(Revoke::User);
        let subject = self.subject.map(Revoke::Subject);
        let client = self.client.map(Revoke::ClientId);
        let family = self.family.map(Revoke::Family);
        let one = user.or(subject).or(client).or(family);
        one.ok_or_else(|| {
            Failure::from("say whose tokens: --user, --client or --family".to_owned())
        })
    }
}

fn show(families: &Families, json: bool) -> Result<(), Failure> {
    if json {
        return print_as_json(families);
    }
    let rows: Vec<_> = families.families.iter().map(row).collect();
    print(&table(
        ["FAMILY", "CLIENT", "GRANTED", "ENDS", "REFRESHES", "SCOPE"],
        &rows,
    ))?;
    let more = families.total.saturating_sub(rows.len());
    if more > 0 {
        eprintln!("{more} older ones are not shown");
    }
    Ok(())
}

fn row(family: &Family) -> [String; 6] {
    [
        family.id.clone(),
        family.client_id.to_string(),
        moment(Some(family.granted_at)),
        moment(Some(family.expires_at)),
        if family.refreshes { "yes" } else { "no" }.to_owned(),
        family.scope.clone(),
    ]
}

fn client_id(text: &str) -> Result<ClientId, String> {
    text.parse()
        .map_err(|_| "a client's id has 1 to 255 printable ASCII characters".to_owned())
}
