//! Asking for a secret at the terminal, without showing it.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::os::fd::AsFd as _;

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use zeroize::Zeroizing;

/// The longest answer in bytes; longer ones are cut, which no check lets pass.
const LONGEST: usize = 4096;

const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const CTRL_U: u8 = 0x15;
const DELETE: u8 = 0x7f;

/// What was typed.
pub(crate) enum Answer {
    /// A line.
    Line(Zeroizing<Vec<u8>>),
    /// Ctrl-C or Ctrl-D: the command is not wanted.
    GivenUp,
}

/// Whether somebody is there to be asked.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal()
}

/// Asks on standard error, and reads a line from the terminal that is standard input. The terminal
/// is as it was when this returns, also after Ctrl-C.
///
/// # Errors
/// Those of the terminal.
pub(crate) fn ask(prompt: &str) -> io::Result<Answer> {
    let stdin = io::stdin().lock();
    // Without the buffer of standard input, which would keep a part of it.
    let terminal = File::from(stdin.as_fd().try_clone_to_owned()?);
    let _quiet = Quiet::begin(&terminal)?;
    let mut stderr = io::stderr().lock();
    write!(stderr, "{prompt}")?;
    stderr.flush()?;
    let answer = read_line(&terminal);
    writeln!(stderr)?;
    answer
}

fn read_line(mut terminal: &File) -> io::Result<Answer> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = Zeroizing::new([0]);
    loop {
        if terminal.read(byte.as_mut_slice())? == 0 {
            return Ok(Answer::GivenUp);
        }
        let [key] = *byte;
        match key {
            CTRL_C | CTRL_D => return Ok(Answer::GivenUp),
            b'\r' | b'\n' => return Ok(Answer::Line(line)),
            BACKSPACE | DELETE => remove_character(&mut line),
            CTRL_U => line.clear(),
            // Its buffer never grows, so that no copy of it is left anywhere.
            _ if line.len() < LONGEST => line.push(key),
            _ => {}
        }
    }
}

/// All bytes of the last one (RFC 3629).
fn remove_character(line: &mut Vec<u8>) {
    while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
}

/// A terminal that shows nothing and passes on every key at once, Ctrl-C as well: it would end the
/// process and leave the terminal like that.
struct Quiet<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn begin(terminal: &'a File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(terminal, OptionalActions::Now, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        tcsetattr(self.terminal, OptionalActions::Now, &self.before).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_goes_with_all_its_bytes() {
        let mut line = "a\u{e9}\u{1f600}".as_bytes().to_vec();
        for left in ["a\u{e9}", "a", "", ""] {
            remove_character(&mut line);
            assert_eq!(line, left.as_bytes());
        }
    }
}
