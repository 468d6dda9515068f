//! The files of `envoy/deploy/` for Kubernetes, looked at without running them.

use std::collections::BTreeSet;

use dockgate_tests::deployment::committed;
use serde_json::{Value, json};

use crate::deployment_files::{DIRECTORY, list, strings, yaml};

/// The objects of one kind in `kubernetes.yaml`.
pub(crate) fn objects(kind: &str) -> Vec<Value> {
    let all = yaml("envoy/deploy/kubernetes.yaml");
    all.into_iter()
        .filter(|object| object["kind"] == kind)
        .collect()
}

pub(crate) fn pod() -> Value {
    let deployments = objects("Deployment");
    assert_eq!(deployments.len(), 1);
    deployments[0]["spec"]["template"]["spec"].clone()
}

pub(crate) fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    ["initContainers", "containers"]
        .into_iter()
        .flat_map(|member| list(pod, member))
}

#[test]
fn what_the_pod_mounts_is_there() {
    let kustomization = yaml("envoy/deploy/kustomization.yaml").remove(0);
    for resource in strings(list(&kustomization, "resources")) {
        assert!(!committed(format!("{DIRECTORY}/{resource}")).is_empty());
    }
    let generated = |generator: &str| -> Vec<(String, Vec<String>)> {
        let generators = list(&kustomization, generator).iter();
        let of = |one: &Value| {
            let files = strings(list(one, "files"))
                .into_iter()
                .map(str::to_owned)
                .collect();
            (one["name"].as_str().unwrap().to_owned(), files)
        };
        generators.map(of).collect()
    };
    let (maps, secrets) = (
        generated("configMapGenerator"),
        generated("secretGenerator"),
    );
    for (_, files) in maps.iter().chain(&secrets) {
        for file in files {
            assert!(!committed(format!("{DIRECTORY}/{file}")).is_empty());
        }
    }
    // These two are made by hand, so that no file holds what is in them.
    let by_hand = ["clients", "api-tls"];
    let pod = pod();
    let text = committed("envoy/deploy/kubernetes.yaml");
    for volume in list(&pod, "volumes") {
        let map = volume["configMap"]["name"].as_str();
        let secret = volume["secret"]["secretName"].as_str();
        let claim = volume["persistentVolumeClaim"]["claimName"].as_str();
        let known = map.is_some_and(|name| maps.iter().any(|(own, _)| own == name))
            || secret.is_some_and(|name| {
                by_hand.contains(&name) || secrets.iter().any(|(own, _)| own == name)
            })
            || claim.is_some_and(|name| names_of("PersistentVolumeClaim").contains(name));
        assert!(known, "{volume}");
        assert!(
            by_hand
                .iter()
                .all(|name| text.contains(&format!("#   {name} ")))
        );
    }
    for container in containers(&pod) {
        for mount in list(container, "volumeMounts") {
            let name = mount["name"].as_str().unwrap();
            assert!(names(list(&pod, "volumes")).contains(name), "{mount}");
            let Some(file) = mount["subPath"].as_str() else {
                continue;
            };
            let all = maps.iter().chain(&secrets);
            let mut files = all
                .filter(|(own, _)| own == name)
                .flat_map(|(_, files)| files);
            assert!(files.any(|own| own == file), "{mount}");
        }
    }
}

fn names_of(kind: &str) -> BTreeSet<String> {
    let objects = objects(kind);
    let names = objects
        .iter()
        .filter_map(|object| object["metadata"]["name"].as_str());
    names.map(str::to_owned).collect()
}

#[test]
fn one_pod_at_a_time_has_the_store_and_every_container_is_confined() {
    let deployment = objects("Deployment").remove(0);
    assert_eq!(deployment["spec"]["replicas"], 1);
    assert_eq!(deployment["spec"]["strategy"]["type"], "Recreate");
    let pod = pod();
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(pod["enableServiceLinks"], false);
    let of_all = &pod["securityContext"];
    assert_eq!(of_all["runAsNonRoot"], true);
    assert_eq!(of_all["seccompProfile"]["type"], "RuntimeDefault");
    let mut count = 0;
    for container in containers(&pod) {
        let own = &container["securityContext"];
        assert_eq!(
            own["allowPrivilegeEscalation"], false,
            "{}",
            container["name"]
        );
        assert_eq!(own["readOnlyRootFilesystem"], true, "{}", container["name"]);
        assert_eq!(
            own["capabilities"]["drop"][0], "ALL",
            "{}",
            container["name"]
        );
        assert!(container["resources"]["limits"]["memory"].is_string());
        assert!(container["resources"]["requests"]["cpu"].is_string());
        assert!(container["startupProbe"].is_object() && container["readinessProbe"].is_object());
        // Who is killed while it reads its store is killed again.
        assert!(container["name"] == "envoy" || container["livenessProbe"].is_null());
        count += 1;
    }
    assert_eq!(count, 2);
    let text = committed("envoy/deploy/kubernetes.yaml");
    assert!(!text.contains("kind: Secret\n"), "secrets are referred to");
}

