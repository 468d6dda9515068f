//! Secrets that follow each other.

use super::*;

const NOW: UnixSeconds = 1_000;

fn table(text: &str) -> Table {
    text.parse().unwrap()
}

fn ends(table: &Table) -> Vec<Option<i64>> {
    let secrets = table["secrets"].as_array().unwrap().iter();
    secrets
        .map(|secret| secret.get("expires_at").and_then(Value::as_integer))
        .collect()
}

#[test]
fn the_new_one_has_no_end_and_the_old_ones_no_later_one_than_they_had() {
    let mut client = table(
        "secrets = [{ sha256 = \"a\" }, { sha256 = \"b\", expires_at = 1050 }, { sha256 = \"c\", expires_at = 9000 }]",
    );
    replace(&mut client, "new", NOW, 100).unwrap();
    assert_eq!(ends(&client), [None, Some(1100), Some(1050), Some(1100)]);
}

#[test]
fn without_an_overlap_and_after_their_end_old_ones_go() {
    for (overlap, left) in [(0, 1), (100, 2)] {
        let mut client =
            table("secrets = [{ sha256 = \"a\" }, { sha256 = \"b\", expires_at = 1000 }]");
        replace(&mut client, "new", NOW, overlap).unwrap();
        assert_eq!(ends(&client).len(), left, "{overlap}");
    }
}

#[test]
fn a_single_digest_becomes_one_of_several() {
    let mut client = table("secret_sha256 = \"a\"");
    replace(&mut client, "new", NOW, 100).unwrap();
    assert_eq!(ends(&client), [None, Some(1100)]);
    assert!(!client.contains_key("secret_sha256"));
}

#[test]
fn a_sixth_is_refused_and_a_client_without_one_gets_none() {
    let mut client = table("client_id = \"a\"");
    give(&mut client, "first").unwrap();
    for _ in 1..ClientSecrets::MOST {
        replace(&mut client, "next", NOW, 100).unwrap();
    }
    let refused = replace(&mut client.clone(), "sixth", NOW, 100);
    assert!(matches!(refused, Err(Refusal::Conflict(_))), "{refused:?}");
    replace(&mut client, "sixth", NOW, 0).unwrap();
    let refused = replace(&mut table("client_id = \"a\""), "x", NOW, 100);
    assert!(matches!(refused, Err(Refusal::Conflict(_))), "{refused:?}");
}

#[test]
fn a_client_with_a_secret_is_given_no_other() {
    let refused = give(&mut table("secret_sha256 = \"a\""), "x");
    assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
}

#[test]
fn a_secret_is_kept_as_its_digest() {
    let mut client = Table::new();
    give(&mut client, "abc").unwrap();
    assert_eq!(
        client["secrets"][0]["sha256"].as_str().unwrap(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}
