//! What a container may do, and who reaches whom.

use crate::docker::{attempt, written};
use crate::project::{Project, SERVICES};

#[test]
fn containers_have_no_rights_that_they_do_not_need() {
    let project = Project::up();
    for service in SERVICES {
        let inspect = |field: &str| project.inspect(service, field);
        assert_eq!(inspect("{{.Config.User}}"), "65532:65532", "{service}");
        assert_eq!(
            inspect("{{.HostConfig.ReadonlyRootfs}}"),
            "true",
            "{service}"
        );
        assert_eq!(inspect("{{.HostConfig.Privileged}}"), "false", "{service}");
        assert_eq!(inspect("{{.HostConfig.CapDrop}}"), "[ALL]", "{service}");
        let security = inspect("{{.HostConfig.SecurityOpt}}");
        assert_eq!(security, "[no-new-privileges:true]", "{service}");
        assert_ne!(inspect("{{.HostConfig.NetworkMode}}"), "host", "{service}");
        assert_ne!(inspect("{{.HostConfig.Memory}}"), "0", "{service}");
        let shell = attempt(&["exec", &project.container(service), "sh", "-c", "true"]);
        assert!(!shell.status.success(), "{service} has a shell");
    }
}

#[test]
fn the_host_reaches_envoys_port_and_no_other() {
    let project = Project::up();
    let bindings = |service| project.inspect(service, "{{json .HostConfig.PortBindings}}");
    let expected = format!(
        r#"{{"8080/tcp":[{{"HostIp":"127.0.0.1","HostPort":"{}"}}]}}"#,
        project.port()
    );
    assert_eq!(bindings("envoy"), expected);
    for service in ["issuer", "api"] {
        assert!(["{}", "null"].contains(&&*bindings(service)), "{service}");
    }
}

#[test]
fn only_envoy_reaches_the_issuer() {
    let project = Project::up();
    let address = |service, network: &str| {
        let network = format!("{}_{network}", project.name());
        let field = format!("{{{{(index .NetworkSettings.Networks {network:?}).IPAddress}}}}");
        project.inspect(service, &field)
    };
    // The sample API's health check is an HTTP client that asks any address.
    let ask = |address: String| {
        let api = project.container("api");
        written(&attempt(&[
            "exec",
            &api,
            "sample-api",
            "--listen",
            &address,
            "health",
        ]))
    };
    let itself = ask(format!("{}:9001", address("api", "to-api")));
    assert_eq!(itself, "", "it reaches what it may reach");
    let envoy = ask(format!("{}:8080", address("envoy", "to-api")));
    assert_eq!(
        envoy, "",
        "it reaches Envoy, which it shares a network with"
    );
    let issuer = ask(format!("{}:9000", address("issuer", "to-issuer")));
    assert!(issuer.contains("sample-api at"), "{issuer}");
    assert!(!issuer.contains("answered"), "the issuer answers: {issuer}");
}
