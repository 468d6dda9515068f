//! What docs/deploy.md says of a restored backup.

use std::fs;

use dockgate_tests::authorization_server::basic;
use dockgate_tests::browser::Browser;
use dockgate_tests::deployment::{Deployment, PASSWORD, WEB_SECRET};
use dockgate_tests::http::{Response, post};
use dockgate_tests::sign_in::{VERIFIER, authorize, authorize_path, code, text};

use crate::deployment::{CALLBACK, api, code_request, refresh, sign_in, token_request};

/// `backup` or `restore`, with one file.
#[track_caller]
fn run(deployment: &Deployment, command: &str) {
    let mut issuer = deployment.issuer_command(command);
    let output = issuer.arg(deployment.path("backup")).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {errors}");
}

/// Of an issuer that was stopped; it runs again.
fn restore(deployment: &Deployment) {
    let damaged = deployment.path("store.damaged");
    fs::rename(deployment.path("store"), damaged).unwrap();
    run(deployment, "restore");
    deployment.start_issuer();
}

#[track_caller]
fn is_invalid_grant(response: &Response) {
    assert_eq!(response.status, 400, "{}", response.text());
    assert_eq!(response.json()["error"], "invalid_grant");
}

/// Whether an authorization request asks nobody for a password.
fn is_signed_in(browser: &mut Browser) -> bool {
    let page = browser.open(&authorize_path(&code_request("web", CALLBACK)));
    let asked = page.response.text().contains("name=\"password\"");
    assert_ne!(asked, page.url.starts_with(CALLBACK), "{}", page.url);
    !asked
}

#[test]
fn after_a_restore_access_tokens_live_on_and_refresh_tokens_go_back_in_time() {
    let deployment = Deployment::start();
    let (_, before) = sign_in(&deployment);
    run(&deployment, "backup");
    let (_, after) = sign_in(&deployment);
    let rotated = refresh(&deployment, text(&before, "refresh_token"));
    assert_eq!(rotated.status, 200);
    deployment.stop_issuer();

    // Without the issuer, Envoy goes on with the keys that it has.
    assert_eq!(
        api(&deployment, "GET", text(&after, "access_token")).status,
        200
    );
    let form = [("grant_type", "client_credentials")];
    assert_eq!(token_request(&deployment, "service", &form).status, 503);

    restore(&deployment);
    for tokens in [&before, &after] {
        assert_eq!(
            api(&deployment, "GET", text(tokens, "access_token")).status,
            200
        );
    }
    assert_eq!(token_request(&deployment, "service", &form).status, 200);
    // Of a login after the backup nothing is known; one from before is where it was.
    let unknown = refresh(&deployment, text(&after, "refresh_token"));
    assert_eq!(
        (unknown.status, &unknown.json()["error"]),
        (400, &"invalid_grant".into())
    );
    assert_eq!(
        refresh(&deployment, text(&before, "refresh_token")).status,
        200
    );
}

#[test]
fn after_a_restore_sessions_and_revocations_are_those_of_the_backup_and_codes_are_gone() {
    let deployment = Deployment::start();
    let (mut early, revoked) = sign_in(&deployment);
    let (_, rotated) = sign_in(&deployment);
    let request = code_request("web", CALLBACK);
    let pending = code(&authorize(&mut early, &request, ("someone", PASSWORD)));
    run(&deployment, "backup");
    let (mut late, _) = sign_in(&deployment);
    let successor = refresh(&deployment, text(&rotated, "refresh_token"));
    assert_eq!(successor.status, 200);
    let revocation = post("/revoke")
        .header("authorization", basic("web", WEB_SECRET))
        .form(&[("token", text(&revoked, "refresh_token"))]);
    assert_eq!(deployment.https().send(revocation).status, 200);
    is_invalid_grant(&refresh(&deployment, text(&revoked, "refresh_token")));
    assert!(is_signed_in(&mut early) && is_signed_in(&mut late));
    deployment.stop_issuer();
    restore(&deployment);

    assert!(is_signed_in(&mut early));
    assert!(!is_signed_in(&mut late));
    let again = refresh(&deployment, text(&revoked, "refresh_token"));
    assert_eq!(again.status, 200, "{}", again.text());
    // Not the current one: so it was stolen, and with it all that came of the same login.
    let successor = successor.json();
    is_invalid_grant(&refresh(&deployment, text(&successor, "refresh_token")));
    is_invalid_grant(&refresh(&deployment, text(&rotated, "refresh_token")));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &pending),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    is_invalid_grant(&token_request(&deployment, "web", &form));
}
