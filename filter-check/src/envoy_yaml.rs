//! YAML as Envoy 1.40 reads it, which is neither YAML 1.2 nor quite 1.1: `yes` is a boolean, `300.0`
//! is text, `010` is eight, and a whole number of more than 32 bits is text.

mod scalar;

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// A document, and where Envoy reads in it what its author may not have meant.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) value: Value,
    pub(crate) surprises: Vec<Surprise>,
}

/// One scalar that means something else to Envoy than it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Surprise {
    /// Where it stands, as in `static_resources.listeners[0]…`.
    pub(crate) place: String,
    /// What Envoy makes of it, and what to write instead.
    pub(crate) sentence: String,
}

/// Reads the one document of a file.
///
/// # Errors
/// A sentence with the line, for what is no YAML, and for a name that stands twice in a map, of which
/// Envoy takes one without a word.
pub(crate) fn read(text: &str) -> Result<Document, String> {
    let mut events = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let line = error.marker().line();
            format!("line {line}: {}", error.info())
        })?;
        events.push((event, span.start.line()));
    }
    let mut reader = Reader {
        events: events.into_iter(),
        line: 1,
        anchors: HashMap::new(),
        copied: 0,
        surprises: Vec::new(),
    };
    let mut documents = Vec::new();
    while let Some(event) = reader.next() {
        if is_node(&event) {
            documents.push(reader.node(event, "", 0)?);
        }
    }
    if documents.len() > 1 {
        return Err("there is more than one document in it, and Envoy reads the first".to_owned());
    }
    Ok(Document {
        value: documents.pop().unwrap_or_default(),
        surprises: reader.surprises,
    })
}

struct Reader<'t> {
    events: std::vec::IntoIter<(Event<'t>, usize)>,
    /// Of the event that was read last.
    line: usize,
    anchors: HashMap<usize, Value>,
    /// How much was copied for anchors and aliases, as [`weight`] counts.
    copied: usize,
    surprises: Vec<Surprise>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<Event<'t>> {
        let (event, line) = self.events.next()?;
        self.line = line;
        Some(event)
    }

    fn node(&mut self, event: Event<'t>, place: &str, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("this is nested too deeply"));
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                // Quotes are what makes a scalar text; a tag, `!!str` too, undoes them.
                let is_text = style != ScalarStyle::Plain && tag.is_none();
                (self.scalar(&text, is_text, place), anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.sequence(place, depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.mapping(place, depth)?, anchor),
            Event::Alias(anchor) => {
                let anchored = self.anchors.get(&anchor);
                let copied = self.copied + anchored.map_or(0, weight);
                if copied > MAX_COPIED {
                    return Err(self.wrong(TOO_MUCH));
                }
                let value = anchored.cloned();
                self.copied = copied;
                (value.ok_or_else(|| self.wrong("an alias of nothing"))?, 0)
            }
            _ => return Err(self.wrong("this is no value")),
        };
        if anchor != 0 {
            self.copied += weight(&value);
            if self.copied > MAX_COPIED {
                return Err(self.wrong(TOO_MUCH));
            }
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn scalar(&mut self, text: &str, is_text: bool, place: &str) -> Value {
        if is_text {
            return Value::String(text.to_owned());
        }
        let value = scalar::read(text);
        if let Some(sentence) = scalar::surprise(text, &value) {
            let place = place.to_owned();
            self.surprises.push(Surprise { place, sentence });
        }
        value
    }

    fn sequence(&mut self, place: &str, depth: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        loop {
            match self.next() {
                Some(Event::SequenceEnd) | None => return Ok(Value::Array(items)),
                Some(event) if is_node(&event) => {
                    let place = format!("{place}[{}]", items.len());
                    items.push(self.node(event, &place, depth + 1)?);
                }
                Some(_) => {}
            }
        }
    }

    fn mapping(&mut self, place: &str, depth: usize) -> Result<Value, String> {
        let mut members = Map::new();
        loop {
            let name = match self.next() {
                Some(Event::MappingEnd) | None => return Ok(Value::Object(members)),
                // Envoy takes a name as it is written, `yes` and `1` too.
                Some(Event::Scalar(name, ..)) => name.into_owned(),
                Some(event) if is_node(&event) => {
                    return Err(self.wrong("the name of a member is text"));
                }
                Some(_) => continue,
            };
            if members.contains_key(&name) {
                return Err(self.wrong(&format!("{name:?} is there twice")));
            }
            let Some(event) = self.events.find(|(event, _)| is_node(event)) else {
                return Err(self.wrong(&format!("{name:?} has no value")));
            };
            self.line = event.1;
            let dot = if place.is_empty() { "" } else { "." };
            let value = self.node(event.0, &format!("{place}{dot}{name}"), depth + 1)?;
            members.insert(name, value);
        }
    }

    fn wrong(&self, what: &str) -> String {
        format!("line {}: {what}", self.line)
    }
}

/// Whether a value starts with it, and not an end or a remark.
fn is_node(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_)
    )
}

