//! What commands write to standard output.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use dockgate_issuer::clock::UnixSeconds;
use dockgate_issuer::pages::is_visible;
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use super::failure::Failure;

/// Between two columns.
const GAP: &str = "  ";

/// Writes a text. That nobody reads on, as behind `head`, is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::from(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes the last text of a command.
pub(crate) fn shown(text: &str) -> ExitCode {
    print(text).map_or_else(|failure| failure.end(), |()| ExitCode::SUCCESS)
}

/// Writes a value as JSON.
pub(crate) fn print_as_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::from(format!("the result cannot be written: {error}")))?;
    print(&(text + "\n"))
}

/// Rows under headings, each column as wide as its widest cell.
pub(crate) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = std::iter::once(headings.map(str::to_owned))
        .chain(
            rows.iter()
                .map(|row| row.each_ref().map(|cell| printable(cell))),
        )
        .collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let fill = width.saturating_sub(cell.width());
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', fill));
            line.push_str(GAP);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Names and values, one a line.
pub(crate) fn facts(facts: &[(&str, String)]) -> String {
    let widest = facts.iter().map(|(name, _)| name.width()).max();
    let width = widest.unwrap_or_default();
    facts.iter().fold(String::new(), |mut text, (name, value)| {
        let value = printable(value);
        // Writing to a string does not fail.
        writeln!(text, "{name:width$}{GAP}{value}").ok();
        text
    })
}

/// The text without what a terminal obeys or does not show: each such character as its number.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match is_visible(character.encode_utf8(&mut [0; 4])) {
            true => shown.push(character),
            false => shown.extend(character.escape_unicode()),
        }
    }
    shown
}

/// Several, or a dash for none.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => "-".to_owned(),
        items => items.join(" "),
    }
}

/// A moment, or a dash for none.
pub(crate) fn moment(at: Option<UnixSeconds>) -> String {
    let at = at.and_then(|seconds| {
        std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(seconds))
    });
    at.map_or_else(
        || "-".to_owned(),
        |at| humantime::format_rfc3339_seconds(at).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them_also_where_letters_are_wide() {
        let row = |one: &str, other: &str| [one.to_owned(), other.to_owned()];
        let text = table(["A", "BB"], &[row("\u{732b}\u{732b}", "x"), row("abc", "")]);
        assert_eq!(text, "A     BB\n\u{732b}\u{732b}  x\nabc\n");
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown_as_its_number() {
        for (name, shown) in [
            ("alice", "alice"),
            ("\u{1b}[2Jroot", "\\u{1b}[2Jroot"),
            ("a\nb\u{9b}", "a\\u{a}b\\u{9b}"),
            ("\u{202e}ecila", "\\u{202e}ecila"),
            ("Zo\u{eb} \u{5e9}", "Zo\u{eb} \u{5e9}"),
        ] {
            assert_eq!(printable(name), shown);
        }
        assert!(!table(["A"], &[["\u{1b}".to_owned()]]).contains('\u{1b}'));
        assert!(!facts(&[("a", "\u{1b}".to_owned())]).contains('\u{1b}'));
    }

    #[test]
    fn moments_are_in_utc() {
        assert_eq!(moment(Some(1_700_000_000)), "2023-11-14T22:13:20Z");
        assert_eq!(
            (moment(None), moment(Some(u64::MAX))),
            ("-".to_owned(), "-".to_owned())
        );
    }
}
