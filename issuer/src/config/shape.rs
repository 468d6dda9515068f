//! Reading the file's shape: which keys there are, and of which type.
//!
//! serde stops at the first mistake. So what is wrong is taken out and the rest is read again, until
//! nothing is wrong any more.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, Error};

use super::error::Problems;
use super::located::Place;

/// So many mistakes are reported at once; each costs one more reading of the file.
const MOST_MISTAKES: usize = 25;
/// How alike two words are (Jaro-Winkler) for one to be taken for the other, as clap has it.
const ALIKE: f64 = 0.8;

/// Reads a `T`; `None` where anything is wrong.
pub(super) fn read<T: DeserializeOwned>(text: &str, problems: &mut Problems) -> Option<T> {
    let mut document = match DeTable::parse(text) {
        Ok(document) => document,
        // Only the first: those after it tend to follow from it.
        Err(error) => {
            let message = error.message().trim_end().replace('\n', "; ");
            problems.add(&place(&error), &message, of_syntax(&message));
            return None;
        }
    };
    for _ in 0..MOST_MISTAKES {
        let error = match T::deserialize(Deserializer::from(document.clone())) {
            Ok(read) => return problems.is_empty().then_some(read),
            Err(error) => error,
        };
        let at = error.span();
        let meant =
            cut(error.message(), "unknown field").and_then(|(name, known)| closest(name, &known));
        let key = at.and_then(|at| take_out(document.get_mut(), &at, meant));
        let (wrong, instead) = explain(error.message(), key.as_deref());
        problems.add(&place(&error), wrong, instead);
        if key.is_none() {
            break;
        }
    }
    None
}

fn place(error: &Error) -> Place {
    error
        .span()
        .map_or(Place::Absent, |span| Place::File(span.start))
}

/// Takes out the smallest thing that the mistake is in; gives the key that it was under. What stands
/// under a wrong key is put under the one that was `meant`, so that this is not missed too.
fn take_out<'i>(
    table: &mut DeTable<'i>,
    mistake: &Range<usize>,
    meant: Option<&str>,
) -> Option<String> {
    for (key, value) in table.iter_mut() {
        let key = key.get_ref().to_string();
        let taken = match value.get_mut() {
            DeValue::Table(inner) => take_out(inner, mistake, meant),
            DeValue::Array(array) => {
                let taken = array
                    .iter_mut()
                    .find_map(|element| match element.get_mut() {
                        DeValue::Table(inner) => take_out(inner, mistake, meant),
                        _ => None,
                    });
                taken.or_else(|| {
                    array
                        .iter()
                        .any(|element| is_in(element, mistake))
                        .then(|| {
                            let rest = std::mem::replace(array, DeArray::new()).into_iter();
                            *array = rest.filter(|element| !is_in(element, mistake)).collect();
                            key.clone()
                        })
                })
            }
            _ => None,
        };
        if taken.is_some() {
            return taken;
        }
    }
    let found = table
        .iter()
        .find(|(key, value)| is_in(key, mistake) || is_in(value, mistake))
        .map(|(key, _)| key.clone())?;
    let value = table.remove(&found);
    if let (Some(value), Some(meant)) = (value, meant) {
        let key = Spanned::new(found.span(), meant.to_owned().into());
        table.entry(key).or_insert(value);
    }
    Some(found.into_inner().into_owned())
}

fn is_in<T>(thing: &Spanned<T>, mistake: &Range<usize>) -> bool {
    thing.span().contains(&mistake.start)
}

/// What is wrong and what to write, from serde's words.
fn explain(message: &str, key: Option<&str>) -> (String, String) {
    let message = message.trim_end().replace('\n', "; ");
    let message = message.replace("expected u64", "expected a whole number");
    let key = key.unwrap_or("a value");
    if let Some((name, known)) = cut(&message, "unknown field") {
        return (format!("unknown key `{name}`"), of_unknown(name, &known));
    }
    if let Some((name, known)) = cut(&message, "unknown variant") {
        let instead = match closest(name, &known) {
            Some(meant) => format!("Did you mean \"{meant}\"? {}", one_of(&known, '"')),
            None => one_of(&known, '"'),
        };
        return (format!("{key} cannot be {name:?}"), instead);
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        let instead = "Add it to the table that starts here".to_owned();
        return (format!("{rest} is missing"), instead);
    }
    let wrong = ["invalid type: ", "invalid value: "];
    let wrong = wrong.iter().find_map(|begin| message.strip_prefix(begin));
    if let Some((found, expected)) = wrong.and_then(|rest| rest.rsplit_once(", expected ")) {
        let expected = match expected {
            "a string" => "a string, in quotes",
            "a sequence" => "a list, in brackets",
            "a map" => "a table, in braces",
            other => other,
        };
        return (
            format!("{key} cannot be {found}"),
            format!("Write {expected}"),
        );
    }
    let instead = of_syntax(&message).to_owned();
    (format!("{key}: {message}"), instead)
}

fn of_unknown(name: &str, known: &[&str]) -> String {
    match closest(name, known) {
        Some(meant) => format!(
            "Did you mean `{meant}`? The keys here are {}",
            list(known, '`', "and")
        ),
        None => format!("Remove it, or use one of {}", list(known, '`', "and")),
    }
}

fn one_of(known: &[&str], quote: char) -> String {
    format!("Write {}", list(known, quote, "or"))
}

/// The name that a message is about, and those that it lists as known.
fn cut<'a>(message: &'a str, begin: &str) -> Option<(&'a str, Vec<&'a str>)> {
    let mut quoted = message.strip_prefix(begin)?.split('`').skip(1).step_by(2);
    Some((quoted.next()?, quoted.collect()))
}

fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let alike = known
        .iter()
        .map(|known| (strsim::jaro_winkler(name, known), *known))
        .filter(|(alike, _)| *alike > ALIKE);
    let closest = alike.max_by(|(one, _), (other, _)| one.total_cmp(other));
    closest.map(|(_, known)| known)
}

fn list(words: &[&str], quote: char, conjunction: &str) -> String {
    let quoted: Vec<_> = words
        .iter()
        .map(|word| format!("{quote}{word}{quote}"))
        .collect();
    match quoted.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} {conjunction} {last}", rest.join(", ")),
    }
}

fn of_syntax(message: &str) -> &'static str {
    match message {
        twice if twice.starts_with("duplicate key") => "Keep one of the two",
        _ => "Correct the TOML here; text values need quotes, and a table is written once",
    }
}
