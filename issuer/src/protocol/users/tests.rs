//! Tests of the registry of users.

use super::*;
use crate::protocol::fixture::Fixture;

fn carol() -> User {
    let mut carol = Fixture::demo().server.users.by_name("bob").unwrap().clone();
    carol.username = "carol".to_owned();
    carol.subject = "carols-subject".to_owned();
    carol
}

#[test]
fn a_user_who_was_added_is_found_by_name_and_by_subject() {
    let mut users = Fixture::demo().server.users;
    let before = users.clone();
    users.add(carol());
    assert_eq!(users.by_name("carol").unwrap().subject, "carols-subject");
    assert_eq!(
        users.by_subject("carols-subject").unwrap().username,
        "carol"
    );
    assert!(!users.is_configured("carol"));
    assert!(before.by_name("carol").is_none(), "a copy is its own");
    users.remove_added("carol");
    assert!(users.by_name("carol").is_none());
    assert!(users.by_subject("carols-subject").is_none());
}

#[test]
fn a_user_who_changes_the_subject_has_no_other_left() {
    let mut users = Users::default();
    users.add(carol());
    users.add(User {
        subject: "another".to_owned(),
        ..carol()
    });
    assert!(users.by_subject("carols-subject").is_none());
    assert!(users.by_subject("another").is_some());
}

#[test]
fn who_is_configured_cannot_be_taken_away() {
    let mut users = Fixture::demo().server.users;
    users.remove_added("alice");
    assert!(users.is_configured("alice"));
}
