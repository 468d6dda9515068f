//! Whether sled's log is whole as far as it was flushed, before sled itself reads it.
//!
//! What is in the log since sled's last snapshot it reads again at start. A bad message there it
//! takes for the torn end of a write, and leaves out the rest of that segment without a word: after
//! a flipped bit, tokens would be current that were rotated, and grants alive that were revoked. But
//! up to where the last flush ended nothing may be torn.
//!
//! The log is a row of slots of 512 KiB, each with a segment that begins with a header: CRC-32,
//! then the segment's position in the log and that of the last stable write, all little-endian and
//! inverted. A segment is a row of messages: CRC-32, kind, then its length, its segment's number
//! and its page as varints, then the body. The checksum covers the body and the header behind it.
//! Nothing of this has changed since sled 0.34.0, of which this is all there will be.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// sled's default, which the store does not change.
const SEGMENT: u64 = 512 * 1024;
const SEGMENT_HEADER: usize = 20;
/// No message begins in the last bytes of a segment.
const SHORTEST_ROOM: usize = 32;
const CHECKSUM: usize = 4;
/// The last kind of message there is; 0 is none.
const KINDS: u8 = 11;
/// The kind that fills the rest of a segment.
const CAP: u8 = 2;

/// Why the log is not whole.
#[derive(Debug)]
pub(super) enum Flaw {
    /// It cannot be read.
    Io(io::Error),
    /// What was found.
    Damage(String),
}

impl From<io::Error> for Flaw {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Checks all that sled will read again, up to position `flushed`. `directory` is sled's. Gives how
/// far sled comes at least.
///
/// That is less than `flushed` where a segment was filled up and nothing of the next one was written
/// when the process died: sled counts what fills it up as written, but goes on where the last record
/// ended, and writes over it.
pub(super) fn check(directory: &Path, log: &File, flushed: u64) -> Result<u64, Flaw> {
    let snapshot = snapshot_position(directory)?;
    let slots = log.metadata()?.len().div_ceil(SEGMENT);
    let mut buffer = vec![0; usize::try_from(SEGMENT).unwrap_or(usize::MAX)];
    let last = flushed - flushed % SEGMENT;
    let mut latest = None;
    let mut end = flushed;
    for slot in 0..slots {
        let base = slot * SEGMENT;
        let damaged =
            |detail: &str| Flaw::Damage(format!("{detail} in the 512 KiB at {base} of its log"));
        let mut header = [0; SEGMENT_HEADER];
        if read_at(log, &mut header, base)? < SEGMENT_HEADER || header == [0; SEGMENT_HEADER] {
            continue;
        }
        let position = segment_position(&header).ok_or_else(|| damaged("a bad header is"))?;
        latest = latest.max(Some(position));
        if position > flushed || position + SEGMENT <= snapshot {
            continue;
        }
        let length = read_at(log, &mut buffer, base)?;
        let segment = Segment {
            bytes: buffer.get(..length).unwrap_or_default(),
            position,
        };
        let whole = segment.records_end(flushed);
        let whole = whole.ok_or_else(|| damaged("a bad record is"))?;
        if position == last {
            end = whole;
        }
    }
    if flushed > 0 && snapshot <= flushed && latest < Some(last) {
        return Err(Flaw::Damage("the end of its log is missing".to_owned()));
    }
    Ok(end)
}

/// How far the last snapshot goes: it is in its name.
fn snapshot_position(directory: &Path) -> io::Result<u64> {
    let mut last = 0;
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let position = name.to_str().and_then(|name| name.strip_prefix("snap."));
        let position = position.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        last = last.max(position.unwrap_or(0));
    }
    Ok(last)
}

fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Where a segment begins in the log, if its header is one.
fn segment_position(header: &[u8; SEGMENT_HEADER]) -> Option<u64> {
    let (checksum, rest) = header.split_first_chunk::<CHECKSUM>()?;
    let (position, _) = rest.split_first_chunk::<8>()?;
    let matches = !crc32fast::hash(rest) == u32::from_le_bytes(*checksum);
    matches.then_some(u64::from_le_bytes(*position) ^ (u64::MAX >> 1))
}

