//! Containers end, and come back with everything that was acknowledged.

use std::process::Command;
use std::time::Duration;

use dockgate_stack::{Deadline, is_occupied};
use dockgate_tests::browser::Browser;
use dockgate_tests::http::post;
use dockgate_tests::sign_in::{
    authorize, authorize_path, code, code_request, redeem_at, refresh_at, text,
};

use crate::docker::docker;
use crate::project::{Project, SERVICES};

const ALICE: (&str, &str) = ("alice", "wonderland");

/// Envoy looks up names every few seconds, and a container that comes back may have a new address.
const RETURN: Duration = Duration::from_secs(30);

#[test]
fn envoy_starts_when_the_others_are_healthy() {
    let project = Project::up();
    let began = project.inspect("envoy", "{{.State.StartedAt}}");
    let good = "{{range .State.Health.Log}}{{if eq .ExitCode 0}}{{json .End}} {{end}}{{end}}";
    for service in ["issuer", "api"] {
        let checks = project.inspect(service, good);
        let first = checks.split_whitespace().next().expect("a good check");
        // RFC 3339; the engine writes containers' instants in UTC, those of checks in its own zone.
        let (first, began) = (instant(first.trim_matches('"')), instant(&began));
        assert!(first <= began, "{service}: {first} {began}");
    }
}

/// Seconds since 1970, as `date` reads an instant.
fn instant(text: &str) -> f64 {
    let mut date = Command::new("date");
    let written = date
        .args(["--date", text, "+%s.%N"])
        .output()
        .expect("date can be started");
    let written = String::from_utf8(written.stdout).expect("text");
    written.trim().parse().expect("a number")
}

#[test]
fn each_container_can_be_killed_and_comes_back() {
    let project = Project::up();
    let token = project.service_token("api:read");
    for service in SERVICES {
        docker(&["kill", &project.container(service)]);
        project.wait_until_ended(service);
        match service {
            // What was issued is checked without the issuer.
            "issuer" => {
                assert_eq!(project.protected(&token).status, 200);
                assert_eq!(post("/token").send(project.port()).status, 503);
            }
            "api" => assert_eq!(project.protected(&token).status, 503),
            _ => assert!(
                !is_occupied(project.port()),
                "nobody else answers for Envoy"
            ),
        }
        project.succeed(&["start", service]);
        project.wait_until_healthy(service);
        let works = || {
            let token_endpoint = post("/token").send(project.port()).status;
            let api = project.protected(&token).status;
            (token_endpoint == 400 || token_endpoint == 401) && api == 200
        };
        let back = Deadline::after(RETURN).poll(|| works().then_some(()));
        assert!(back.is_some(), "after the end of {service}");
        assert_eq!(
            project.protected(&project.service_token("api:read")).status,
            200
        );
    }
}

#[test]
fn tokens_logins_and_consents_survive_down_and_up() {
    let project = Project::up();
    let service = project.service_token("api:read");
    let request = code_request("web", "api:read offline_access");
    let mut browser = Browser::new(project.port());
    let page = authorize(&mut browser, &request, ALICE);
    let tokens = redeem_at(project.port(), "web", &code(&page)).json();

    project.succeed(&["down"]);
    project.start();

    for token in [&*service, text(&tokens, "access_token")] {
        assert_eq!(project.protected(token).status, 200);
    }
    let refreshed = refresh_at(project.port(), "web", text(&tokens, "refresh_token"));
    assert_eq!(refreshed.status, 200, "{}", refreshed.text());
    // The session and the consent: nobody is asked again.
    let page = browser.open(&authorize_path(&request));
    let tokens = redeem_at(project.port(), "web", &code(&page));
    assert_eq!(tokens.status, 200, "{}", tokens.text());
}

#[test]
fn nothing_is_left_of_a_run_that_was_taken_down() {
    let project = Project::up();
    assert!(!project.remains().is_empty());
    project.succeed(&["down", "--volumes"]);
    assert_eq!(project.remains(), "");
    assert!(!is_occupied(project.port()));
}
