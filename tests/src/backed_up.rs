//! What is in a backup, as `issuer/src/store/backup.rs` describes it.

use serde_json::Value;

/// A row: its tree, its key and its value.
pub type Row = (String, Vec<u8>, Vec<u8>);

/// How a backup begins, version and all.
const HEAD: usize = 16 + 4;
const RECORD: u8 = 1;

/// The rows that tell of what was granted and to whom: all but those that the issuer writes by itself,
/// its audit log and how long its keys have lived.
#[track_caller]
pub fn rows(backup: &[u8]) -> Vec<Row> {
    let mut rest = backup.get(HEAD..).expect("a whole head");
    let mut rows = Vec::new();
    while let Some((&RECORD, record)) = rest.split_first() {
        let (lengths, body) = record.split_at(9);
        let long = |at: usize| u32::from_be_bytes(lengths[at..at + 4].try_into().unwrap()) as usize;
        let (tree, body) = body.split_at(lengths[0].into());
        let (key, body) = body.split_at(long(1));
        let (value, body) = body.split_at(long(5));
        rest = body;
        let tree = String::from_utf8(tree.to_vec()).unwrap();
        match tree.as_str() {
            "audit" | "audit_attempts" => {}
            "signing_keys" => rows.push((tree, key.to_vec(), without_its_life(value))),
            _ => rows.push((tree, key.to_vec(), value.to_vec())),
        }
    }
    assert_eq!(rest.first(), Some(&0), "it has an end");
    rows
}

fn without_its_life(key: &[u8]) -> Vec<u8> {
    let key: Value = serde_json::from_slice(key).unwrap();
    let kept = ["algorithm", "created_at", "kid", "pkcs8", "state"].map(|name| key[name].clone());
    Value::from(kept.to_vec()).to_string().into_bytes()
}
