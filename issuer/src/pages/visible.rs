//! Names that others have chosen, made harmless for the eye.

/// Longer names are cut: nothing that has to be seen is pushed off the screen.
const MOST_CHARACTERS: usize = 80;

/// The text without what has no shape of its own: control characters, line breaks, and whatever
/// turns the direction of the text around or hides within it (Unicode TR 36 §2.10). Escaping is the
/// templates' business.
pub fn visible(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .filter(|character| !is_hidden(*character))
        .map(|character| {
            if character.is_whitespace() {
                ' '
            } else {
                character
            }
        })
        .take(MOST_CHARACTERS + 1)
        .collect();
    if shown.chars().count() > MOST_CHARACTERS {
        shown.pop();
        shown.push('\u{2026}');
    }
    shown.trim().to_owned()
}

/// Whether all of a text can be seen, as it is, on one line.
pub fn is_visible(text: &str) -> bool {
    !text
        .chars()
        .any(|character| character.is_control() || is_hidden(character))
}

fn is_hidden(character: char) -> bool {
    (character.is_control() && !character.is_whitespace())
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_gone() {
        for (text, shown) in [
            ("Demo web application", "Demo web application"),
            (
                "Caf\u{e9} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f600}",
                "Caf\u{e9} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f600}",
            ),
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("\u{2066}a\u{2069}\u{200f}b", "ab"),
            ("pay\u{200b}pal\u{feff}\u{ad}", "paypal"),
            ("a\r\nb\u{2028}c\td\0", "a  b c d"),
            ("\u{3164}\u{2800}", ""),
            ("  x ", "x"),
        ] {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut() {
        let shown = visible(&"\u{e9}".repeat(100_000));
        assert_eq!(shown.chars().count(), MOST_CHARACTERS + 1);
        assert!(shown.ends_with('\u{2026}'));
        assert_eq!(visible(&"x".repeat(MOST_CHARACTERS)).len(), MOST_CHARACTERS);
    }
}
