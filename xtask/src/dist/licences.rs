//! The licences of everything that is linked into the programs, as most of them ask for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::packages::{Package, Packages};
use crate::failure::Outcome;

/// How the files begin that have a licence or a notice in them.
const NAMES: [&str; 6] = [
    "LICENSE",
    "LICENCE",
    "COPYING",
    "COPYRIGHT",
    "NOTICE",
    "UNLICENSE",
];
/// Packages that have the sources of somebody else in a directory of their own.
const WITHIN: [&str; 1] = ["aws-lc"];

/// What no package stands for.
const BESIDES: &str = "\
The Rust standard library (https://github.com/rust-lang/rust), MIT OR Apache-2.0
    Copyright (c) The Rust Project Contributors
wasi-libc (https://github.com/WebAssembly/wasi-libc), in the module, MIT
    Copyright (c) the wasi-libc authors; portions copyright (c) 2005-2020 Rich Felker, et al.
";

/// One text: a list of the packages with their licences, then each text once with those that have it.
pub(super) fn notice(packages: &Packages) -> Outcome<String> {
    let foreign = packages.all.values().filter(|package| package.is_foreign());
    let foreign: Vec<&Package> = foreign.collect();
    let mut notice =
        "What is linked into Dockgate's programs and module, and under which licence.\n\n"
            .to_owned();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in foreign {
        let name = format!("{} {}", package.name, package.version);
        let licence = package.licence();
        let licence = licence.as_deref().unwrap_or("in its own file");
        let source = package.repository.as_deref().unwrap_or("crates.io");
        notice.push_str(&format!("{name} ({source}), {licence}\n"));
        for text in texts_of(package)? {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    notice.push_str(BESIDES);
    let mut sections: Vec<_> = texts.into_iter().collect();
    sections.sort_by(|one, other| one.1.cmp(&other.1).then(one.0.cmp(&other.0)));
    for (text, names) in sections {
        let rule = "=".repeat(80);
        notice.push_str(&format!(
            "\n{rule}\n{}\n{rule}\n\n{text}\n",
            names.join(", ")
        ));
    }
    Ok(notice)
}

fn texts_of(package: &Package) -> Outcome<Vec<String>> {
    let directory = package.directory();
    let mut files = Vec::new();
    let within = WITHIN.iter().map(|name| directory.join(name));
    for place in within
        .filter(|place| place.is_dir())
        .chain([directory.clone()])
    {
        for entry in fs::read_dir(place)? {
            let path = entry?.path();
            if path.is_file() && is_licence(&path) {
                files.push(path);
            }
        }
    }
    files.extend(
        package
            .license_file
            .as_ref()
            .map(|file| directory.join(file)),
    );
    files.sort();
    files.dedup();
    let read = |path| {
        Ok(String::from_utf8_lossy(&fs::read(path)?)
            .trim()
            .replace('\r', ""))
    };
    files.iter().map(read).collect()
}

fn is_licence(path: &Path) -> bool {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_uppercase();
    NAMES.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_named_and_each_text_stands_there_once() {
        let packages = Packages::of(&["dockgate-filter"], "wasm32-wasip1").unwrap();
        let notice = notice(&packages).unwrap();
        for package in packages.all.values().filter(|package| package.is_foreign()) {
            let line = format!("\n{} {} (", package.name, package.version);
            assert!(notice.contains(&line), "{line}");
        }
        assert!(!notice.contains("dockgate-policy"));
        for once in [
            "Redistribution and use in source",
            "Permission is hereby granted",
        ] {
            assert!(notice.contains(once), "{once}");
        }
    }
}
