//! A bill of materials: CycloneDX 1.6, JSON (ECMA-424).

use std::path::Path;

use serde_json::{Value, json};

use super::checksums::sha256;
use super::packages::{Key, Package, Packages};
use super::source::Source;
use crate::failure::{Failure, Outcome};

/// What it is about.
pub(super) struct Subject<'a> {
    /// The program or module.
    pub(super) file: &'a Path,
    /// What it was compiled by.
    pub(super) compilers: &'a [(&'static str, String)],
}

/// The document; the same for the same packages, program and sources.
pub(super) fn document(
    packages: &Packages,
    subject: &Subject<'_>,
    source: &Source,
) -> Outcome<String> {
    let [root] = packages.roots.as_slice() else {
        return Err(Failure::new("a bill of materials is of one program"));
    };
    let contents = std::fs::read(subject.file)?;
    let main = packages
        .all
        .get(root)
        .map(|package| component(packages, root, package));
    let mut main = main.unwrap_or_default();
    if let Some(members) = main.as_object_mut() {
        members.insert("type".into(), "application".into());
        members.insert(
            "hashes".into(),
            json!([{"alg": "SHA-256", "content": sha256(&contents)}]),
        );
    }
    let components: Vec<Value> = packages
        .all
        .iter()
        .filter(|(key, _)| *key != root)
        .map(|(key, package)| component(packages, key, package))
        .chain([standard_library(subject)])
        .collect();
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": source.timestamp(),
            "tools": {"components": [{"type": "application", "name": "cargo xtask dist", "version": super::VERSION}]},
            "component": main,
            "properties": properties(subject, source),
        },
        "components": components,
        "dependencies": dependencies(packages),
    });
    let serial = serial_number(&document);
    if let Some(members) = document.as_object_mut() {
        members.insert("serialNumber".into(), serial.into());
    }
    let text = serde_json::to_string_pretty(&document);
    text.map(|text| text + "\n")
        .map_err(|error| Failure::new(error.to_string()))
}

fn component(packages: &Packages, key: &Key, package: &Package) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(key),
        "name": package.name,
        "version": package.version,
        "purl": reference(key),
        "licenses": match package.licence() {
            Some(licence) => json!([{"expression": licence}]),
            None => json!([{"license": {"name": "in the package's own file"}}]),
        },
    });
    let members = component.as_object_mut();
    if let Some(members) = members {
        if let Some(checksum) = packages.checksums.get(key) {
            members.insert(
                "hashes".into(),
                json!([{"alg": "SHA-256", "content": checksum}]),
            );
        }
        if let Some(repository) = &package.repository {
            members.insert(
                "externalReferences".into(),
                json!([{"type": "vcs", "url": repository}]),
            );
        }
    }
    component
}

/// It comes with the compiler, and its version is the compiler's.
fn standard_library(subject: &Subject<'_>) -> Value {
    let compiler = subject.compilers.iter().find(|(name, _)| *name == "rustc");
    let version = compiler.map_or("", |(_, version)| version.as_str());
    json!({
        "type": "library",
        "bom-ref": "rust-std",
        "name": "std",
        "version": version,
        "licenses": [{"expression": "MIT OR Apache-2.0"}],
    })
}

fn properties(subject: &Subject<'_>, source: &Source) -> Value {
    let compilers = subject.compilers.iter();
    let compilers = compilers
        .map(|(name, version)| json!({"name": format!("dockgate:{name}"), "value": version}));
    let commit = json!({"name": "dockgate:commit", "value": source.commit});
    Value::Array(compilers.chain([commit]).collect())
}

fn dependencies(packages: &Packages) -> Value {
    let of = |(key, on): (&Key, &std::collections::BTreeSet<Key>)| {
        let on: Vec<String> = on.iter().map(reference).collect();
        json!({"ref": reference(key), "dependsOn": on})
    };
    Value::Array(packages.dependencies.iter().map(of).collect())
}

/// A package URL, which names it here too.
fn reference((name, version): &Key) -> String {
    format!("pkg:cargo/{name}@{version}")
}

/// From the contents, so that it is another one for other contents and no other (RFC 9562 §5.8).
fn serial_number(document: &Value) -> String {
    let digest = sha256(document.to_string().as_bytes());
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 15),
        part(15, 18),
        part(18, 30)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter() -> Packages {
        Packages::of(&["dockgate-filter"], "wasm32-wasip1").unwrap()
    }

    #[test]
    fn everything_that_is_required_is_there_and_every_reference_leads_somewhere() {
        let packages = filter();
        let compilers = [("rustc", "rustc 1.0".to_owned())];
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let subject = Subject {
            file: &file,
            compilers: &compilers,
        };
        let source = Source {
            commit: "c0ffee".to_owned(),
            epoch: 0,
        };
        let text = document(&packages, &subject, &source).unwrap();
        assert_eq!(text, document(&packages, &subject, &source).unwrap());
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["bomFormat"], "CycloneDX");
        assert_eq!(document["specVersion"], "1.6");
        let serial = document["serialNumber"].as_str().unwrap();
        assert_eq!(serial.len(), "urn:uuid:".len() + 36);
        assert_eq!(document["metadata"]["component"]["name"], "dockgate-filter");
        let components = document["components"].as_array().unwrap();
        let main = &document["metadata"]["component"];
        let mut references = Vec::new();
        for component in components.iter().chain([main]) {
            for required in ["type", "name", "version", "bom-ref", "licenses"] {
                assert!(!component[required].is_null(), "{required}: {component}");
            }
            references.push(&component["bom-ref"]);
        }
        for name in ["proxy-wasm", "jwt-simple", "dockgate-policy", "std"] {
            assert!(components.iter().any(|one| one["name"] == name), "{name}");
        }
        for absent in ["syn", "sled", "aws-lc-rs"] {
            assert!(
                !components.iter().any(|one| one["name"] == absent),
                "{absent}"
            );
        }
        let dependencies = document["dependencies"].as_array().unwrap();
        assert_eq!(dependencies.len() + 1, references.len());
        for dependency in dependencies {
            let on = dependency["dependsOn"].as_array().unwrap();
            assert!(
                on.iter()
                    .chain([&dependency["ref"]])
                    .all(|one| references.contains(&one))
            );
        }
    }

    #[test]
    fn packages_of_others_have_the_checksum_of_what_was_downloaded() {
        let packages = filter();
        for (key, package) in packages
            .all
            .iter()
            .filter(|(_, package)| package.is_foreign())
        {
            let sum = packages.checksums.get(key);
            assert!(sum.is_some_and(|sum| sum.len() == 64), "{}", package.name);
        }
    }
}
