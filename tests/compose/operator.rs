//! The operator's commands in the issuer's container, which has no shell and writes nowhere but to its
//! volume.

use dockgate_tests::browser::Browser;
use dockgate_tests::sign_in::{authorize, code, code_request, redeem_at};

use crate::project::Project;

#[test]
fn commands_run_in_the_container_without_a_word_about_the_configuration() {
    let project = Project::up();
    let issuer = |arguments: &[&str]| {
        let command = [&["exec", "-T", "issuer", "dockgate-issuer"], arguments].concat();
        project.succeed(&command)
    };
    let listed = issuer(&["user", "list"]);
    assert!(listed.contains("alice"), "{listed}");
    // That of alice's password: `exec` has no standard input here.
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$i0mrEZ7XrfqRdVtgN3VJ2g$tl7WQdg/UnyGFE+xTmngAMh4KzQH1j1Sb0IxLF3+Cak";
    let add = [
        "user",
        "add",
        "carol",
        "--scope",
        "openid api:read",
        "--password-hash",
        hash,
    ];
    issuer(&add);
    let mut browser = Browser::new(project.port());
    let carol = ("carol", "wonderland");
    let page = authorize(&mut browser, &code_request("spa", "api:read"), carol);
    let tokens = redeem_at(project.port(), "spa", &code(&page));
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    issuer(&["user", "remove", "carol"]);
}
