//! Where the filter's configuration stands in an Envoy configuration.

use serde_json::{Map, Value};

/// One configuration of the filter.
pub(crate) struct Plugin {
    /// Where it stands, as in `static_resources.listeners[0]…`.
    pub(crate) place: String,
    /// The filter's own configuration, JSON.
    pub(crate) configuration: String,
    /// What its surroundings get wrong.
    pub(crate) advice: Vec<String>,
}

/// A Wasm plugin of whatever kind.
struct Found<'d> {
    place: String,
    plugin: &'d Map<String, Value>,
    /// The filter's configuration, where it is one of ours.
    configuration: Option<String>,
}

/// Whether the document is a configuration of the filter and no Envoy's.
pub(crate) fn is_alone(document: &Value) -> bool {
    document.get("issuers").is_some()
}

/// All of them: the document itself, or every Wasm plugin in it that has `issuers`.
pub(crate) fn plugins(document: &Value) -> Vec<Plugin> {
    if is_alone(document) {
        return vec![Plugin {
            place: String::new(),
            configuration: document.to_string(),
            advice: Vec::new(),
        }];
    }
    let mut found = Vec::new();
    search(document, "", &mut found);
    let ours = found.iter().filter_map(|own| {
        let mut advice = advice_on(own.plugin, &own.place);
        advice.extend(neighbours(own, &found));
        Some(Plugin {
            place: own.place.clone(),
            configuration: own.configuration.clone()?,
            advice,
        })
    });
    ours.collect()
}

fn search<'d>(value: &'d Value, place: &str, found: &mut Vec<Found<'d>>) {
    match value {
        Value::Object(members) => {
            if member(members, "vm_config", "vmConfig").is_some() {
                found.push(Found {
                    place: place.to_owned(),
                    plugin: members,
                    configuration: configuration_of(members),
                });
            }
            for (name, member) in members {
                let dot = if place.is_empty() { "" } else { "." };
                search(member, &format!("{place}{dot}{name}"), found);
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                search(item, &format!("{place}[{position}]"), found);
            }
        }
        _ => {}
    }
}

/// A plugin's configuration comes as a `Struct` or as JSON in a `StringValue`, which is kept as it
/// is: the filter reads the text. One that cannot be read is taken for ours where its module is named
/// like ours.
fn configuration_of(plugin: &Map<String, Value>) -> Option<String> {
    let vm = member(plugin, "vm_config", "vmConfig")?;
    let value = plugin.get("configuration")?.get("value")?;
    let (text, read) = match value {
        Value::String(text) => (text.clone(), serde_json::from_str(text).ok()),
        value => (value.to_string(), Some(value.clone())),
    };
    let has_issuers = read.is_some_and(|value: Value| value.get("issuers").is_some());
    let code = vm.get("code").map(Value::to_string);
    let has_our_code = code.is_some_and(|code| code.contains("dockgate"));
    (has_issuers || has_our_code).then_some(text)
}

/// What the other plugins of this Envoy mean for one of ours.
fn neighbours(own: &Found<'_>, all: &[Found<'_>]) -> Vec<String> {
    let id = vm_id(own.plugin);
    let others = all.iter().filter(|other| other.place != own.place);
    others
        .filter_map(|other| {
            let same = vm_id(other.plugin) == id;
            match (&other.configuration, same) {
                (None, true) => Some(format!(
                    "{}.vm_config.vm_id: {} has the same and is another plugin, which can write keys of its own into the memory that they share; give each its own",
                    own.place, other.place
                )),
                (Some(_), false) => Some(format!(
                    "{}.vm_config.vm_id: {} has another; filters of one Envoy overwrite each other's gauges unless they share one",
                    own.place, other.place
                )),
                _ => None,
            }
        })
        .collect()
}

/// Where it is left out, it is empty.
fn vm_id(plugin: &Map<String, Value>) -> &str {
    let vm = member(plugin, "vm_config", "vmConfig").and_then(Value::as_object);
    let id = vm.and_then(|vm| member(vm, "vm_id", "vmId"));
    id.and_then(Value::as_str).unwrap_or_default()
}

/// A field under its own name or as Protobuf's JSON spells it.
fn member<'a>(object: &'a Map<String, Value>, snake: &str, camel: &str) -> Option<&'a Value> {
    object.get(snake).or_else(|| object.get(camel))
}

