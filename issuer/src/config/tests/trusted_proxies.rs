//! Who is believed for whom it speaks.

use super::*;

const HTTP: &str = "http = \"127.0.0.1:9000\"";

fn with(setting: &str) -> Config {
    parse_text(&changed(HTTP, &format!("{HTTP}\n{setting}")), &[]).unwrap()
}

fn believes(config: &Config, address: &str) -> bool {
    config.listen.proxies.contains(address.parse().unwrap())
}

#[test]
fn proxies_are_on_this_machine_unless_they_are_named() {
    let config = with("");
    assert!(believes(&config, "127.0.0.1") && believes(&config, "::1"));
    assert!(!believes(&config, "10.0.0.1"));
    assert_eq!(config.listen.proxies.in_a_row(), 1);
    let config = with("trusted_proxies = [\"10.0.0.5/24\", \"2001:db8::1\"]\nproxies_in_a_row = 2");
    assert!(believes(&config, "10.0.0.1") && believes(&config, "2001:db8::1"));
    assert!(!believes(&config, "127.0.0.1") && !believes(&config, "2001:db8::2"));
    assert_eq!(config.listen.proxies.in_a_row(), 2);
    assert!(!believes(&with("trusted_proxies = []"), "127.0.0.1"));
}

#[test]
fn what_is_no_network_is_refused_and_so_is_everybody() {
    for (network, expected) in [
        ("envoy", "is no address and no network"),
        ("10.0.0.0/33", "is no address and no network"),
        ("10.0.0.1:9000", "is no address and no network"),
        ("0.0.0.0/0", "is everybody"),
        ("::/0", "is everybody"),
    ] {
        let to = format!("trusted_proxies = [\"{network}\"]");
        let text = changed(HTTP, &format!("{HTTP}\n{to}"));
        let error = parse_text(&text, &[]).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("etc/issuer.toml:"), "{error}");
    }
}

#[test]
fn the_variable_is_a_list_parted_by_commas() {
    let name = "DOCKGATE_LISTEN_TRUSTED_PROXIES";
    let config = parse_text(DEMO, &[(name, "10.0.0.0/8, 172.16.0.0/12")]).unwrap();
    assert!(believes(&config, "172.18.0.3") && believes(&config, "10.1.2.3"));
    let error = parse_text(DEMO, &[(name, "10.0.0.0/8,x")]).unwrap_err();
    assert!(error.to_string().contains(name), "{error}");
}

#[test]
fn a_listener_that_others_reach_is_warned_about_until_it_knows_its_proxies() {
    let open = "http = \"0.0.0.0:9000\"\nallow_non_loopback = true";
    let warned = |more: &str| {
        let text = changed(HTTP, &format!("{open}\n{more}"));
        let warnings = parse_text(&text, &[]).unwrap().warnings;
        warnings.iter().any(|one| one.contains("trusted_proxies"))
    };
    assert!(warned(""));
    assert!(!warned("trusted_proxies = [\"10.0.0.0/8\"]"));
    assert!(
        !with("")
            .warnings
            .iter()
            .any(|one| one.contains("trusted_proxies"))
    );
}
