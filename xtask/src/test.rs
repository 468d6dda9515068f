//! `cargo xtask test`: all set-up, then every test, in groups that also run alone.

use std::process::Command;

use clap::Args;
use dockgate_stack::{Build, now};

use crate::build;
use crate::cargo::cargo;
use crate::compatibility;
use crate::context::Context;
use crate::disk;
use crate::dist;
use crate::evidence::{self, Extent};
use crate::failure::{Failure, Outcome};
use crate::program;
use crate::setup::docker::{self, Docker};
use crate::setup::{browsers, clients};

/// Which tests.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The groups to run [default: all]; `core` is unit and e2e.
    #[arg(value_name = "GROUP", value_parser = names())]
    groups: Vec<String>,
    /// Passed on to the tests: a part of a test's name, `--nocapture`.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Tests that are run together.
struct Group {
    name: &'static str,
    /// What is built, fetched or started first.
    set_up: fn(&Context) -> Outcome<Surroundings>,
    /// The call that runs them.
    command: fn() -> Command,
    /// What is done right before them.
    before: fn(&mut Command) -> Outcome,
    /// What is done with what they leave.
    after: fn(&Context, Extent) -> Outcome,
}

/// What runs beside a group's tests, as long as they run.
type Surroundings = Option<Docker>;

/// Every group, in the order in which they run: the quick ones first.
const GROUPS: [Group; 6] = [
    Group {
        name: "unit",
        set_up: |_| Ok(None),
        command: unit,
        before: |_| Ok(()),
        after: |_, _| Ok(()),
    },
    Group {
        name: "e2e",
        set_up: |context| {
            build::stack(context, Build::Dev)?;
            build::faulty_filter(context).map(|()| None)
        },
        command: end_to_end,
        // What its tests had written is searched for secrets.
        before: evidence::keep,
        after: evidence::search,
    },
    Group {
        name: "browsers",
        set_up: |context| {
            browsers::provide(context)?;
            build::stack(context, Build::Dev).map(|()| None)
        },
        command: in_browsers,
        before: |_| Ok(()),
        after: |_, _| Ok(()),
    },
    Group {
        name: "clients",
        set_up: |context| {
            clients::provide(context)?;
            build::clients(context)?;
            build::stack(context, Build::Dev).map(|()| None)
        },
        command: of_others,
        before: |_| compatibility::forget(),
        after: compatibility::report,
    },
    Group {
        name: "compose",
        set_up: |context| docker::provide(context).map(Some),
        command: compose,
        before: |_| Ok(()),
        after: |_, _| Ok(()),
    },
    Group {
        name: "dist",
        set_up: |context| {
            build::stack(context, Build::Dev)?;
            dist::for_tests(context).map(|()| None)
        },
        command: release,
        before: |_| Ok(()),
        after: |_, _| Ok(()),
    },
];

/// Names for several groups at once.
const ALIASES: [(&str, &[&str]); 1] = [("core", &["unit", "e2e"])];

fn unit() -> Command {
    let mut command = cargo("test");
    command.args(build::UNIT_TESTED);
    command
}

fn end_to_end() -> Command {
    let mut command = cargo("test");
    command.args(["--package", "dockgate-tests", "--lib", "--test", "e2e"]);
    command
}

fn in_browsers() -> Command {
    let mut command = cargo("test");
    command.args(["--package", "dockgate-tests", "--test", "browsers"]);
    command
}

fn of_others() -> Command {
    let mut command = cargo("test");
    command.args(["--package", "dockgate-tests", "--test", "clients"]);
    command
}

/// Not among the end-to-end tests: building a release takes minutes.
fn release() -> Command {
    let mut command = cargo("test");
    command.args(["--package", "dockgate-tests", "--test", "dist"]);
    command
}

fn compose() -> Command {
    let mut command = cargo("test");
    command.args(["--package", "dockgate-tests", "--test", "compose"]);
    command
}

fn names() -> Vec<&'static str> {
    let aliases = ALIASES.iter().map(|(name, _)| *name);
    aliases
        .chain(GROUPS.iter().map(|group| group.name))
        .collect()
}

/// Runs the groups that were asked for, all of them even when one fails.
pub(crate) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let mut failed = Vec::new();
    if let Some(warning) = disk::warning().filter(|_| arguments.groups.is_empty()) {
        context.say(&warning);
    }
    for group in GROUPS
        .iter()
        .filter(|group| is_chosen(group.name, &arguments.groups))
    {
        context.say(&format!("tests: {}", group.name));
        let begun = now();
        let outcome = (group.set_up)(context).and_then(|surroundings| {
            let mut command = (group.command)();
            command.arg("--").args(&arguments.rest);
            command.envs(surroundings.iter().flat_map(Docker::variables));
            (group.before)(&mut command)?;
            let ran = program::shown(context, group.name, command);
            let extent = match (&ran, arguments.rest.is_empty()) {
                (Err(_), _) => Extent::Failed,
                (Ok(()), true) => Extent::Whole,
                (Ok(()), false) => Extent::Part,
            };
            let after = (group.after)(context, extent);
            ran.and(after)
        });
        let seconds = now().duration_since(begun).as_secs_f64();
        match outcome {
            Ok(()) => context.say(&format!(
                "{}: passed in {seconds:.1} s{}",
                group.name,
                disk::told()
            )),
            Err(failure) if context.stop.is_raised() => return Err(failure),
            Err(failure) => {
                context.say(&format!(
                    "{}: FAILED after {seconds:.1} s{}: {failure}",
                    group.name,
                    disk::told()
                ));
                failed.push(group.name);
            }
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("tests failed: {}", failed.join(", "))))
}

fn is_chosen(name: &str, asked: &[String]) -> bool {
    let named = |asked: &String| {
        asked == name
            || ALIASES
                .iter()
                .any(|(alias, groups)| alias == asked && groups.contains(&name))
    };
    asked.is_empty() || asked.iter().any(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_chosen_by_name_and_by_alias() {
        assert!(is_chosen("unit", &[]));
        assert!(is_chosen("unit", &["core".to_owned()]));
        assert!(is_chosen("unit", &["unit".to_owned()]));
        assert!(!is_chosen("unit", &["e2e".to_owned()]));
    }

    #[test]
    fn every_alias_names_groups_that_exist() {
        for (_, groups) in ALIASES {
            assert!(
                groups
                    .iter()
                    .all(|name| GROUPS.iter().any(|group| group.name == *name))
            );
        }
    }
}
