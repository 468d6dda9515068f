//! Whose pages these are: name, logo, colours and links of the operator.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::STYLE;
use super::colour::Colour;
use super::protection::{Policies, Protection};
use crate::protocol::Language;

/// What is behind text: the page and the card on it, as `style.css` has them.
pub const LIGHT_GROUNDS: [Colour; 2] = [Colour::WHITE, Colour::new(0xf4, 0xf5, 0xf7)];
/// The same for who prefers the dark.
pub const DARK_GROUNDS: [Colour; 2] =
    [Colour::new(0x0f, 0x12, 0x16), Colour::new(0x18, 0x1c, 0x22)];

/// What an operator may say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrandInput {
    /// Who this is.
    pub name: Option<String>,
    /// A picture.
    pub logo: Option<Logo>,
    /// The colour of buttons and links. It can be read on [`LIGHT_GROUNDS`].
    pub accent: Option<Colour>,
    /// The same for who prefers the dark, on [`DARK_GROUNDS`]. By default made of the other.
    pub accent_dark: Option<Colour>,
    /// Where there is help: an https or mailto URL.
    pub help: Option<String>,
    /// An https URL.
    pub privacy: Option<String>,
    /// An https URL.
    pub terms: Option<String>,
    /// The language of those who read none of ours.
    pub language: Language,
}

/// A picture that is part of the page. No script of it ever runs and nothing of it is loaded: it is
/// shown by `<img>` (HTML, "image", restrictions of SVG as an image).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// Of what kind.
    pub kind: LogoKind,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The kinds of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoKind {
    /// `image/svg+xml`
    Svg,
    /// `image/png`
    Png,
    /// `image/webp`
    Webp,
}

impl LogoKind {
    /// What the bytes say they are, whatever the file is called.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            return Some(Self::Webp);
        }
        let text = std::str::from_utf8(bytes).ok()?;
        is_svg(text).then_some(Self::Svg)
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// Whether the first element is `svg`, behind what may come before it (XML 1.0 §2.8).
fn is_svg(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    for (open, close) in [
        ("<?xml", "?>"),
        ("<!--", "-->"),
        ("<!DOCTYPE", ">"),
        ("<!--", "-->"),
    ] {
        while rest.starts_with(open) {
            let Some((_, behind)) = rest.split_once(close) else {
                return false;
            };
            rest = behind.trim_start();
        }
    }
    let name = rest.strip_prefix("<svg").unwrap_or_default();
    name.starts_with([' ', '\t', '\r', '\n', '>'])
}

/// What all pages show of their operator, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// Who this is.
    pub name: Option<String>,
    /// The picture, as a `data:` URL.
    pub logo: Option<String>,
    /// Where there is help.
    pub help: Option<String>,
    /// The privacy policy.
    pub privacy: Option<String>,
    /// The terms of use.
    pub terms: Option<String>,
    /// The language of those who read none of ours.
    pub language: Language,
    /// The style sheet with the colours.
    pub style: String,
    policies: Policies,
}

impl Brand {
    /// Makes the style sheet, and the policies that name it.
    pub fn new(input: BrandInput) -> Self {
        let style = format!("{STYLE}{}", colours(input.accent, input.accent_dark));
        let logo = input.logo.map(|logo| {
            let bytes = STANDARD.encode(&logo.bytes);
            format!("data:{};base64,{bytes}", logo.kind.media_type())
        });
        Self {
            policies: Policies::of(&style, logo.is_some()),
            name: input.name,
            logo,
            help: input.help,
            privacy: input.privacy,
            terms: input.terms,
            language: input.language,
            style,
        }
    }

    /// The `Content-Security-Policy` of a page.
    pub fn policy(&self, protection: Protection) -> &str {
        self.policies.policy(protection)
    }
}

impl Default for Brand {
    fn default() -> Self {
        Self::new(BrandInput::default())
    }
}

/// The rules that put the operator's colours in the place of ours.
fn colours(accent: Option<Colour>, accent_dark: Option<Colour>) -> String {
    let dark = accent_dark
        .or_else(|| Some(accent?.readable_on(&DARK_GROUNDS, Colour::WHITE)))
        .map(|accent| rule(accent, Colour::WHITE));
    let light = accent.map(|accent| rule(accent, Colour::BLACK));
    let mut rules = light.unwrap_or_default();
    if let Some(dark) = dark {
        rules += &format!("@media (prefers-color-scheme: dark) {{ {dark}}}\n");
    }
    rules
}

/// What is pressed is a little nearer to `pressed`, away from what is behind it.
fn rule(accent: Colour, pressed: Colour) -> String {
    let (text, press) = (accent.text_on(), accent.mixed(pressed, 20));
    format!(
        ":root {{ --accent: {accent}; --on-accent: {text}; --press: {press}; --on-press: {} }}\n",
        press.text_on()
    )
}

#[cfg(test)]
mod tests;
