//! How long ago something was. A page knows no time zone of its reader, so it names no hour.

use crate::clock::UnixSeconds;

/// A time that has passed, in the largest unit that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ago {
    /// Less than a minute.
    Moment,
    /// Minutes, less than an hour.
    Minutes(u64),
    /// Hours, less than a day.
    Hours(u64),
    /// Days.
    Days(u64),
}

impl Ago {
    /// How long ago `then` was. What is still to come, by a clock that was set back, was just now.
    pub fn since(then: UnixSeconds, now: UnixSeconds) -> Self {
        match now.saturating_sub(then) {
            0..60 => Self::Moment,
            seconds @ 60..3600 => Self::Minutes(seconds / 60),
            seconds @ 3600..86_400 => Self::Hours(seconds / 3600),
            seconds => Self::Days(seconds / 86_400),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_unit_that_fits_is_taken() {
        let now = 1_000_000_000;
        for (seconds, expected) in [
            (0, Ago::Moment),
            (59, Ago::Moment),
            (60, Ago::Minutes(1)),
            (3599, Ago::Minutes(59)),
            (3600, Ago::Hours(1)),
            (86_399, Ago::Hours(23)),
            (86_400, Ago::Days(1)),
            (400 * 86_400, Ago::Days(400)),
        ] {
            assert_eq!(Ago::since(now - seconds, now), expected, "{seconds}");
        }
        assert_eq!(Ago::since(now + 1, now), Ago::Moment);
    }
}
