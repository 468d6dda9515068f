//! `client`.

use std::fs;

use crate::process::{Directory, Issuer, succeeded};

#[test]
fn a_client_gets_tokens_with_each_of_its_secrets_until_its_end() {
    let directory = Directory::new();
    let issuer = Issuer::start(&directory);
    let add = [
        "client",
        "add",
        "job",
        "--grant",
        "client_credentials",
        "--scope",
        "api:read",
    ];
    let first = directory.done(&add);
    let first = first.trim();
    assert!(issuer.admits("job", first));
    assert!(!issuer.admits("job", "another"));
    let second = directory.done(&["client", "rotate-secret", "job"]);
    let second = second.trim();
    assert!(issuer.admits("job", first) && issuer.admits("job", second));
    let shown = directory.done(&["client", "show", "job"]);
    assert!(
        shown.contains("secrets         without-end until-"),
        "{shown}"
    );
    assert!(!shown.contains(second));
    let third = directory.done(&["client", "rotate-secret", "job", "--overlap", "0"]);
    assert!(issuer.admits("job", third.trim()));
    assert!(!issuer.admits("job", first) && !issuer.admits("job", second));
    directory.done(&["client", "disable", "job"]);
    assert!(!issuer.admits("job", third.trim()));
    directory.done(&["client", "enable", "job"]);
    assert!(issuer.admits("job", third.trim()));
    directory.done(&["client", "remove", "job"]);
    assert!(!issuer.admits("job", third.trim()));
    directory.refused(&["client", "show", "job"], 1);
}

#[test]
fn a_client_comes_from_a_file_or_a_pipe_as_it_stands_in_the_configuration() {
    let directory = Directory::new();
    let issuer = Issuer::start(&directory);
    let table = "client_id = \"job\"\ngrants = [\"client_credentials\"]\nscopes = [\"api:read\"]\n";
    let file = directory.path().join("client.toml");
    fs::write(&file, format!("[[clients]]\n{table}")).unwrap();
    let secret = directory.done(&["client", "add", "--file", file.to_str().unwrap()]);
    assert!(issuer.admits("job", secret.trim()));
    directory.done(&["client", "remove", "job"]);
    // Its own secret, of which there is a digest: that of "a secret of the client's own choice".
    let own = format!(
        "{table}secret_sha256 = \"{}\"\n",
        "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
    );
    let add = ["client", "add", "--file", "-", "--json"];
    let added = succeeded(&add, directory.run_with(&add, &own));
    assert!(added.contains("\"client_secret\": null"), "{added}");
    let add = ["client", "add", "--file", "-"];
    let wrong = directory.run_with(&add, "client_id = ");
    let errors = String::from_utf8(wrong.stderr).unwrap();
    assert!(
        errors.starts_with("-: is no client") && errors.contains("TOML parse error at line 1"),
        "{errors}"
    );
}

#[test]
fn public_clients_and_those_with_keys_get_no_secret() {
    let directory = Directory::new();
    let _issuer = Issuer::start(&directory);
    let keys = directory.path().join("keys.json");
    // RFC 8037 Appendix A.2.
    fs::write(&keys, r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#).unwrap();
    let public = [
        "client",
        "add",
        "app",
        "--public",
        "--grant",
        "authorization_code",
        "--application-type",
        "native",
        "--redirect-uri",
        "http://127.0.0.1/callback",
        "--json",
    ];
    let with_keys = [
        "client",
        "add",
        "job",
        "--grant",
        "client_credentials",
        "--jwks-file",
        keys.to_str().unwrap(),
        "--json",
    ];
    for (arguments, method) in [(&public[..], "none"), (&with_keys[..], "private_key_jwt")] {
        let added = directory.json(arguments);
        assert_eq!(added["client_secret"], serde_json::Value::Null);
        assert_eq!(added["client"]["authentication_methods"][0], method);
    }
}
