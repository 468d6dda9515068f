//! Numbers with a default and a range.

use std::ops::RangeInclusive;

use super::error::Problems;
use super::located::Located;

/// The number, or its default; out of range it is a mistake, and the default stands in.
pub(super) fn bounded(
    name: &str,
    value: Option<Located<u64>>,
    default: u64,
    range: RangeInclusive<u64>,
    problems: &mut Problems,
) -> u64 {
    match value {
        None => default,
        Some(Located { value, .. }) if range.contains(&value) => value,
        Some(Located { value, place }) => {
            let (low, high) = (range.start(), range.end());
            let instead = format!("Write a number from {low} to {high}; the default is {default}");
            problems.add(&place, format!("{name} is {value}"), instead);
            default
        }
    }
}
