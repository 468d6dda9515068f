//! `[pages]`: whose the pages are, and their language.

use std::path::Path;

use serde::Deserialize;
use url::Url;

use super::error::Problems;
use super::located::{Located, Place};
use crate::pages::{
    Brand, BrandInput, Colour, DARK_GROUNDS, LEAST_CONTRAST, LIGHT_GROUNDS, Logo, LogoKind,
    is_visible,
};
use crate::protocol::Language;

/// The longest name, in characters: it stands on one or two lines.
const LONGEST_NAME: usize = 80;
/// The largest picture, in bytes: it is part of every page.
const LARGEST_LOGO: u64 = 32 * 1024;
/// The longest link, in bytes.
const LONGEST_URL: usize = 2048;

/// What the pages look like, and in which language they are; [pages.md](pages.md) has the pages.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PagesTable {
    /// Whose pages these are, above each and in its title, 1 to 80 characters; without it, the title
    /// has the host. Users know a phishing page by what is missing.
    #[cfg_attr(test, schemars(extend("examples" = ["Example Ltd"])))]
    pub(super) name: Option<Located<String>>,
    /// A picture above each page, relative to the file: SVG, PNG or WebP of at most 32 KiB. It becomes
    /// part of every page, so that nothing is loaded from anywhere.
    #[cfg_attr(test, schemars(extend("examples" = ["logo.svg"])))]
    pub(super) logo_file: Option<Located<String>>,
    /// The colour of buttons and links, `#rrggbb`; by default a blue. One that cannot be read on the
    /// pages (contrast under 4.5 to 1, WCAG 2.2 §1.4.3) is refused, with the nearest that can.
    #[cfg_attr(test, schemars(extend("examples" = ["#7a1fa2"])))]
    pub(super) accent: Option<Located<String>>,
    /// The same for who prefers the dark; by default `accent`, as much lighter as it has to be.
    #[cfg_attr(test, schemars(extend("examples" = ["#d7a6f0"])))]
    pub(super) accent_dark: Option<Located<String>>,
    /// A link below each page: an https URL or an email address.
    #[cfg_attr(test, schemars(extend("examples" = ["https://example.com/help"])))]
    pub(super) help: Option<Located<String>>,
    /// A link to the privacy policy, an https URL.
    #[cfg_attr(test, schemars(extend("examples" = ["https://example.com/privacy"])))]
    pub(super) privacy: Option<Located<String>>,
    /// A link to the terms of use, an https URL.
    #[cfg_attr(test, schemars(extend("examples" = ["https://example.com/terms"])))]
    pub(super) terms: Option<Located<String>>,
    /// The language for who reads none of these: `en`, `de`, `es` or `fr`.
    #[cfg_attr(test, schemars(extend("default" = "en", "examples" = ["de"])))]
    pub(super) default_language: Option<Located<String>>,
}

impl PagesTable {
    pub(super) fn check(self, directory: &Path, problems: &mut Problems) -> Brand {
        let mut accent = |name, written, grounds: [Colour; 2], towards| {
            check_accent(name, written, &grounds, towards, problems)
        };
        let accent_light = accent("accent", self.accent, LIGHT_GROUNDS, Colour::BLACK);
        let accent_dark = accent("accent_dark", self.accent_dark, DARK_GROUNDS, Colour::WHITE);
        Brand::new(BrandInput {
            name: self.name.and_then(|name| check_name(name, problems)),
            logo: self
                .logo_file
                .and_then(|file| check_logo(&file, directory, problems)),
            accent: accent_light,
            accent_dark,
            help: self.help.and_then(|help| check_help(help, problems)),
            privacy: self
                .privacy
                .and_then(|url| check_url("privacy", url, problems)),
            terms: self.terms.and_then(|url| check_url("terms", url, problems)),
            language: self
                .default_language
                .and_then(|tag| check_language(&tag, problems))
                .unwrap_or_default(),
        })
    }
}

/// The language of exactly this tag.
pub(super) fn language(tag: &str) -> Option<Language> {
    let mut all = Language::ALL.into_iter();
    all.find(|language| language.tag() == tag)
}

/// What to write for a language.
pub(super) fn known_languages() -> String {
    let tags = Language::ALL.map(|language| format!("{:?}", language.tag()));
    format!("Write one of {}", tags.join(", "))
}

