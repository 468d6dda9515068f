//! What is in the images, and how long they take to start.

use dockgate_stack::now;

use crate::docker::{docker, files_of_image};
use crate::project::Project;

const SHELLS: [&str; 7] = ["sh", "ash", "bash", "busybox", "dash", "ksh", "zsh"];
const MEGABYTE: f64 = 1_000_000.0;

fn megabytes(image: &str) -> f64 {
    let size = docker(&["image", "inspect", "--format", "{{.Size}}", image]);
    size.parse::<f64>().expect("a number of bytes") / MEGABYTE
}

#[test]
fn images_are_small_and_the_demo_starts_quickly() {
    for image in [
        "dockgate-issuer",
        "dockgate-sample-api",
        "dockgate-filter",
        "dockgate-envoy",
    ] {
        println!("{image}: {:.1} MB", megabytes(image));
    }
    let issuer = megabytes("dockgate-issuer");
    assert!(issuer < 30.0, "{issuer} MB");
    let project = Project::prepared();
    let begun = now();
    project.start();
    let first = now().duration_since(begun).as_secs_f64();
    project.succeed(&["down"]);
    let begun = now();
    project.start();
    let second = now().duration_since(begun).as_secs_f64();
    println!("`up` until all is healthy: {first:.1} s, with an old store {second:.1} s");
    assert!(first < 60.0 && second < 60.0);
}

#[test]
fn the_issuers_image_has_its_program_and_no_shell() {
    for (image, program) in [
        ("dockgate-issuer", "usr/local/bin/dockgate-issuer"),
        ("dockgate-sample-api", "usr/local/bin/sample-api"),
    ] {
        let files = files_of_image(image);
        assert!(files.contains(&program.to_owned()), "{files:?}");
        let foreign: Vec<&String> = files
            .iter()
            .filter(|path| *path != program && !path.starts_with("lib"))
            .collect();
        assert!(foreign.is_empty(), "{foreign:?}");
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let shells = files.iter().filter(|path| SHELLS.contains(&&*name(path)));
        assert_eq!(shells.count(), 0, "{files:?}");
    }
}

/// One layer with `plugin.wasm` at the root: what Istio and Envoy Gateway take from a Docker image.
#[test]
fn the_filters_image_is_the_module_alone_in_one_layer() {
    assert_eq!(files_of_image("dockgate-filter"), ["plugin.wasm"]);
    let layers = ["image", "inspect", "--format", "{{len .RootFS.Layers}}"];
    assert_eq!(docker(&[&layers[..], &["dockgate-filter"]].concat()), "1");
}