/// It has to be able to do what the issuer can, and nothing more: the volume and the files are the same.
#[test]
fn a_restore_in_kubernetes_has_what_the_issuer_has() {
    let restore = yaml("envoy/deploy/restore.yaml").remove(0);
    let deployment = pod();
    let [issuer, by_hand] = [&deployment, &restore["spec"]].map(|pod| {
        containers(pod)
            .find(|container| container["name"] == "issuer")
            .unwrap()
    });
    for same in ["volumeMounts", "securityContext", "resources"] {
        assert_eq!(issuer[same], by_hand[same], "{same}");
    }
    for same in ["automountServiceAccountToken", "enableServiceLinks"] {
        assert_eq!(deployment[same], restore["spec"][same], "{same}");
    }
    let of_all = restore["spec"]["securityContext"].as_object().unwrap();
    for (name, value) in of_all {
        assert_eq!(deployment["securityContext"][name], *value, "{name}");
    }
    assert_eq!(of_all["runAsNonRoot"], true);
    for volume in list(&restore["spec"], "volumes") {
        assert!(list(&deployment, "volumes").contains(volume), "{volume}");
    }
    assert_eq!(list(by_hand, "args").last().unwrap(), "-");
    assert_eq!(
        (&by_hand["stdin"], &by_hand["stdinOnce"]),
        (&true.into(), &true.into())
    );
    let selected = &objects("NetworkPolicy")[0]["spec"]["podSelector"]["matchLabels"];
    assert_ne!(restore["metadata"]["labels"], *selected);
}

/// A policy selects pods of its own namespace, and a peer without a namespace is one of these.
#[test]
fn the_network_lets_envoy_alone_reach_the_api() {
    let kustomization = yaml("envoy/deploy/kustomization.yaml").remove(0);
    let namespace = kustomization["namespace"].as_str().unwrap();
    let resources = strings(list(&kustomization, "resources"));
    assert!(!resources.contains(&"api-network-policy.yaml"));
    let policy = yaml("envoy/deploy/api-network-policy.yaml").remove(0);
    let api = policy["metadata"]["namespace"].as_str().unwrap();
    assert_ne!(api, namespace);
    assert_eq!(policy["spec"]["policyTypes"], json!(["Ingress"]));
    let [ingress] = list(&policy["spec"], "ingress") else {
        panic!("one way in: {policy}");
    };
    let pods = objects("Deployment").remove(0)["spec"]["template"]["metadata"]["labels"].clone();
    assert_eq!(ingress["from"], json!([peer(namespace, &pods)]));

    let own = objects("NetworkPolicy");
    assert_eq!(own.len(), 1);
    let ways_out = list(&own[0]["spec"], "egress");
    let to_api = json!({
        "to": [peer(api, &policy["spec"]["podSelector"]["matchLabels"])],
        "ports": ingress["ports"],
    });
    assert!(
        ways_out.contains(&to_api),
        "{to_api} is not in {ways_out:?}"
    );
}

/// The probes' program asks where it is not told otherwise.
#[test]
fn envoys_probes_ask_where_its_admin_interface_is() {
    let config = yaml("envoy/deploy/envoy.yaml").remove(0);
    let admin = &config["admin"]["address"]["socket_address"];
    let asked = format!(
        "const ADMIN: &str = \"{}:{}\";",
        admin["address"].as_str().unwrap(),
        admin["port_value"]
    );
    assert!(
        committed("envoy/health/src/main.rs").contains(&asked),
        "{asked}"
    );
    let pod = pod();
    let envoy = containers(&pod)
        .find(|container| container["name"] == "envoy")
        .unwrap();
    for probe in ["startupProbe", "readinessProbe"] {
        let command = &envoy[probe]["exec"]["command"];
        assert_eq!(*command, json!(["dockgate-envoy-health"]), "{probe}");
    }
    let image = committed("envoy/Dockerfile");
    let path = "/usr/local/bin/dockgate-envoy-health";
    assert!(image.contains(&format!(
        "COPY --from=build /out/dockgate-envoy-health {path}\n"
    )));
}

fn peer(namespace: &str, labels: &Value) -> Value {
    json!({
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": labels},
    })
}

fn names(values: &[Value]) -> BTreeSet<&str> {
    values
        .iter()
        .filter_map(|value| value["name"].as_str())
        .collect()
}
