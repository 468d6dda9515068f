//! `[[users]]`: the people who may log in.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use dockgate_token::encode_segment;
use serde::Deserialize;
use url::Url;

use super::bounds::bounded;
use super::demo;
use super::error::Problems;
use super::located::{Located, Place};
use super::password_hash;
use super::resource_servers::check_known_scopes;
use super::secret::Rules;
use crate::protocol::{AuthorizationServer, Clients, ResourceServer, User, UserProfile, Users};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserTable {
    username: Located<String>,
    /// Argon2id, as a PHC string. Unless the issuer is loopback, the demo's passwords are tried on
    /// it by `check` and at start, which takes twice the time of a login for each user.
    password_hash: Located<String>,
    /// The `sub` of the user's tokens. Default: derived from the username; write it down before
    /// the username changes, or the user becomes another one to every API.
    subject: Option<Located<String>>,
    /// Logins before this moment, in seconds since the Unix epoch (`date +%s`), count no more: their
    /// sessions, codes and refresh tokens are dead, and so is every access token where the issuer is
    /// asked. Default 0. Set it together with a new password: a new password alone ends nothing.
    /// A moment that is still to come shuts the user out until then. At most 99999999999, so that
    /// milliseconds are not taken for seconds.
    logins_since: Option<Located<u64>>,
    /// What may be granted in the user's name. Default: nothing.
    #[serde(default)]
    scopes: Vec<Located<String>>,
    // The rest is what clients are told whom the user has granted the scope. Default: nothing.
    /// Full name. Scope `profile`, like all up to `locale` (OIDC Core §5.1, §5.4).
    name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    nickname: Option<String>,
    /// Not the username: a name to log in with is told to nobody.
    preferred_username: Option<String>,
    /// An http or https URL.
    picture: Option<Located<String>>,
    /// An http or https URL.
    website: Option<Located<String>>,
    /// A name of the time zone database, such as "Europe/Paris".
    zoneinfo: Option<String>,
    /// A language tag (BCP 47), such as "en-GB".
    locale: Option<String>,
    /// Scope `email`.
    email: Option<String>,
    /// Default false: clients may trust an address that is known to be the user's, to link accounts
    /// for example.
    #[serde(default)]
    email_verified: bool,
    /// Scope `phone`. E.164, such as "+441865000000".
    phone_number: Option<String>,
    /// Default false, as for the email address.
    #[serde(default)]
    phone_number_verified: bool,
    /// Scope `address`: as it would be written on a letter, lines and all.
    address: Option<String>,
}

pub(super) fn check(
    tables: Vec<UserTable>,
    clients: &Clients,
    servers: &[ResourceServer],
    secrets: &Rules,
    problems: &mut Problems,
) -> Users {
    check_passwords(&tables, secrets, problems);
    let mut users = HashMap::new();
    let mut subjects = HashSet::new();
    for table in tables {
        let username = table.username.value.clone();
        let place = table.username.place.clone();
        let user = check_user(table, clients, servers, &mut subjects, problems);
        if users.insert(username.clone(), user).is_some() {
            let wrong = format!("username {username:?} occurs twice");
            problems.add(
                &place,
                wrong,
                "Give each user a name of their own, or remove one of the two",
            );
        }
    }
    users.into_values().collect()
}

/// A user who is not in the file.
pub(super) fn check_added(
    table: UserTable,
    server: &AuthorizationServer,
    problems: &mut Problems,
) -> User {
    let secrets = Rules::new(Some(&server.issuer), Path::new(""));
    check_passwords(std::slice::from_ref(&table), &secrets, problems);
    let mut subjects = HashSet::new();
    check_user(
        table,
        &server.clients,
        &server.resource_servers,
        &mut subjects,
        problems,
    )
}

