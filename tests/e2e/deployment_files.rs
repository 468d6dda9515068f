//! The files of `envoy/deploy/` and the commands of `docs/deploy.md`, looked at without running them.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use dockgate_stack::{Artifacts, deployment, repository};
use dockgate_tests::deployment::{Deployment, WEB_SECRET, committed};
use serde_json::Value;

use crate::deployment_kubernetes::{containers, pod};

pub(crate) const DIRECTORY: &str = "envoy/deploy";

/// The documents of a YAML file; a repeated key is an error.
#[track_caller]
pub(crate) fn yaml(path: &str) -> Vec<Value> {
    let documents = serde_saphyr::from_multiple(&committed(path));
    documents.unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn strings(values: &[Value]) -> Vec<&str> {
    values.iter().filter_map(Value::as_str).collect()
}

/// Every value in a document under a member of this name.
pub(crate) fn found<'a>(document: &'a Value, name: &str, into: &mut Vec<&'a Value>) {
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

/// Envoy's own limits for a cluster are a twentieth of what the file is sized for.
#[test]
fn as_many_requests_may_be_at_the_api_as_there_may_be_connections() {
    let config = yaml(deployment::ENVOY_CONFIG).remove(0);
    let mut connections = Vec::new();
    found(
        &config,
        "max_active_downstream_connections",
        &mut connections,
    );
    let api = list(&config["static_resources"], "clusters")
        .iter()
        .find(|cluster| cluster["name"] == "api")
        .unwrap();
    let threshold = &api["circuit_breakers"]["thresholds"][0];
    assert_eq!(connections, [&threshold["max_connections"]]);
    assert_eq!(connections, [&threshold["max_requests"]]);
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
            let mut options = known.split(|c: char| c.is_whitespace() || ",=[]<>".contains(c));
            let is_known = options.any(|option| option == flag);
            assert!(is_known, "{words:?}: {flag} is not in {known}");
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
