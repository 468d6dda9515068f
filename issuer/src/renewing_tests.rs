use std::sync::Arc;

use argon2::{Argon2, Params, PasswordHasher as _};
use tokio::sync::mpsc::channel;

use super::*;
use crate::entropy::system_entropy;
use crate::http::App;
use crate::http::tests::demo_app_in;
use crate::passwords::Passwords;
use crate::protocol::{User, check_password};
use crate::store::{AuditFilter, AuditStore as _, StoredUser};
use crate::temp_dir::TempDir;
use crate::throttle::Source;

const PASSWORD: &str = "correct horse";

/// The least that a configuration may have, and less work than a new one.
fn outdated() -> String {
    let argon2 = Argon2::from(Params::new(7168, 5, 1, None).unwrap());
    let hash = argon2.hash_password_with_salt(PASSWORD.as_bytes(), b"a salt of 16 byt");
    hash.unwrap().to_string()
}

/// An issuer to which carol was added, and where her new hashes come out.
fn issuer(directory: &TempDir, change: impl FnOnce(&mut App)) -> (Current, Renewals) {
    let mut app = App {
        entropy: system_entropy,
        ..demo_app_in(directory.path(), "http://localhost:8080")
    };
    let stored = StoredUser {
        username: "carol".to_owned(),
        table: format!(
            "username = \"carol\"\nsubject = \"user-of-carol\"\nlogins_since = 5\npassword_hash = {:?}\nscopes = [\"api:read\"]\nemail = \"carol@example.com\"\n",
            outdated()
        ),
        added_at: 5,
        disabled: false,
    };
    app.store.put_added_user(&stored).unwrap();
    let user = additions::user(&stored, &app.server).unwrap();
    app.server.users.add(user.unwrap());
    change(&mut app);
    let hashes = app.server.users.password_hashes();
    let (passwords, renewals) = Passwords::new(1, hashes).renewing(system_entropy);
    app.passwords = Arc::new(passwords);
    (Current::new(app).unwrap(), renewals)
}

async fn logs_in(current: &Current, name: &str) -> bool {
    let app = current.app();
    let source = Source::browser(None);
    let user = check_password(app.context(), source, name, PASSWORD).await;
    user.unwrap().is_some()
}

fn carol(current: &Current) -> User {
    let app = current.app();
    app.server.users.by_name("carol").unwrap().clone()
}

fn events(current: &Current) -> usize {
    let all = AuditFilter {
        limit: 100,
        ..AuditFilter::default()
    };
    current.app().store.audit(&all).unwrap().entries.len()
}

#[tokio::test]
async fn a_login_with_an_outdated_hash_leaves_a_new_one_and_ends_nothing() {
    let directory = TempDir::new();
    let (current, mut renewals) = issuer(&directory, |_| {});
    let before = carol(&current);
    let on_record = events(&current);
    assert!(logs_in(&current, "carol").await);
    let renewal = renewals.try_recv().unwrap();
    let (sender, waiting) = channel(1);
    sender.send(renewal.clone()).await.unwrap();
    drop(sender);
    keep_renewed(current.clone(), waiting).await;

    let after = carol(&current);
    assert_eq!(after.password_hash, renewal.new);
    assert!(after.password_hash.contains("m=19456,t=2,p=1"));
    let same = User {
        password_hash: before.password_hash.clone(),
        ..after
    };
    assert!(same == before, "nothing else of her has changed");
    assert_eq!(events(&current), on_record);
    let stored = current.app().store.added_user("carol").unwrap().unwrap();
    assert!(stored.table.contains(&renewal.new), "{}", stored.table);
    assert!(!stored.table.contains(&renewal.old));
    assert!(logs_in(&current, "carol").await, "with the same password");
    assert!(renewals.try_recv().is_err(), "once is enough");
}

#[tokio::test]
async fn what_an_operator_did_meanwhile_stays() {
    let directory = TempDir::new();
    let (current, mut renewals) = issuer(&directory, |_| {});
    assert!(logs_in(&current, "carol").await);
    let renewal = renewals.try_recv().unwrap();
    let store = current.app().store.clone();
    let stored = store.added_user("carol").unwrap().unwrap();
    let another = Renewal {
        old: "$argon2id$of another password".to_owned(),
        ..renewal.clone()
    };
    assert_eq!(keep(&current, &another).unwrap(), None);
    let disabled = StoredUser {
        disabled: true,
        ..stored.clone()
    };
    store.put_added_user(&disabled).unwrap();
    assert_eq!(keep(&current, &renewal).unwrap(), None);
    assert_eq!(store.added_user("carol").unwrap(), Some(disabled));
    store.remove_added_user("carol").unwrap();
    assert_eq!(keep(&current, &renewal).unwrap(), None);
    assert_eq!(store.added_user("carol").unwrap(), None);
    store.put_added_user(&stored).unwrap();
    let kept = keep(&current, &renewal).unwrap();
    assert_eq!(kept.as_deref(), Some("user-of-carol"));
}

#[tokio::test]
async fn a_hash_of_the_configuration_is_the_operators() {
    let directory = TempDir::new();
    let (current, mut renewals) = issuer(&directory, |app| {
        let users = app.server.users.configured().cloned();
        app.server.users = users
            .map(|user| User {
                password_hash: outdated(),
                ..user
            })
            .collect();
    });
    assert!(logs_in(&current, "alice").await);
    assert!(renewals.try_recv().is_err());
}
