//! The languages of the pages, and which of them somebody reads.

use serde::Deserialize;

/// A language that every page has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Language {
    /// `en`
    #[default]
    #[serde(rename = "en")]
    English,
    /// `de`
    #[serde(rename = "de")]
    German,
    /// `es`
    #[serde(rename = "es")]
    Spanish,
    /// `fr`
    #[serde(rename = "fr")]
    French,
}

/// How many entries of a list are read: nobody reads more languages, and a header may be long.
const MOST_ENTRIES: usize = 32;

impl Language {
    /// Every language.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::Spanish, Self::French];

    /// The tag of the language (BCP 47), for `lang`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
            Self::French => "fr",
        }
    }

    /// The language of a tag, whatever region or script it names: `de-AT` is `de` (RFC 4647 §3.4).
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        let mut all = Self::ALL.into_iter();
        all.find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The first that is known of `ui_locales`: tags in order of preference (OIDC Core §3.1.2.1).
    pub fn of_ui_locales(tags: &str) -> Option<Self> {
        let mut tags = tags.split_ascii_whitespace().take(MOST_ENTRIES);
        tags.find_map(Self::of_tag)
    }

    /// The known one that an `Accept-Language` likes best (RFC 9110 §12.5.4); of equals the first.
    /// `*` is no wish for any of them.
    pub fn of_accept_language(header: &str) -> Option<Self> {
        let entries = header.split(',').take(MOST_ENTRIES);
        let wished = entries.filter_map(|entry| {
            let (tag, parameters) = entry.split_once(';').unwrap_or((entry, ""));
            Some((Self::of_tag(tag)?, weight(parameters)?))
        });
        let best = wished.fold(None, |best, (language, weight)| match best {
            Some((_, most)) if most >= weight => best,
            _ => Some((language, weight)),
        });
        best.filter(|(_, weight)| *weight > 0)
            .map(|(language, _)| language)
    }
}

/// A weight in thousandths (RFC 9110 §12.4.2); `None` for what is none.
fn weight(parameters: &str) -> Option<u16> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1000);
    }
    let (name, value) = parameters.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, rest) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    if rest.len() > 3 || !rest.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{rest:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("1", 0) => Some(1000),
        ("0", _) => Some(thousandths),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_liked_best_is_found() {
        use Language::*;
        for (header, expected) in [
            ("de", Some(German)),
            ("DE-at", Some(German)),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Some(French)),
            ("en;q=0.2, es ; q=0.8", Some(Spanish)),
            ("nl, en;q=0.5", Some(English)),
            ("de;q=0.5, es;q=0.5", Some(German)),
            ("de;q=0, es;q=0.001", Some(Spanish)),
            ("de;q=0", None),
            ("de;q=2, de;q=x, de;q=0.1234, de;level=1", None),
            ("*", None),
            ("nl", None),
            ("", None),
            (",;=,;q=1", None),
        ] {
            assert_eq!(Language::of_accept_language(header), expected, "{header}");
        }
        let long = format!("{}de", "x,".repeat(MOST_ENTRIES));
        assert_eq!(Language::of_accept_language(&long), None);
    }

    #[test]
    fn what_a_client_wishes_is_in_order() {
        assert_eq!(
            Language::of_ui_locales("se nl fr-CA de"),
            Some(Language::French)
        );
        assert_eq!(Language::of_ui_locales("??"), None);
        assert_eq!(Language::of_ui_locales(""), None);
    }
}
