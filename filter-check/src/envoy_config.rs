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

/// All of them: the document itself, or every Wasm plugin in it that has `issuers`.
pub(crate) fn plugins(document: &Value) -> Vec<Plugin> {
    let mut found = Vec::new();
    if document.get("issuers").is_some() {
        found.push(Plugin {
            place: "configuration".to_owned(),
            configuration: document.to_string(),
            advice: Vec::new(),
        });
    } else {
        search(document, "", &mut found);
    }
    found
}

fn search(value: &Value, place: &str, found: &mut Vec<Plugin>) {
    match value {
        Value::Object(members) => {
            if let Some(configuration) = configuration_of(members) {
                found.push(Plugin {
                    place: place.to_owned(),
                    configuration,
                    advice: advice_on(members, place),
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
/// is: the filter reads the text. One that cannot be read is taken for ours where the plugin is
/// named like ours.
fn configuration_of(plugin: &Map<String, Value>) -> Option<String> {
    let vm = member(plugin, "vm_config", "vmConfig")?;
    let value = plugin.get("configuration")?.get("value")?;
    let (text, read) = match value {
        Value::String(text) => (text.clone(), serde_json::from_str(text).ok()),
        value => (value.to_string(), Some(value.clone())),
    };
    let has_issuers = read.is_some_and(|value: Value| value.get("issuers").is_some());
    (has_issuers || vm.to_string().contains("dockgate")).then_some(text)
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
    let vm = member(plugin, "vm_config", "vmConfig").and_then(Value::as_object);
    let vm_id = vm.and_then(|vm| member(vm, "vm_id", "vmId"));
    if vm_id.and_then(Value::as_str).is_none_or(str::is_empty) {
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
            "vm_config": {"vm_id": "dockgate"},
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
        other["vm_config"]["vm_id"] = json!("another");
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
}
