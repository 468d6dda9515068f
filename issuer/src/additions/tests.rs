//! Additions, with a real store.

use super::*;
use crate::protocol::fixture::Fixture;
use crate::store::{AddedBy, SledStore};
use crate::temp_dir::TempDir;

const DIGEST: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

fn stored_client(id: &str, scope: &str) -> StoredClient {
    StoredClient {
        client_id: id.to_owned(),
        table: format!(
            "client_id = {id:?}\ngrants = [\"client_credentials\"]\nscopes = [{scope:?}]\nsecrets = [{{ sha256 = {DIGEST:?} }}]\n"
        ),
        added_at: 5,
        disabled: false,
        added_by: AddedBy::Operator,
    }
}

fn stored_user(name: &str, more: &str) -> StoredUser {
    let server = Fixture::demo().server;
    let hash = &server.users.by_name("alice").unwrap().password_hash;
    StoredUser {
        username: name.to_owned(),
        table: format!("username = {name:?}\npassword_hash = {hash:?}\n{more}\n"),
        added_at: 5,
        disabled: false,
    }
}

/// What a server of the demo's configuration has beside a store with these.
fn loaded(
    clients: &[StoredClient],
    users: &[StoredUser],
) -> Result<(AuthorizationServer, Vec<String>), AdditionError> {
    let dir = TempDir::new();
    let store = SledStore::open(dir.path(), 1 << 20).unwrap();
    for client in clients {
        store.put_added_client(client).unwrap();
    }
    for user in users {
        store.put_added_user(user).unwrap();
    }
    let mut server = Fixture::demo().server;
    let sentences = load(&store, &mut server)?;
    Ok((server, sentences))
}

fn taken(clients: &[StoredClient], users: &[StoredUser]) -> Taken {
    match loaded(clients, users) {
        Err(AdditionError::Taken(taken)) => taken,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_added_is_beside_what_is_configured() {
    let (server, sentences) = loaded(
        &[stored_client("added", "api:read")],
        &[stored_user("carol", "")],
    )
    .unwrap();
    assert!(server.client("added").is_some_and(Client::is_confidential));
    assert!(server.client("web").is_some());
    assert!(server.users.by_name("carol").is_some());
    assert_eq!(sentences, Vec::<String>::new());
}

#[test]
fn what_is_disabled_is_not_there() {
    let client = StoredClient {
        disabled: true,
        ..stored_client("added", "api:read")
    };
    let user = StoredUser {
        disabled: true,
        ..stored_user("carol", "")
    };
    let (server, _) = loaded(&[client], &[user]).unwrap();
    assert!(server.client("added").is_none());
    assert!(server.users.by_name("carol").is_none());
}

#[test]
fn what_the_configuration_has_no_room_for_is_left_out_with_a_sentence() {
    let (server, sentences) = loaded(&[stored_client("added", "no:more")], &[]).unwrap();
    assert!(server.client("added").is_none());
    assert_eq!(sentences.len(), 1);
    assert!(sentences[0].contains("client \"added\", added while the issuer ran, is left out"));
    assert!(sentences[0].contains("no:more"), "{sentences:?}");
}

#[test]
fn no_name_is_in_both() {
    assert_eq!(
        taken(&[stored_client("web", "api:read")], &[]),
        Taken::ClientId("web".to_owned())
    );
    assert_eq!(
        taken(&[], &[stored_user("alice", "")]),
        Taken::Username("alice".to_owned())
    );
    let alice = Fixture::demo()
        .server
        .users
        .by_name("alice")
        .unwrap()
        .clone();
    let subject = format!("subject = {:?}", alice.subject);
    assert_eq!(
        taken(&[], &[stored_user("carol", &subject)]),
        Taken::Subject("carol".to_owned())
    );
    assert_eq!(
        taken(&[stored_client(&alice.subject, "api:read")], &[]),
        Taken::ClientIdIsSubject(alice.subject)
    );
    let (_, sentences) = loaded(
        &[stored_client("added", "api:read")],
        &[stored_user("carol", "subject = \"added\"")],
    )
    .unwrap();
    assert!(
        sentences[0].contains("is the id of a client"),
        "{sentences:?}"
    );
}

#[test]
fn a_client_that_was_added_has_its_secrets_as_digests_and_names_no_file() {
    for line in [
        "secret = \"in-plain-text\"",
        "secret_file = \"/etc/hostname\"",
        "jwks_file = \"/etc/hostname\"",
    ] {
        let table = format!("client_id = \"added\"\ngrants = []\n{line}\n");
        let mistakes = check_client(&table, &Fixture::demo().server).unwrap_err();
        assert!(
            mistakes[0].contains("cannot be kept in the store"),
            "{mistakes:?}"
        );
    }
}

#[test]
fn a_table_that_is_none_is_said_to_be_none() {
    let server = Fixture::demo().server;
    for (table, mistake) in [
        ("client_id = \"a\"", "`grants` is missing"),
        ("client_id = \"a\"\ngrants = []\nx = 1", "unknown key `x`"),
    ] {
        let mistakes = check_client(table, &server).unwrap_err();
        assert!(mistakes[0].contains(mistake), "{mistakes:?}");
    }
}
