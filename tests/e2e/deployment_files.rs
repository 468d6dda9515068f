//! The files of `envoy/deploy/` and the commands of `docs/deploy.md`, looked at without running them.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use dockgate_stack::{Artifacts, deployment, repository};
use dockgate_tests::deployment::{Deployment, WEB_SECRET, committed};
use serde_json::Value;

const DIRECTORY: &str = "envoy/deploy";

/// The documents of a YAML file; a repeated key is an error.
#[track_caller]
fn yaml(path: &str) -> Vec<Value> {
    let documents = serde_saphyr::from_multiple(&committed(path));
    documents.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The objects of one kind in `kubernetes.yaml`.
fn objects(kind: &str) -> Vec<Value> {
    let all = yaml("envoy/deploy/kubernetes.yaml");
    all.into_iter()
        .filter(|object| object["kind"] == kind)
        .collect()
}

fn pod() -> Value {
    let deployments = objects("Deployment");
    assert_eq!(deployments.len(), 1);
    deployments[0]["spec"]["template"]["spec"].clone()
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().map_or(&[], Vec::as_slice)
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    ["initContainers", "containers"]
        .into_iter()
        .flat_map(|member| list(pod, member))
}

fn strings(values: &[Value]) -> Vec<&str> {
    values.iter().filter_map(Value::as_str).collect()
}

fn names(values: &[Value]) -> BTreeSet<&str> {
    values
        .iter()
        .filter_map(|value| value["name"].as_str())
        .collect()
}

/// Every value in a document under a member of this name.
fn found<'a>(document: &'a Value, name: &str, into: &mut Vec<&'a Value>) {
    match document {
        Value::Object(members) => {
            into.extend(members.get(name));
            members
                .values()
                .for_each(|member| found(member, name, into));
        }
        Value::Array(items) => items.iter().for_each(|item| found(item, name, into)),
        _ => {}
    }
}

#[test]
fn every_file_is_well_formed() {
    let files = fs::read_dir(repository().join(DIRECTORY)).unwrap();
    let mut kinds = BTreeSet::new();
    for file in files {
        let path = file.unwrap().path();
        let kind = path.extension().unwrap().to_str().unwrap().to_owned();
        let path = format!(
            "{DIRECTORY}/{}",
            path.file_name().unwrap().to_str().unwrap()
        );
        match kind.as_str() {
            "yaml" => {
                for document in yaml(&path) {
                    let is_object = document.get("kind").is_some();
                    assert!(!is_object || document["apiVersion"].is_string(), "{path}");
                }
            }
            "service" | "timer" => {
                for line in committed(&path).lines().filter(|line| !line.is_empty()) {
                    let well_formed = line.starts_with(['#', '[']) || line.contains('=');
                    assert!(well_formed, "{path}: {line}");
                }
            }
            // The issuer reads it below.
            "toml" => {}
            other => panic!("{path}: nothing here looks at files ending in {other}"),
        }
        kinds.insert(kind);
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["service", "timer", "toml", "yaml"]
    );
}

#[test]
fn the_issuer_and_envoy_find_no_mistake_in_the_files_that_users_copy() {
    let artifacts = Artifacts::locate().unwrap();
    // As it is committed: only the file with a secret is there besides.
    let dir =
        dockgate_stack::target_dir().join(format!("dockgate/tests/files-{}", std::process::id()));
    fs::create_dir_all(dir.join("secrets")).unwrap();
    fs::write(
        dir.join("issuer.toml"),
        committed(deployment::ISSUER_CONFIG),
    )
    .unwrap();
    fs::write(dir.join("secrets/web"), WEB_SECRET).unwrap();
    let check = Command::new(&artifacts.issuer)
        .args(["check", "--config"])
        .arg(dir.join("issuer.toml"))
        .output()
        .unwrap();
    fs::remove_dir_all(&dir).unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );

    let files = Deployment::prepare();
    let validate = Command::new(&artifacts.envoy)
        .args(["--mode", "validate", "--config-path"])
        .arg(files.path("envoy.yaml"))
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&validate.stderr);
    assert!(validate.status.success(), "{log}");
    for complaint in ["[warning]", "[error]", "deprecated"] {
        assert!(!log.contains(complaint), "{log}");
    }
}

