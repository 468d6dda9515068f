//! Signing keys under a secret, as the whole program seals them.

use std::fs;
use std::path::Path;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::process::{Directory, Issuer, succeeded};

const SECRET: &str = "DOCKGATE_KEY_ENCRYPTION_SECRET";
const OURS: &str = "3f0c8a6f52d94be7a1c05d77e2b8f4961b6a40d2";
const THEIRS: &str = "0b1d27c64ae84f1f8b7ce3a95d2f60713e9c58aa";
/// `rsaEncryption` and what follows it in every private RSA key (RFC 5208 §5), in DER and in base64.
const ANY_RSA_KEY: [&[u8]; 2] = [
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x04\x82",
    b"IBADANBgkqhkiG9w0BAQEFAASC",
];

/// A private key of our own, in PEM and in all the forms in which it could lie somewhere.
struct Known {
    pem: String,
    forms: Vec<Vec<u8>>,
}

impl Known {
    fn new() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = pair.as_der().unwrap();
        let text = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        // From the private exponent on: the modulus is in the public half too.
        let private = &der.as_ref()[400..700];
        let encoded = (0..3).map(|from| STANDARD.encode(&private[from..from + 240]).into_bytes());
        let forms = encoded.chain([private[..240].to_vec()]).collect();
        Self { pem, forms }
    }

    /// How many forms of private keys the files here have, this one's and any RSA key's.
    fn found_in(&self, path: &Path) -> usize {
        let marks = self.forms.iter().map(Vec::as_slice).chain(ANY_RSA_KEY);
        let contents = contents(path);
        let has = |mark: &[u8]| {
            contents
                .iter()
                .any(|file| file.windows(mark.len()).any(|window| window == mark))
        };
        marks.filter(|mark| has(mark)).count()
    }
}

/// Of a file, or of all below a directory.
fn contents(path: &Path) -> Vec<Vec<u8>> {
    let metadata = fs::symlink_metadata(path).unwrap();
    if metadata.is_file() {
        return vec![fs::read(path).unwrap()];
    }
    if !metadata.is_dir() {
        return Vec::new();
    }
    let entries = fs::read_dir(path).unwrap();
    entries
        .flat_map(|entry| contents(&entry.unwrap().path()))
        .collect()
}

/// The `kid` of a token that is issued now.
fn kid(issuer: &Issuer) -> String {
    let (status, answer) = issuer.token(&[
        ("grant_type", "client_credentials"),
        ("client_id", "service"),
        ("client_secret", "service-secret"),
        ("scope", "api:read"),
    ]);
    assert_eq!(status, 200, "{answer}");
    let token = answer["access_token"].as_str().unwrap();
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap());
    let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// Starts an issuer that signs with the known key, under the kid `known`.
fn signing_with(known: &Known, directory: &Directory, secrets: &[(&str, &str)]) -> Issuer {
    let issuer = Issuer::start_with(directory, secrets);
    let import = ["key", "import", "--kid", "known", "--activate-now", "-"];
    succeeded(&import, directory.run_with(&import, &known.pem));
    assert_eq!(kid(&issuer), "known");
    issuer
}

/// What `serve` says when it does not start.
#[track_caller]
fn refused(directory: &Directory, secrets: &[(&str, &str)]) -> String {
    let mut serve = directory.command(&["serve"]);
    let output = serve.envs(secrets.iter().copied()).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(64), "{errors}");
    errors
}

#[test]
fn a_sealed_store_has_no_private_key_and_opens_with_its_secret_alone() {
    let (known, directory) = (Known::new(), Directory::new());
    let data = directory.path().join("data");
    let issuer = signing_with(&known, &directory, &[(SECRET, OURS)]);
    assert_eq!(known.found_in(&data), 0);
    issuer.kill();
    assert_eq!(known.found_in(&data), 0);

    for (secrets, says) in [
        (
            &[][..],
            "are sealed, and DOCKGATE_KEY_ENCRYPTION_SECRET is not set",
        ),
        (
            &[(SECRET, THEIRS)],
            "does not open the signing keys in the store",
        ),
    ] {
        let errors = refused(&directory, secrets);
        assert!(errors.contains(says), "{errors}");
        assert_eq!(errors.matches(" ERROR ").count(), 1, "{errors}");
        assert!(
            !errors.contains(OURS) && !errors.contains(THEIRS),
            "{errors}"
        );
    }

    let issuer = Issuer::start_with(&directory, &[(SECRET, OURS)]);
    assert_eq!(kid(&issuer), "known");
    issuer.kill();
    assert_eq!(known.found_in(&data), 0);
}

#[test]
fn a_backup_of_a_sealed_store_is_sealed_and_restores_with_its_secret() {
    let (known, directory) = (Known::new(), Directory::new());
    let issuer = signing_with(&known, &directory, &[(SECRET, OURS)]);
    let backup = directory.path().join("backup");
    directory.done(&["backup", backup.to_str().unwrap()]);
    issuer.kill();
    assert_eq!(known.found_in(&backup), 0);

    let elsewhere = Directory::new();
    elsewhere.done(&["restore", backup.to_str().unwrap()]);
    let errors = refused(&elsewhere, &[]);
    assert!(errors.contains("is not set"), "{errors}");
    let issuer = Issuer::start_with(&elsewhere, &[(SECRET, OURS)]);
    assert_eq!(kid(&issuer), "known");
    issuer.kill();
    assert_eq!(known.found_in(&elsewhere.path().join("data")), 0);
}

/// That the search finds what it is for.
#[test]
fn without_a_secret_the_key_is_found_in_store_and_backup() {
    let (known, directory) = (Known::new(), Directory::new());
    let issuer = signing_with(&known, &directory, &[]);
    let backup = directory.path().join("backup");
    directory.done(&["backup", backup.to_str().unwrap()]);
    drop(issuer);
    for path in [directory.path().join("data"), backup] {
        let found = known.found_in(&path);
        assert!(found >= 2, "{found} in {}", path.display());
    }
}
