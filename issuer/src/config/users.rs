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

/// The people who may log in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct UserTable {
    /// What the user logs in with: 1 to 255 bytes, no control characters, no space at the ends.
    #[cfg_attr(test, schemars(extend("examples" = ["alice"])))]
    username: Located<String>,
    /// Argon2id, as a PHC string, at least as strong as OWASP asks (`m=19456,t=2,p=1`) and of at
    /// most 1 GiB: `printf %s THE_PASSWORD | argon2 "$(openssl rand -hex 16)" -id -k 19456 -t 2 -p
    /// 1 -e`. Unless the issuer is loopback, the demo's passwords are tried on it, which takes
    /// twice the time of a login.
    #[cfg_attr(test, schemars(extend("examples" = ["$argon2id$v=19$m=19456,t=2,p=1$i0mrEZ7XrfqRdVtgN3VJ2g$tl7WQdg/UnyGFE+xTmngAMh4KzQH1j1Sb0IxLF3+Cak"])))]
    password_hash: Located<String>,
    /// The `sub` of the user's tokens; no client's id (RFC 9700 §4.15). Write it down before the
    /// username changes, or the user becomes another one to every API.
    #[cfg_attr(test, schemars(extend("x-default" = "from the username", "examples" = ["user-4cmzq8xg2v"])))]
    subject: Option<Located<String>>,
    /// A moment in seconds since the Unix epoch (`date +%s`): logins before it count no more, nor
    /// what was granted after them. Set it with a new password. A moment to come shuts the user out
    /// until then.
    logins_since: Option<Located<u64>>,
    /// The most that may be granted in the user's name.
    #[cfg_attr(test, schemars(extend("examples" = [["openid", "profile", "api:read"]])))]
    #[serde(default)]
    scopes: Vec<Located<String>>,
    /// Full name; scope `profile`, for whose claims see OIDC Core §5.4.
    #[cfg_attr(test, schemars(extend("examples" = ["Alice Liddell"])))]
    name: Option<String>,
    /// First names; scope `profile`.
    #[cfg_attr(test, schemars(extend("examples" = ["Alice"])))]
    given_name: Option<String>,
    /// Last names; scope `profile`.
    #[cfg_attr(test, schemars(extend("examples" = ["Liddell"])))]
    family_name: Option<String>,
    /// What friends say; scope `profile`.
    #[cfg_attr(test, schemars(extend("examples" = ["Al"])))]
    nickname: Option<String>,
    /// What the user wants to be called by in applications; scope `profile`. Not the username: a name to log in with
    /// is told to nobody.
    #[cfg_attr(test, schemars(extend("examples" = ["wonder"])))]
    preferred_username: Option<String>,
    /// An `http` or `https` URL of a picture of the user; scope `profile`.
    #[cfg_attr(test, schemars(extend("examples" = ["https://example.com/alice.png"])))]
    picture: Option<Located<String>>,
    /// An `http` or `https` URL of the user's page; scope `profile`.
    #[cfg_attr(test, schemars(extend("examples" = ["https://alice.example.com/"])))]
    website: Option<Located<String>>,
    /// A name of the time zone database; scope `profile`.
    #[cfg_attr(test, schemars(extend("examples" = ["Europe/Paris"])))]
    zoneinfo: Option<String>,
    /// A language tag (BCP 47); scope `profile`.
    #[cfg_attr(test, schemars(extend("examples" = ["en-GB"])))]
    locale: Option<String>,
    /// Scope `email`.
    #[cfg_attr(test, schemars(extend("examples" = ["alice@example.com"])))]
    email: Option<String>,
    /// Whether the address is known to be the user's. Clients may link accounts by a verified
    /// address.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    #[serde(default)]
    email_verified: bool,
    /// Scope `phone`; E.164.
    #[cfg_attr(test, schemars(extend("examples" = ["+441865000000"])))]
    phone_number: Option<String>,
    /// Whether the number is known to be the user's.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    #[serde(default)]
    phone_number_verified: bool,
    /// Scope `address`: as on a letter, lines and all.
    #[cfg_attr(test, schemars(extend("examples" = ["Christ Church, Oxford OX1 1DP"])))]
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