fn check_language(written: &Located<String>, problems: &mut Problems) -> Option<Language> {
    let found = language(&written.value);
    if found.is_none() {
        let wrong = format!("the pages have no language {:?}", written.value);
        problems.add(&written.place, wrong, known_languages());
    }
    found
}

fn check_name(
    Located { value, place }: Located<String>,
    problems: &mut Problems,
) -> Option<String> {
    let fits = (1..=LONGEST_NAME).contains(&value.chars().count());
    if fits && value.trim() == value && is_visible(&value) {
        return Some(value);
    }
    let instead = format!("Write 1 to {LONGEST_NAME} characters that can be seen, on one line");
    problems.add(&place, format!("name {value:?} cannot be shown"), instead);
    None
}

fn check_logo(
    Located { value, place }: &Located<String>,
    directory: &Path,
    problems: &mut Problems,
) -> Option<Logo> {
    let path = directory.join(value);
    let read = std::fs::metadata(&path).and_then(|file| {
        if file.len() > LARGEST_LOGO {
            return Ok(None);
        }
        std::fs::read(&path).map(Some)
    });
    let shown = path.display();
    let (wrong, instead) = match read {
        Err(error) => (
            format!("logo_file: {shown} cannot be read ({error})"),
            "Write the path of a picture".to_owned(),
        ),
        Ok(None) => (
            format!("logo_file: {shown} is too large"),
            format!(
                "Write the path of a picture of at most {} KiB: it is part of every page",
                LARGEST_LOGO / 1024
            ),
        ),
        Ok(Some(bytes)) => match LogoKind::of(&bytes) {
            Some(kind) => return Some(Logo { kind, bytes }),
            None => (
                format!("logo_file: {shown} is no picture that the pages can show"),
                "Write the path of an SVG, PNG or WebP file".to_owned(),
            ),
        },
    };
    problems.add(place, wrong, instead);
    None
}

fn check_accent(
    name: &str,
    written: Option<Located<String>>,
    grounds: &[Colour],
    towards: Colour,
    problems: &mut Problems,
) -> Option<Colour> {
    let Located { value, place } = written?;
    let Some(colour) = Colour::parse(&value) else {
        let wrong = format!("{name} {value:?} is no colour");
        problems.add(
            &place,
            wrong,
            "Write it as \"#rrggbb\", such as \"#1f5fbf\"",
        );
        return None;
    };
    // Links have this colour (WCAG 2.2 §1.4.3).
    let least = grounds
        .iter()
        .map(|ground| colour.contrast(*ground))
        .fold(f64::INFINITY, f64::min);
    if least < LEAST_CONTRAST {
        let wrong = format!(
            "{name} {value:?} cannot be read on the pages: its contrast is {least:.1} to 1, and {LEAST_CONTRAST} is the least"
        );
        let nearest = colour.readable_on(grounds, towards);
        problems.add(&place, wrong, format!("Write \"{nearest}\", or another"));
        return None;
    }
    Some(colour)
}

fn check_help(written: Located<String>, problems: &mut Problems) -> Option<String> {
    let is_address = written.value.contains('@') && !written.value.contains(['/', ':']);
    if !is_address {
        return check_url("help", written, problems);
    }
    let Located { value, place } = written;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@.-_+".contains(&byte);
    let well_formed = value.len() <= 254
        && value.bytes().all(plain)
        && value
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && is_host(host));
    if well_formed {
        return Some(format!("mailto:{value}"));
    }
    refuse_url(&place, "help", &value, problems)
}

fn is_host(host: &str) -> bool {
    !host.contains('@')
        && host.split('.').count() > 1
        && host.split('.').all(|part| !part.is_empty())
}

fn check_url(
    name: &str,
    Located { value, place }: Located<String>,
    problems: &mut Problems,
) -> Option<String> {
    let url = Url::parse(&value).ok().filter(|url| {
        url.scheme() == "https"
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    });
    match url {
        Some(url) if value.len() <= LONGEST_URL => Some(url.into()),
        _ => refuse_url(&place, name, &value, problems),
    }
}

fn refuse_url(place: &Place, name: &str, value: &str, problems: &mut Problems) -> Option<String> {
    let instead = match name {
        "help" => "Write an https URL, or an email address such as \"help@example.com\"",
        _ => "Write an https URL, such as \"https://example.com/privacy\"",
    };
    problems.add(place, format!("{name} {value:?} is no link"), instead);
    None
}
