//! `user`: who may log in.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use dockgate_issuer::http::admin::path_of;
use dockgate_issuer::http::admin::users::{self, ChangedUser, NewPassword, UserInfo, Users};
use serde::Serialize;

use super::admin_client::{Ask, ask};
use super::ended;
use super::failure::Failure;
use super::output::{list, moment, print, print_as_json, printable, table};
use super::password_input::PasswordFrom;
use crate::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Add a user, and ask for the password
    Add(Box<NewUser>),
    /// Give a user another password; sessions, codes and refresh tokens of before end
    Passwd {
        #[command(flatten)]
        config: ConfigFile,
        /// Who
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        password: PasswordFrom,
        /// Let sessions and refresh tokens go on: not after the password was in wrong hands
        #[arg(long)]
        keep_sessions: bool,
        #[command(flatten)]
        json: Json,
    },
    /// List all users, without their passwords
    List {
        #[command(flatten)]
        config: ConfigFile,
        #[command(flatten)]
        json: Json,
    },
    /// Shut a user out; sessions, codes and refresh tokens end at once, and stay ended
    Disable(Whom),
    /// Let a user in again who was shut out
    Enable(Whom),
    /// Remove a user, with all that came of them here
    Remove(Whom),
}

#[derive(Args)]
pub(crate) struct Json {
    /// As JSON
    #[arg(long = "json")]
    pub(crate) wanted: bool,
}

#[derive(Args)]
pub(crate) struct Whom {
    #[command(flatten)]
    config: ConfigFile,
    /// Who
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    json: Json,
}

/// As in the `[[users]]` of the configuration.
#[derive(Args, Serialize)]
pub(crate) struct NewUser {
    #[serde(skip)]
    #[command(flatten)]
    config: ConfigFile,
    #[serde(skip)]
    #[command(flatten)]
    json: Json,
    #[serde(skip)]
    #[command(flatten)]
    password: PasswordFrom,
    /// The name to log in with
    #[arg(value_name = "NAME")]
    username: String,
    /// What may be granted in the user's name; several times, or several with spaces between them
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ' ')]
    scopes: Vec<String>,
    /// The `sub` of the user's tokens; otherwise a random one, which nobody has had
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// Full name
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// First names
    #[arg(long, value_name = "TEXT")]
    given_name: Option<String>,
    /// Last names
    #[arg(long, value_name = "TEXT")]
    family_name: Option<String>,
    /// What friends say
    #[arg(long, value_name = "TEXT")]
    nickname: Option<String>,
    /// What applications are to call the user by
    #[arg(long, value_name = "TEXT")]
    preferred_username: Option<String>,
    /// URL of a picture
    #[arg(long, value_name = "URL")]
    picture: Option<String>,
    /// URL of the user's page
    #[arg(long, value_name = "URL")]
    website: Option<String>,
    /// Time zone, such as Europe/Paris
    #[arg(long, value_name = "ZONE")]
    zoneinfo: Option<String>,
    /// Language, such as en-GB
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
    /// Email address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The address is known to be the user's: applications may link accounts by it
    #[arg(long, requires = "email")]
    email_verified: bool,
    /// Telephone number, E.164
    #[arg(long, value_name = "NUMBER")]
    phone_number: Option<String>,
    /// The number is known to be the user's
    #[arg(long, requires = "phone_number")]
    phone_number_verified: bool,
    /// Postal address, as on a letter
    #[arg(long, value_name = "TEXT")]
    address: Option<String>,
}

/// With the hash, which is no argument.
#[derive(Serialize)]
struct Table<'a> {
    password_hash: String,
    #[serde(flatten)]
    user: &'a NewUser,
}

pub(crate) fn run(command: UserCommand) -> ExitCode {
    match command {
        UserCommand::Add(mut new) => {
            let config = new.config.clone();
            super::with_issuer(&config, |store| add(store, &mut new))
        }
        UserCommand::Passwd {
            config,
            name,
            password,
            keep_sessions,
            json,
        } => super::with_issuer(&config, |store| {
            let new = NewPassword {
                password_hash: password.hash()?,
                keep_sessions,
            };
            let path = path_of(users::PASSWORD, &name);
            let changed = ask(store, &Ask::post(&path, &new)?)?;
            report(&changed, "has another password", json.wanted)
        }),
        UserCommand::List { config, json } => {
            super::with_issuer(&config, |store| show_all(store, json.wanted))
        }
        UserCommand::Disable(whom) => change(&whom, &Ask::bare(users::DISABLE), "is disabled"),
        UserCommand::Enable(whom) => super::with_issuer(&whom.config, |store| {
            let path = path_of(users::ENABLE, &whom.name);
            let user: UserInfo = ask(store, &Ask::bare(&path))?;
            report_one(&user, "may log in again", whom.json.wanted)
        }),
        UserCommand::Remove(whom) => change(&whom, &Ask::delete(users::USER), "is removed"),
    }
}

fn add(store: &Path, new: &mut NewUser) -> Result<(), Failure> {
    let password = std::mem::take(&mut new.password);
    let table = Table {
        password_hash: password.hash()?,
        user: new,
    };
    let user: UserInfo = ask(store, &Ask::post(users::USERS, &table)?)?;
    report_one(&user, "was added", new.json.wanted)
}

fn change(whom: &Whom, template: &Ask<'_>, what: &str) -> ExitCode {
    super::with_issuer(&whom.config, |store| {
        let path = path_of(template.path, &whom.name);
        let changed = ask(store, &template.at(&path))?;
        report(&changed, what, whom.json.wanted)
    })
}

fn report(changed: &ChangedUser, what: &str, json: bool) -> Result<(), Failure> {
    if json {
        return print_as_json(changed);
    }
    let name = printable(&changed.user.username);
    print(&format!(
        "{name} {what}; {}\n",
        ended::sentence(&changed.ended)
    ))
}

fn report_one(user: &UserInfo, what: &str, json: bool) -> Result<(), Failure> {
    if json {
        return print_as_json(user);
    }
    let (name, subject) = (&user.username, user.subject.as_deref().unwrap_or("-"));
    print(&format!(
        "{} {what}; subject {}\n",
        printable(name),
        printable(subject)
    ))
}

fn show_all(store: &Path, json: bool) -> Result<(), Failure> {
    let all: Users = ask(store, &Ask::get(users::USERS))?;
    if json {
        return print_as_json(&all);
    }
    let rows: Vec<_> = all.users.iter().map(row).collect();
    print(&table(
        ["USERNAME", "SUBJECT", "STANDING", "FROM", "ADDED", "SCOPES"],
        &rows,
    ))
}

fn row(user: &UserInfo) -> [String; 6] {
    [
        user.username.clone(),
        user.subject.clone().unwrap_or_else(|| "-".to_owned()),
        user.standing.as_str().to_owned(),
        user.source.as_str().to_owned(),
        moment(user.added_at),
        list(&user.scopes),
    ]
}
