//! How a record becomes a value: 8 bytes big-endian `expires_at`, one version byte, then postcard.
//! What has expired is told from the first 8 bytes alone.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::StoreError;
use crate::clock::UnixSeconds;

const EXPIRY: usize = 8;
/// The one version so far. A later one is read by it, and written by none before.
const VERSION: u8 = 1;
/// What most records fit into without growing.
const USUAL: usize = 512;

/// A value that is not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// Writes a record.
pub(super) fn encode<T: Serialize>(
    expires_at: UnixSeconds,
    record: &T,
) -> Result<Vec<u8>, StoreError> {
    let mut value = Vec::with_capacity(USUAL);
    value.extend_from_slice(&expires_at.to_be_bytes());
    value.push(VERSION);
    postcard::to_extend(record, value).map_err(|error| StoreError::Failed {
        detail: format!("a record cannot be written ({error})"),
    })
}

/// When a record ends.
pub(super) fn expires_at(value: &[u8]) -> Result<UnixSeconds, Unreadable> {
    let expiry = value.first_chunk::<EXPIRY>().ok_or(Unreadable)?;
    Ok(UnixSeconds::from_be_bytes(*expiry))
}

/// Whether a record is over at `now`; one that cannot be read is not.
pub(super) fn has_expired(value: &[u8], now: UnixSeconds) -> bool {
    expires_at(value).is_ok_and(|at| at <= now)
}

/// Reads a record, over or not.
pub(super) fn decode<T: DeserializeOwned>(value: &[u8]) -> Result<T, Unreadable> {
    let (version, body) = value
        .get(EXPIRY..)
        .and_then(<[u8]>::split_first)
        .ok_or(Unreadable)?;
    if *version != VERSION {
        return Err(Unreadable);
    }
    match postcard::take_from_bytes(body) {
        Ok((record, [])) => Ok(record),
        _ => Err(Unreadable),
    }
}

/// Reads a record if it is not over at `now`.
pub(super) fn decode_live<T: DeserializeOwned>(
    value: &[u8],
    now: UnixSeconds,
) -> Result<Option<T>, Unreadable> {
    if expires_at(value)? <= now {
        return Ok(None);
    }
    decode(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_as_it_was_written() {
        let value = encode(77, &("a", 5u64)).unwrap();
        assert_eq!(expires_at(&value), Ok(77));
        assert_eq!(decode(&value), Ok(("a".to_owned(), 5u64)));
    }

    #[test]
    fn a_record_is_over_at_the_second_it_names() {
        let value = encode(77, &1u8).unwrap();
        assert_eq!(decode_live::<u8>(&value, 76), Ok(Some(1)));
        assert_eq!(decode_live::<u8>(&value, 77), Ok(None));
        assert!(!has_expired(&value, 76));
        assert!(has_expired(&value, 77));
    }

    #[test]
    fn what_is_cut_off_too_long_or_of_another_version_is_no_record() {
        let value = encode(77, &("abc", 5u64)).unwrap();
        for length in 0..value.len() {
            let cut = value.get(..length).unwrap();
            assert_eq!(decode::<(String, u64)>(cut), Err(Unreadable), "{length}");
        }
        let longer = [value.as_slice(), &[0]].concat();
        assert_eq!(decode::<(String, u64)>(&longer), Err(Unreadable));
        let mut later = value;
        later[EXPIRY] = VERSION + 1;
        assert_eq!(decode::<(String, u64)>(&later), Err(Unreadable));
    }

    #[test]
    fn what_has_no_expiry_is_never_swept() {
        assert!(!has_expired(&[0; 7], u64::MAX));
    }
}
