//! A wrong configuration stops the one container that has it, and says why in one sentence.

use crate::project::Project;

#[test]
fn a_wrong_setting_of_the_issuer_stops_the_issuer_with_one_sentence() {
    let project = Project::prepared();
    project.edit("issuer.toml", "\n[log]\n", "\n[log]\nlevle = \"info\"\n");
    // It fails where Compose waits for the issuer, which not every version does to the end.
    project.compose(&["up", "--detach", "--no-build", "issuer", "api"]);
    project.wait_until_ended("issuer");
    assert_eq!(project.inspect("issuer", "{{.State.ExitCode}}"), "64");
    let log = project.log_of("issuer");
    assert_eq!(log.trim_end().lines().count(), 1, "{log}");
    for part in ["/etc/dockgate/issuer.toml", "levle", "level"] {
        assert!(log.contains(part), "no {part} in {log}");
    }
    project.wait_until_healthy("api");
}

#[test]
fn a_wrong_setting_of_the_filter_stops_envoy_with_its_name() {
    let project = Project::up();
    project.edit("envoy.yaml", "refresh_seconds: 300", "refresh_secs: 300");
    project.compose(&["restart", "envoy"]);
    project.wait_until_ended("envoy");
    assert_ne!(project.inspect("envoy", "{{.State.ExitCode}}"), "0");
    let log = project.log_of("envoy");
    let naming = log.lines().filter(|line| line.contains("refresh_secs`"));
    let naming: Vec<&str> = naming.collect();
    let [line] = naming[..] else {
        panic!("one line names it: {log}");
    };
    assert!(
        line.contains("the configuration is not valid: issuers[0].jwks"),
        "{line}"
    );
    assert!(line.contains("`refresh_seconds`"), "{line}");
    for service in ["issuer", "api"] {
        project.wait_until_healthy(service);
    }
}