fn check_passwords(tables: &[UserTable], secrets: &Rules, problems: &mut Problems) {
    let mut complain = |table: &UserTable, reason: &str| {
        let wrong = format!("user {:?}: {reason}", table.username.value);
        problems.add(&table.password_hash.place, wrong, password_hash::REMEDY);
    };
    let mut usable = Vec::new();
    let mut hashes = Vec::new();
    for table in tables {
        match password_hash::parse(&table.password_hash.value) {
            Ok(hash) => {
                usable.push(table);
                hashes.push(hash);
            }
            Err(reason) => complain(table, reason),
        }
    }
    if secrets.strict {
        for (table, known) in usable.into_iter().zip(demo::are_of_demo_passwords(&hashes)) {
            if known {
                complain(
                    table,
                    "this is a password of the demo, which everybody knows",
                );
            }
        }
    }
}

fn check_user(
    table: UserTable,
    clients: &Clients,
    servers: &[ResourceServer],
    subjects: &mut HashSet<String>,
    problems: &mut Problems,
) -> User {
    let username = table.username.value;
    check_username(&username, &table.username.place, problems);
    let whose = format!("user {username:?}");
    let subject = table.subject.unwrap_or_else(|| Located {
        value: derived_subject(&username),
        place: table.username.place.clone(),
    });
    check_subject(&whose, &subject, clients, subjects, problems);
    User {
        scope: check_known_scopes(&whose, &table.scopes, servers, problems),
        subject: subject.value,
        password_hash: table.password_hash.value,
        logins_since: bounded(
            "logins_since",
            table.logins_since,
            0,
            0..=99_999_999_999,
            problems,
        ),
        profile: UserProfile {
            name: table.name,
            given_name: table.given_name,
            family_name: table.family_name,
            nickname: table.nickname,
            preferred_username: table.preferred_username,
            picture: check_url(&whose, "picture", table.picture, problems),
            website: check_url(&whose, "website", table.website, problems),
            zoneinfo: table.zoneinfo,
            locale: table.locale,
            email: table.email,
            email_verified: table.email_verified,
            phone_number: table.phone_number,
            phone_number_verified: table.phone_number_verified,
            address: table.address,
        },
        username,
    }
}

fn check_username(username: &str, place: &Place, problems: &mut Problems) {
    // The login page takes away spaces at the ends, which phones like to add.
    let bounded = (1..=255).contains(&username.len()) && username.trim() == username;
    if !bounded || username.chars().any(char::is_control) {
        let wrong = format!("username {username:?} cannot be used");
        problems.add(
            place,
            wrong,
            "Write 1 to 255 bytes without control characters, and no space at the ends",
        );
    }
}

fn check_subject(
    whose: &str,
    Located { value, place }: &Located<String>,
    clients: &Clients,
    seen: &mut HashSet<String>,
    problems: &mut Problems,
) {
    // OIDC Core §2: at most 255 ASCII characters.
    if value.is_empty() || value.len() > 255 || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        let instead = "Write 1 to 255 visible ASCII characters without spaces";
        problems.add(
            place,
            format!("{whose}: subject {value:?} cannot be used"),
            instead,
        );
    }
    // A client acting in its own name must not pass for a user (RFC 9700 §4.15).
    if clients.values().any(|client| client.id.as_str() == value) {
        let wrong = format!("{whose}: subject {value:?} is the id of a client");
        problems.add(place, wrong, "Write another subject");
    }
    if !seen.insert(value.clone()) {
        let wrong = format!("{whose}: subject {value:?} belongs to another user");
        problems.add(place, wrong, "Write another subject");
    }
}

/// Clients put these into pages as links: no other scheme may get there.
fn check_url(
    whose: &str,
    key: &str,
    written: Option<Located<String>>,
    problems: &mut Problems,
) -> Option<String> {
    let Located { value, place } = written?;
    let parsed = Url::parse(&value);
    if !parsed.is_ok_and(|url| ["http", "https"].contains(&url.scheme())) {
        let wrong = format!("{whose}: {key} {value:?} cannot be used");
        problems.add(&place, wrong, "Write an http or https URL");
    }
    Some(value)
}

/// Stable, and says nothing to those who do not know the username.
fn derived_subject(username: &str) -> String {
    let digest = digest(&SHA256, format!("dockgate subject\n{username}").as_bytes());
    encode_segment(digest.as_ref().get(..16).unwrap_or_default())
}