struct Segment<'a> {
    bytes: &'a [u8],
    position: u64,
}

struct Message {
    kind: u8,
    segment: u64,
    /// From the start of its checksum.
    length: usize,
}

impl Segment<'_> {
    /// How far there are messages, `flushed` at most, if all are good that begin no later than that.
    fn records_end(&self, flushed: u64) -> Option<u64> {
        let mut at = SEGMENT_HEADER;
        while at as u64 + SHORTEST_ROOM as u64 <= SEGMENT && self.position + at as u64 <= flushed {
            match self.message(at) {
                Some(message) if message.segment == self.number() => {
                    if message.kind == CAP {
                        return Some(flushed.min(self.position + at as u64 - 1));
                    }
                    at += message.length;
                }
                _ => return self.is_overwritten(at, flushed).then_some(flushed),
            }
        }
        Some(flushed)
    }

    fn number(&self) -> u64 {
        self.position / SEGMENT
    }

    /// A slot that is used again gets its new header last where two writes are under way at once. A
    /// kill in between leaves the old header in front of messages of a segment that nobody was told
    /// of yet.
    fn is_overwritten(&self, from: usize, flushed: u64) -> bool {
        (from..self.bytes.len()).any(|at| {
            self.message(at)
                .is_some_and(|message| message.segment > flushed / SEGMENT)
        })
    }

    fn message(&self, at: usize) -> Option<Message> {
        let bytes = self.bytes.get(at..)?;
        let (checksum, header) = bytes.split_first_chunk::<CHECKSUM>()?;
        let (&kind, rest) = header.split_first()?;
        if !(1..=KINDS).contains(&kind) {
            return None;
        }
        let (length, rest) = varint(rest)?;
        let (segment, rest) = varint(rest)?;
        let (_page, rest) = varint(rest)?;
        let header = header.get(..header.len() - rest.len())?;
        let length = usize::try_from(length).ok()?;
        let body = rest.get(..length)?;
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(body);
        hasher.update(header);
        (!hasher.finalize() == u32::from_le_bytes(*checksum)).then_some(Message {
            kind,
            segment,
            length: CHECKSUM + header.len() + length,
        })
    }
}

/// sled's own variable-length number.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let small = u64::from(first);
    match first {
        0..=240 => Some((small, rest)),
        241..=248 => {
            let (&low, rest) = rest.split_first()?;
            Some((240 + 256 * (small - 241) + u64::from(low), rest))
        }
        249 => {
            let (&[high, low], rest) = rest.split_first_chunk()?;
            Some((2288 + 256 * u64::from(high) + u64::from(low), rest))
        }
        250..=255 => {
            let (number, rest) = rest.split_at_checked(usize::from(first - 247))?;
            let mut bytes = [0; 8];
            for (to, from) in bytes.iter_mut().zip(number) {
                *to = *from;
            }
            Some((u64::from_le_bytes(bytes), rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_sled_writes_them() {
        for (bytes, number) in [
            (&[0][..], 0),
            (&[240], 240),
            (&[241, 1], 241),
            (&[248, 255], 2287),
            (&[249, 0, 0], 2288),
            (&[249, 255, 255], 67_823),
            (&[250, 0xf0, 0x08, 0x01], 67_824),
            (&[251, 1, 2, 3, 4], 0x0403_0201),
            (&[255, 1, 2, 3, 4, 5, 6, 7, 8], 0x0807_0605_0403_0201),
        ] {
            assert_eq!(varint(bytes), Some((number, &[][..])), "{bytes:?}");
            let longer = [bytes, &[9]].concat();
            assert_eq!(varint(&longer), Some((number, &[9][..])), "{bytes:?}");
            let shorter = bytes.split_last().unwrap().1;
            assert_eq!(varint(shorter), None, "{bytes:?}");
        }
    }
}
