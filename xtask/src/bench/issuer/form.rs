//! The form on a page, as a browser would send it when its first button is pressed.

/// Where a form goes and what it sends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) fields: Vec<(String, String)>,
}

impl Form {
    /// The first form of a page.
    pub(super) fn first_of(page: &str) -> Option<Self> {
        let mut tags = tags(page).skip_while(|tag| tag.name != "form");
        let action = tags.next()?.attribute("action").unwrap_or_default();
        let mut fields = Vec::new();
        let mut pressed = false;
        for tag in tags.take_while(|tag| tag.name != "/form") {
            let kind = tag.attribute("type").unwrap_or_default();
            let sent = match (tag.name.as_str(), kind.as_str()) {
                ("button", "" | "submit") | ("input", "submit") => {
                    !std::mem::replace(&mut pressed, true)
                }
                ("input", "checkbox" | "radio") => tag.attribute("checked").is_some(),
                ("input", _) => true,
                _ => false,
            };
            if let Some(name) = tag.attribute("name").filter(|_| sent) {
                fields.push((name, tag.attribute("value").unwrap_or_default()));
            }
        }
        Some(Self { action, fields })
    }

    /// Whether there is such a field.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// Types into a field.
    pub(super) fn fill(&mut self, name: &str, value: &str) {
        for (_, present) in self.fields.iter_mut().filter(|(field, _)| field == name) {
            value.clone_into(present);
        }
    }
}

/// A tag with its attributes.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.attributes.iter();
        let (_, value) = attributes.find(|(attribute, _)| attribute == name)?;
        Some(value.clone())
    }
}

fn tags(page: &str) -> impl Iterator<Item = Tag> {
    page.split('<').skip(1).map(|text| {
        let length = text.find(|c: char| c.is_ascii_whitespace() || c == '>');
        let (name, rest) = text.split_at(length.unwrap_or(text.len()));
        Tag {
            name: name.to_ascii_lowercase(),
            attributes: attributes(rest),
        }
    })
}

/// The attributes up to the end of the tag, with values quoted or bare or left out.
fn attributes(mut text: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    loop {
        text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let length = text.find(|c: char| c.is_ascii_whitespace() || "=>/".contains(c));
        let (name, rest) = text.split_at(length.unwrap_or(text.len()));
        if name.is_empty() {
            return attributes;
        }
        let (value, rest) = match rest.strip_prefix('=') {
            Some(rest) => value(rest),
            None => ("", rest),
        };
        attributes.push((name.to_ascii_lowercase(), unescaped(value)));
        text = rest;
    }
}

/// The value at the beginning, and what comes after it.
fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>');
    text.split_at(end.unwrap_or(text.len()))
}

fn unescaped(value: &str) -> String {
    let characters = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x2F;", "/"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        // Last, so that what it gives is not taken for the beginning of another.
        ("&amp;", "&"),
    ];
    characters
        .iter()
        .fold(value.to_owned(), |text, (escape, character)| {
            text.replace(escape, character)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_sends_what_is_filled_checked_and_pressed() {
        let page = r#"<html><form method="post" action="consent?r=1&amp;s=2">
            <input type=hidden name="csrf" value="a&quot;b"/><input name='username' autofocus>
            <input type="checkbox" name="scope" value="x" checked><input type="checkbox" name="scope" value="y">
            <button name="decision" value="allow">Allow</button>
            <button name="decision" value="deny">Deny</button></form>
            <form action="/logout"><input name="other"></form>"#;
        let mut form = Form::first_of(page).unwrap();
        assert!(form.has("username"));
        form.fill("username", "alice");
        let expected = [
            ("csrf", "a\"b"),
            ("username", "alice"),
            ("scope", "x"),
            ("decision", "allow"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(form.action, "consent?r=1&s=2");
        assert_eq!(form.fields, expected);
    }

    #[test]
    fn a_page_without_a_form_has_none() {
        assert_eq!(Form::first_of("<html><p>1 < 2</p></html>"), None);
    }
}
