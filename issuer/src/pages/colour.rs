//! Colours, and whether they can be told apart (WCAG 2.2 §1.4.3).

use std::fmt;

/// An sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// The least contrast of text with what is behind it (WCAG 2.2 §1.4.3, level AA).
pub const LEAST_CONTRAST: f64 = 4.5;

impl Colour {
    /// White.
    pub const WHITE: Self = Self([255; 3]);
    /// Black.
    pub const BLACK: Self = Self([0; 3]);

    /// A colour of its three parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// Reads `#rrggbb`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// The contrast ratio, from 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Black or white, whichever can be read better on this.
    pub fn text_on(self) -> Self {
        let (black, white) = (self.contrast(Self::BLACK), self.contrast(Self::WHITE));
        if black > white {
            Self::BLACK
        } else {
            Self::WHITE
        }
    }

    /// This colour with so many hundredths of another one.
    pub fn mixed(self, other: Self, hundredths: u16) -> Self {
        let share = hundredths.min(100);
        let mut parts = self.0;
        for (part, other) in parts.iter_mut().zip(other.0) {
            let sum = u16::from(*part) * (100 - share) + u16::from(other) * share;
            *part = u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX);
        }
        Self(parts)
    }

    /// The nearest mixture with `towards` that can be read on all of `behind`; it is `towards`
    /// itself where nothing less will do.
    pub fn readable_on(self, behind: &[Self], towards: Self) -> Self {
        let mixtures = (0..=100).map(|share| self.mixed(towards, share));
        let mut readable = mixtures.filter(|colour| {
            let mut all = behind.iter();
            all.all(|behind| colour.contrast(*behind) >= LEAST_CONTRAST)
        });
        readable.next().unwrap_or(towards)
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_as_it_is_written_and_nothing_else_is_one() {
        assert_eq!(Colour::parse("#1f5fBF").unwrap().to_string(), "#1f5fbf");
        for text in [
            "", "#", "1f5fbf", "#fff", "#1f5fbff", "red", "#+1+1+1", "#ééé",
        ] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn contrast_is_what_wcag_says() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 0.001);
        let grey = Colour::parse("#767676").unwrap();
        assert!((grey.contrast(Colour::WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn on_every_colour_black_or_white_can_be_read() {
        let steps = || (0..=255).step_by(5);
        for (red, green, blue) in steps()
            .flat_map(|red| steps().flat_map(move |green| [0, 127, 255].map(|b| (red, green, b))))
        {
            let colour = Colour::new(red, green, blue);
            assert!(
                colour.contrast(colour.text_on()) >= LEAST_CONTRAST,
                "{colour}"
            );
        }
    }

    #[test]
    fn a_pale_colour_is_made_as_dark_as_it_has_to_be() {
        let yellow = Colour::parse("#ffdd00").unwrap();
        let readable = yellow.readable_on(&[Colour::WHITE], Colour::BLACK);
        assert!(readable.contrast(Colour::WHITE) >= LEAST_CONTRAST);
        assert!(readable.contrast(Colour::WHITE) < 5.0, "{readable}");
        let dark = Colour::parse("#103060").unwrap();
        assert_eq!(dark.readable_on(&[Colour::WHITE], Colour::BLACK), dark);
    }
}
