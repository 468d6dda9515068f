//! The units of `envoy/deploy/` for systemd, looked at without running them.

use std::collections::BTreeSet;
use std::fs;

use dockgate_stack::repository;
use dockgate_tests::deployment::committed;

use crate::deployment_files::{DIRECTORY, yaml};

/// The names that systemd 252 knows and these units use, by section. Of others it says in its log that it
/// ignores them, and starts the service without.
const DIRECTIVES: [(&str, &[&str]); 4] = [
    (
        "[Unit]",
        &[
            "Description",
            "After",
            "Before",
            "Wants",
            "StartLimitIntervalSec",
            "StartLimitBurst",
        ],
    ),
    (
        "[Service]",
        &[
            "Type",
            "User",
            "Group",
            "ExecStartPre",
            "ExecStart",
            "ExecStartPost",
            "ExecReload",
            "Restart",
            "RestartSec",
            "RestartPreventExitStatus",
            "TimeoutStopSec",
            "StateDirectory",
            "StateDirectoryMode",
            "UMask",
            "LimitNOFILE",
            "MemoryMax",
            "TasksMax",
            "IPAddressDeny",
            "IPAddressAllow",
            "RestrictAddressFamilies",
            "ProtectSystem",
            "ProtectHome",
            "PrivateTmp",
            "PrivateDevices",
            "PrivateNetwork",
            "PrivateUsers",
            "ProtectKernelTunables",
            "ProtectKernelModules",
            "ProtectKernelLogs",
            "ProtectControlGroups",
            "ProtectClock",
            "ProtectHostname",
            "ProtectProc",
            "NoNewPrivileges",
            "CapabilityBoundingSet",
            "AmbientCapabilities",
            "LockPersonality",
            "MemoryDenyWriteExecute",
            "RestrictNamespaces",
            "RestrictRealtime",
            "RestrictSUIDSGID",
            "RemoveIPC",
            "SystemCallArchitectures",
            "SystemCallFilter",
            "SystemCallErrorNumber",
        ],
    ),
    (
        "[Timer]",
        &["OnCalendar", "RandomizedDelaySec", "Persistent"],
    ),
    ("[Install]", &["WantedBy"]),
];

#[test]
fn every_directive_of_a_unit_is_one_that_systemd_knows() {
    let mut used = BTreeSet::new();
    for file in fs::read_dir(repository().join(DIRECTORY)).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".service") && !name.ends_with(".timer") {
            continue;
        }
        let unit = committed(format!("{DIRECTORY}/{name}"));
        let mut known: &[&str] = &[];
        for line in unit.lines() {
            if line.starts_with('[') {
                let section = DIRECTIVES.iter().find(|(section, _)| *section == line);
                known = section.unwrap_or_else(|| panic!("{name}: {line}")).1;
            } else if !line.is_empty() && !line.starts_with('#') {
                let (directive, _) = line.split_once('=').expect(line);
                assert!(known.contains(&directive), "{name}: {directive}");
                used.insert(directive.to_owned());
            }
        }
    }
    for (section, directives) in DIRECTIVES {
        for directive in directives {
            assert!(
                used.contains(*directive),
                "{section} {directive} is in no unit"
            );
        }
    }
}

/// The issuer has threads for what waits for the disk and for hashes, at most 512, in both.
#[test]
fn the_issuer_may_have_as_many_threads_under_systemd_as_in_a_container() {
    let compose = yaml("docker-compose.yml").remove(0);
    let limit = compose["services"]["issuer"]["pids_limit"]
        .as_u64()
        .unwrap();
    assert!(limit > 512, "{limit}");
    let unit = committed("envoy/deploy/dockgate-issuer.service");
    assert!(unit.contains(&format!("\nTasksMax={limit}\n")), "{limit}");
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