/// The values in it, itself too, and the bytes of their texts and names.
fn weight(value: &Value) -> usize {
    1 + match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| name.len() + weight(member))
            .sum(),
        _ => 0,
    }
}

/// Deeper than any configuration is.
const MAX_DEPTH: usize = 100;
/// Aliases of aliases make terabytes of a kilobyte.
const MAX_COPIED: usize = 1_000_000;
const TOO_MUCH: &str =
    "anchors and aliases up to here stand for more than 1000000 values and letters; use fewer";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn collections_anchors_and_quotes_are_read() {
        let text = "# why\na: &x [1, 'on', \"010\", ~]\nb: {c: *x, yes: off}\nd: |-\n  yes\ne:\n";
        let read = read(text).unwrap();
        let expected = json!({
            "a": [1, "on", "010", null], "b": {"c": [1, "on", "010", null], "yes": false},
            "d": "yes", "e": null,
        });
        assert_eq!(read.value, expected);
        let places: Vec<&str> = read.surprises.iter().map(|own| &*own.place).collect();
        assert_eq!(places, ["b.yes"]);
    }

    #[test]
    fn aliases_of_aliases_have_a_bound() {
        // Nine lists of ten of the list before, and a long text a thousand times.
        let mut laughs = "a0: &a0 [x]\n".to_owned();
        for level in 1..10 {
            let before = vec![format!("*a{}", level - 1); 10].join(", ");
            laughs += &format!("a{level}: &a{level} [{before}]\n");
        }
        let text = "x".repeat(10_000);
        let long = format!("a: &a {text}\nb: [{}]\n", vec!["*a"; 1000].join(", "));
        let nested = format!("{}{text}{}", "[&a [".repeat(40), "]]".repeat(40));
        let anchors = format!("a: [{}]\n", vec![nested; 3].join(", "));
        for hostile in [laughs, long, anchors] {
            let error = read(&hostile).unwrap_err();
            assert!(error.contains("anchors and aliases"), "{error}");
        }
        let usual = format!("a: &a {text}\nb: [{}]\n", vec!["*a"; 50].join(", "));
        assert_eq!(read(&usual).unwrap().value["b"][49], json!(text));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, expected) in [
            ("a: 1\nb: 2\na: 3\n", "line 3: \"a\" is there twice"),
            ("a: 1\nb: [\n\tb: 2\n", "line "),
            ("a: [1\n", "line "),
            ("a: *x\n", "line 1: "),
            ("? [a]\n: b\n", "line 1: the name of a member is text"),
            ("a: 1\n---\nb: 2\n", "there is more than one document"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(expected), "{text:?}: {error}");
        }
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(read(&deep).is_err());
        assert_eq!(read("").unwrap().value, Value::Null);
    }
}
