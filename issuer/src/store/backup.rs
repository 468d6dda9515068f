//! Backups: what a store holds, as one stream that shows whether it is whole.
//!
//! A backup begins with [`MAGIC`] and a version (4 bytes). Each record is a byte 1, the length of
//! its tree's name (1 byte), of its key (4 bytes) and of its value (4 bytes), then the three
//! themselves. The end is a byte 0, how many records there were (8 bytes), and the SHA-256 of all
//! that came before it. Numbers are big-endian. A backup that was cut off has no end, and one of
//! which a bit has changed has another digest.
//!
//! It holds the private signing keys, and is as secret as the store.

use std::fmt;
use std::io::{self, Read, Write};

use aws_lc_rs::digest::{Context, SHA256};

use super::StoreError;

const MAGIC: &[u8; 16] = b"dockgate backup\n";
/// The one version so far: that of the format together with that of the records.
const VERSION: u32 = 1;
const RECORD: u8 = 1;
const END: u8 = 0;
/// No key or value of a store is as long: more is damage that could take all memory.
const LONGEST: u32 = 16 << 20;
const DIGEST: usize = 32;

/// One row of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name of what it belongs to, at most 255 bytes.
    pub tree: String,
    /// Its key there.
    pub key: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
}

/// Why there is no backup, or no store made from one.
#[derive(Debug)]
pub enum BackupError {
    /// The store did not give or take the records.
    Store(StoreError),
    /// The file or connection could not be read or written.
    Io(io::Error),
    /// The file is something else.
    NotABackup,
    /// A later Dockgate wrote it.
    Version(u32),
    /// It is not what was written: it was cut off or changed.
    Damaged,
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
            Self::NotABackup => f.write_str("it is not a backup of Dockgate's issuer"),
            Self::Version(version) => write!(
                f,
                "it has version {version}, of which this program knows nothing; restore it with the one that made it or a later one"
            ),
            Self::Damaged => f.write_str(
                "it is damaged: it was cut off or changed after it was made; use another one",
            ),
        }
    }
}

impl std::error::Error for BackupError {}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for BackupError {
    /// A file that ends too early is one that was cut off.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::Damaged
        } else {
            Self::Io(error)
        }
    }
}

/// A store that can be backed up while it is used.
pub trait Export: Send + Sync {
    /// Writes a backup, a few records at a time, and gives how many there were. Records that change
    /// meanwhile are in it as they were at some moment in between.
    ///
    /// # Errors
    /// [`BackupError`]; what has been written is then no backup.
    fn export(&self, to: &mut dyn Write) -> Result<u64, BackupError>;
}

/// Writes a backup of `records` and gives how many there were.
///
/// # Errors
/// [`BackupError`] when a record cannot be had or written.
pub fn write(
    records: impl Iterator<Item = Result<Record, StoreError>>,
    to: &mut dyn Write,
) -> Result<u64, BackupError> {
    let mut to = Hashing::new(to);
    let mut count = 0u64;
    to.write_all(MAGIC)?;
    to.write_all(&VERSION.to_be_bytes())?;
    for record in records {
        let Record { tree, key, value } = record?;
        let too_long = |_| io::Error::other("a record is too long");
        to.write_all(&[RECORD, u8::try_from(tree.len()).map_err(too_long)?])?;
        for part in [&key, &value] {
            let length = u32::try_from(part.len()).map_err(too_long)?;
            to.write_all(&length.to_be_bytes())?;
        }
        to.write_all(tree.as_bytes())?;
        to.write_all(&key)?;
        to.write_all(&value)?;
        count += 1;
    }
    to.write_all(&[END])?;
    to.write_all(&count.to_be_bytes())?;
    let digest = to.context.finish();
    to.inner.write_all(digest.as_ref())?;
    to.inner.flush()?;
    Ok(count)
}

/// Reads a backup to its end and gives the number of its records.
///
/// # Errors
/// [`BackupError`] unless it is whole and unchanged.
pub fn verify(from: impl Read) -> Result<u64, BackupError> {
    let mut count = 0;
    for record in Records::begin(from)? {
        record?;
        count += 1;
    }
    Ok(count)
}

/// The records of a backup. What they are is sure only once the last one has been read: [`verify`]
/// first.
pub struct Records<R> {
    from: Hashing<R>,
    count: u64,
    ended: bool,
}

impl<R: Read> Records<R> {
    /// Reads the beginning of a backup.
    ///
    /// # Errors
    /// [`BackupError`] when it is none.
    pub fn begin(from: R) -> Result<Self, BackupError> {
        let mut from = Hashing::new(from);
        match from.array() {
            Ok(magic) if magic == *MAGIC => {}
            Ok(_) | Err(BackupError::Damaged) => return Err(BackupError::NotABackup),
            Err(error) => return Err(error),
        }
        match u32::from_be_bytes(from.array()?) {
            VERSION => Ok(Self {
                from,
                count: 0,
                ended: false,
            }),
            other => Err(BackupError::Version(other)),
        }
    }

    fn read(&mut self) -> Result<Option<Record>, BackupError> {
        match self.from.array()? {
            [RECORD] => {}
            [END] => return self.end().map(|()| None),
            _ => return Err(BackupError::Damaged),
        }
        let [tree] = self.from.array()?;
        let key = u32::from_be_bytes(self.from.array()?);
        let value = u32::from_be_bytes(self.from.array()?);
        let tree = self.from.bytes(tree.into())?;
        let record = Record {
            tree: String::from_utf8(tree).map_err(|_| BackupError::Damaged)?,
            key: self.from.bytes(key)?,
            value: self.from.bytes(value)?,
        };
        self.count += 1;
        Ok(Some(record))
    }

    fn end(&mut self) -> Result<(), BackupError> {
        let count = u64::from_be_bytes(self.from.array()?);
        let expected = self.from.context.clone().finish();
        let digest: [u8; DIGEST] = self.from.array()?;
        let more = self.from.inner.read(&mut [0])?;
        if count != self.count || digest != expected.as_ref() || more != 0 {
            return Err(BackupError::Damaged);
        }
        Ok(())
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<Record, BackupError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let record = self.read().transpose();
        self.ended = !matches!(record, Some(Ok(_)));
        record
    }
}

/// Hashes what passes through.
struct Hashing<T> {
    inner: T,
    context: Context,
}

impl<T> Hashing<T> {
    fn new(inner: T) -> Self {
        Self {
            inner,
            context: Context::new(&SHA256),
        }
    }
}

impl Hashing<&mut dyn Write> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.context.update(bytes);
        self.inner.write_all(bytes)
    }
}

impl<R: Read> Hashing<R> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], BackupError> {
        let mut bytes = [0; N];
        self.inner.read_exact(&mut bytes)?;
        self.context.update(&bytes);
        Ok(bytes)
    }

    fn bytes(&mut self, length: u32) -> Result<Vec<u8>, BackupError> {
        if length > LONGEST {
            return Err(BackupError::Damaged);
        }
        let mut bytes = Vec::new();
        let read = self
            .inner
            .by_ref()
            .take(length.into())
            .read_to_end(&mut bytes)?;
        if read < length as usize {
            return Err(BackupError::Damaged);
        }
        self.context.update(&bytes);
        Ok(bytes)
    }
}

#[cfg(test)]
#[path = "backup_tests.rs"]
mod tests;
