//! Which start of the issuer this is. Codes carry the number of theirs: after an unclean stop it is
//! not known what became of those from before, so none of them counts any more.

use super::super::StoreError;
use super::table::Table;

const KEY: &[u8] = b"start";

/// This start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// Its number; the first is 1.
    pub(super) number: u64,
    /// The first start whose codes count.
    pub(super) codes_from: u64,
}

impl Start {
    /// Counts this start. It is on disk with the next flush, and nothing is done before that.
    pub(super) fn begin(meta: &Table, was_clean: bool) -> Result<Self, StoreError> {
        let last = match meta.get(KEY)? {
            None => Self {
                number: 0,
                codes_from: 1,
            },
            Some(value) => Self::from_bytes(&value).ok_or_else(|| meta.unreadable())?,
        };
        let number = last.number + 1;
        let this = Self {
            number,
            codes_from: if was_clean { last.codes_from } else { number },
        };
        meta.insert(KEY, this.to_bytes())?;
        Ok(this)
    }

    fn to_bytes(self) -> Vec<u8> {
        [self.number.to_be_bytes(), self.codes_from.to_be_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (number, codes_from) = bytes.split_first_chunk()?;
        Some(Self {
            number: u64::from_be_bytes(*number),
            codes_from: u64::from_be_bytes(codes_from.try_into().ok()?),
        })
    }
}