fn advice_on(plugin: &Map<String, Value>, place: &str) -> Vec<String> {
    let mut advice = Vec::new();
    let policy = member(plugin, "failure_policy", "failurePolicy").and_then(Value::as_str);
    let fails_open = member(plugin, "fail_open", "failOpen").and_then(Value::as_bool) == Some(true);
    if fails_open || policy == Some("FAIL_OPEN") {
        advice.push(format!(
            "{place}: while the filter's VM is down every request passes unchecked; write `failure_policy: FAIL_RELOAD`"
        ));
    } else if policy != Some("FAIL_RELOAD") {
        advice.push(format!(
            "{place}.failure_policy: a VM that fails once refuses all requests until Envoy restarts; write FAIL_RELOAD"
        ));
    }
    if vm_id(plugin).is_empty() {
        advice.push(format!(
            "{place}.vm_config.vm_id: without one the keys' memory is shared with every other plugin that has none; write one of its own"
        ));
    }
    advice
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn within(plugin: Value) -> Value {
        json!({"static_resources": {"listeners": [{"config": plugin}]}})
    }

    fn plugin() -> Value {
        json!({
            "failure_policy": "FAIL_RELOAD",
            "vm_config": {"vm_id": "dockgate", "code": {"local": {"filename": "/a/dockgate_filter.wasm"}}},
            "configuration": {"@type": "type.googleapis.com/google.protobuf.Struct", "value": {"issuers": []}},
        })
    }

    #[test]
    fn it_is_found_as_a_struct_as_a_string_and_alone() {
        let found = plugins(&within(plugin()));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "static_resources.listeners[0].config");
        assert_eq!(found[0].configuration, r#"{"issuers":[]}"#);
        let mut as_string = plugin();
        as_string["configuration"]["value"] = json!(r#"{"issuers":[]}"#);
        assert_eq!(plugins(&within(as_string)).len(), 1);
        assert_eq!(plugins(&json!({"issuers": []})).len(), 1);
    }

    #[test]
    fn a_broken_configuration_of_ours_is_found_all_the_same() {
        for value in [
            json!("{"),
            json!({"issuer": []}),
            json!(r#"{"rules":[],"rules":[]}"#),
        ] {
            let mut broken = plugin();
            broken["configuration"]["value"] = value;
            assert_eq!(plugins(&within(broken)).len(), 1);
        }
    }

    #[test]
    fn the_text_of_a_string_is_left_as_it_is() {
        let text = r#"{"issuers":[],"rules":[],"rules":[]}"#;
        let mut twice = plugin();
        twice["configuration"]["value"] = json!(text);
        assert_eq!(plugins(&within(twice))[0].configuration, text);
    }

    #[test]
    fn other_plugins_are_passed_over() {
        let mut other = plugin();
        other["vm_config"] =
            json!({"vm_id": "another", "code": {"local": {"filename": "/b.wasm"}}});
        other["configuration"]["value"] = json!({"something": 1});
        assert!(plugins(&within(other)).is_empty());
    }

    #[test]
    fn dangerous_surroundings_are_named() {
        assert!(plugins(&within(plugin()))[0].advice.is_empty());
        for (field, value, word) in [
            ("fail_open", json!(true), "unchecked"),
            ("failure_policy", json!("FAIL_OPEN"), "unchecked"),
            ("failure_policy", json!("FAIL_CLOSED"), "restarts"),
            ("vm_config", json!({}), "vm_id"),
        ] {
            let mut changed = plugin();
            changed[field] = value;
            let advice = &plugins(&within(changed))[0].advice;
            assert!(advice.len() == 1 && advice[0].contains(word), "{advice:?}");
        }
    }

    #[test]
    fn another_plugin_with_our_vm_id_is_named_and_so_is_a_filter_with_another() {
        let mut stranger = plugin();
        stranger["configuration"]["value"] = json!({"something": 1});
        stranger["vm_config"]["code"] = json!({"local": {"filename": "/b.wasm"}});
        let mut apart = plugin();
        apart["vm_config"]["vm_id"] = json!("dockgate-2");
        for (neighbour, word) in [(stranger, "write keys of its own"), (apart, "gauges")] {
            let found = plugins(&json!({"a": plugin(), "b": neighbour}));
            let advice = &found[0].advice;
            assert!(advice.len() == 1 && advice[0].contains(word), "{advice:?}");
            assert!(
                advice[0].starts_with("a.vm_config.vm_id: b has"),
                "{advice:?}"
            );
        }
        let twins = plugins(&json!({"a": plugin(), "b": plugin()}));
        assert!(twins.iter().all(|twin| twin.advice.is_empty()));
    }
}