/// What the filter may call, and which of the issuer's paths there are, is the same everywhere.
#[test]
fn both_envoy_configurations_give_the_filter_and_the_issuer_the_same() {
    let [demo, real] =
        ["envoy/envoy.yaml", deployment::ENVOY_CONFIG].map(|path| yaml(path).remove(0));
    for name in ["allowed_capabilities", "failure_policy", "vm_id"] {
        let [mut ours, mut theirs] = [Vec::new(), Vec::new()];
        found(&demo, name, &mut ours);
        found(&real, name, &mut theirs);
        assert_eq!((ours.len(), &ours), (1, &theirs), "{name}");
    }
    let issuer_paths = |config| {
        let mut routes = Vec::new();
        found(config, "routes", &mut routes);
        let routes = routes.into_iter().filter_map(Value::as_array).flatten();
        let to_issuer = routes.filter(|route| route["route"]["cluster"] == "issuer");
        to_issuer
            .map(|route| route["match"].clone())
            .collect::<Vec<_>>()
    };
    assert!(issuer_paths(&demo).len() >= 14);
    assert_eq!(issuer_paths(&demo), issuer_paths(&real));
    let passthrough = |config| {
        let mut rules = Vec::new();
        found(config, "rules", &mut rules);
        let rules = rules.into_iter().filter_map(Value::as_array).flatten();
        let open = rules.filter(|rule| rule["require"] == "passthrough");
        open.map(|rule| rule["path"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(passthrough(&demo), passthrough(&real));
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
    assert_eq!(
        policy["spec"]["policyTypes"],
        serde_json::json!(["Ingress"])
    );
    let [ingress] = list(&policy["spec"], "ingress") else {
        panic!("one way in: {policy}");
    };
    let pods = objects("Deployment").remove(0)["spec"]["template"]["metadata"]["labels"].clone();
    assert_eq!(ingress["from"], serde_json::json!([peer(namespace, &pods)]));

    let own = objects("NetworkPolicy");
    assert_eq!(own.len(), 1);
    let ways_out = list(&own[0]["spec"], "egress");
    let to_api = serde_json::json!({
        "to": [peer(api, &policy["spec"]["podSelector"]["matchLabels"])],
        "ports": ingress["ports"],
    });
    assert!(
        ways_out.contains(&to_api),
        "{to_api} is not in {ways_out:?}"
    );
}

fn peer(namespace: &str, labels: &Value) -> Value {
    serde_json::json!({
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": labels},
    })
}

/// systemd.service(5): RestartPreventExitStatus= is about the main process, so what fails before it is
/// started again whatever its exit code says.
#[test]
fn no_unit_is_started_again_and_again() {
    let mut restarted = 0;
    for name in ["issuer", "envoy", "backup"] {
        let unit = committed(format!("{DIRECTORY}/dockgate-{name}.service"));
        let has = |directive: &str| unit.lines().any(|line| line.starts_with(directive));
        if !has("Restart=") {
            continue;
        }
        restarted += 1;
        let by_exit_status = has("RestartPreventExitStatus=64 65") && !has("ExecStartPre=");
        let by_number = has("StartLimitIntervalSec=60") && has("StartLimitBurst=5");
        assert!(by_exit_status || by_number, "{name}");
        assert!(
            !(has("RestartPreventExitStatus=") && has("ExecStartPre=")),
            "{name}"
        );
    }
    assert_eq!(restarted, 2);
}

/// Three quarters of the pod's memory are Envoy's heap, as both files say.
#[test]
fn envoy_sheds_load_before_its_limit_of_memory() {
    let config = yaml(deployment::ENVOY_CONFIG).remove(0);
    let mut heap = Vec::new();
    found(&config, "max_heap_size_bytes", &mut heap);
    let pod = pod();
    let envoy = containers(&pod)
        .find(|container| container["name"] == "envoy")
        .unwrap();
    assert_eq!(envoy["resources"]["limits"]["memory"], "512Mi");
    assert!(committed("envoy/deploy/dockgate-envoy.service").contains("\nMemoryMax=512M\n"));
    assert_eq!(heap, [&Value::from(512 * 1024 * 1024 / 4 * 3)]);
    // Who then asks whether it is alive is not answered by what sheds.
    let ops = list(&config["static_resources"], "listeners")
        .iter()
        .find(|listener| listener["name"] == "ops")
        .unwrap();
    assert_eq!(ops["bypass_overload_manager"], true);
    assert_eq!(ops["ignore_global_conn_limit"], true);
    assert!(envoy["livenessProbe"]["tcpSocket"].is_object());
}

/// What reaches further than this machine is for everybody.
#[test]
fn only_the_ports_for_clients_are_open_to_the_network() {
    let config = yaml(deployment::ENVOY_CONFIG).remove(0);
    let open = list(&config["static_resources"], "listeners")
        .iter()
        .map(|listener| &listener["address"]["socket_address"])
        .filter(|socket| socket["address"] != "127.0.0.1");
    let open: Vec<_> = open.map(|socket| &socket["port_value"]).collect();
    assert_eq!(open, [443, 80]);
    let admin = &config["admin"]["address"]["socket_address"];
    assert_eq!(admin["address"], "127.0.0.1");
}

/// Every command of the documentation, the pod and the units, by what the programs themselves say.
#[test]
fn every_command_that_is_written_down_exists() {
    let artifacts = Artifacts::locate().unwrap();
    let help = |program: &str, subcommand: &str| {
        let mut command = match program {
            "dockgate-issuer" => Command::new(&artifacts.issuer),
            "envoy" => Command::new(&artifacts.envoy),
            _ => {
                let mut cargo = Command::new(env!("CARGO"));
                cargo.current_dir(repository());
                cargo.args(["run", "--quiet", "--package", "xtask", "--"]);
                cargo
            }
        };
        if program != "envoy" {
            command.arg(subcommand);
        }
        let output = command.arg("--help").output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{program} {subcommand}: {text}");
        text
    };
    let commands = commands();
    for program in ["dockgate-issuer", "envoy", "cargo-xtask"] {
        let count = commands.iter().filter(|words| words[0] == program).count();
        assert!(count >= 2, "{program} is in {count} commands");
    }
    for words in &commands {
        let (program, rest) = words.split_first().unwrap();
        let known = help(program, rest.first().map_or("", String::as_str));
        for flag in rest.iter().filter(|word| word.starts_with("--")) {
            let flag = flag.split('=').next().unwrap();
            assert!(known.contains(flag), "{words:?}: {flag} is not in {known}");
        }
    }
}

/// Programs of ours and Envoy with what is written after them.
fn commands() -> Vec<Vec<String>> {
    let mut commands: Vec<_> = fenced_lines(&committed("docs/deploy.md"))
        .filter_map(|line| command(&line))
        .collect();
    for unit in ["dockgate-issuer", "dockgate-envoy", "dockgate-backup"] {
        let unit = committed(format!("{DIRECTORY}/{unit}.service"));
        let lines = unit.lines().filter(|line| line.starts_with("Exec"));
        commands.extend(lines.filter_map(|line| command(&line.replace('=', " "))));
    }
    let pod = pod();
    for container in containers(&pod) {
        let program = match container["name"].as_str() {
            Some("envoy") => "envoy",
            _ => "dockgate-issuer",
        };
        let arguments = strings(list(container, "args"));
        commands.extend(command(&format!("{program} {}", arguments.join(" "))));
        for probe in ["startupProbe", "readinessProbe"] {
            let probe = strings(list(&container[probe]["exec"], "command"));
            commands.extend(command(&probe.join(" ")));
        }
    }
    commands
}

/// The lines between fences, also those that are indented.
fn fenced_lines(document: &str) -> impl Iterator<Item = String> {
    let mut inside = false;
    document.lines().map(str::trim).filter_map(move |line| {
        let is_fence = line.starts_with("```");
        inside ^= is_fence;
        (inside && !is_fence).then(|| line.to_owned())
    })
}

/// A program, by whatever path, and what follows it; `None` where there is none or it is the name of a
/// unit.
fn command(line: &str) -> Option<Vec<String>> {
    let line = line.replace("cargo xtask", "cargo-xtask");
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.first() == Some(&"systemctl") {
        return None;
    }
    let at = words.iter().position(|word| {
        let name = word
            .rsplit_once("/usr/local/bin/")
            .map_or(*word, |(_, name)| name);
        ["dockgate-issuer", "envoy", "cargo-xtask"].contains(&name)
    })?;
    let name = words[at].rsplit('/').next().unwrap_or_default();
    let rest = words[at + 1..].iter().map(|word| (*word).to_owned());
    Some([name.to_owned()].into_iter().chain(rest).collect())
}
