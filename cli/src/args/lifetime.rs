//! How long a new key is to hold: `30d`, `12w`, `6m`, `2y`, a date, `never`.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use sifseal_core::{Error, ErrorKind, Result, Timestamp};
use std::str::FromStr;

/// A new key's lifetime, as written on the command line.
#[derive(Debug, Clone, PartialEq)]
pub enum Lifetime {
    /// It does not expire.
    Never,
    /// It holds for a calendar span.
    For(SpanOfDays),
    /// It holds until this day begins, local time.
    Until(Date),
}

/// A calendar span of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanOfDays {
    count: i64,
    unit: char,
}

impl SpanOfDays {
    fn span(self) -> Option<Span> {
        match self.unit {
            'd' => 0.days().try_days(self.count),
            'w' => 0.days().try_weeks(self.count),
            'm' => 0.days().try_months(self.count),
            _ => 0.days().try_years(self.count),
        }
        .ok()
    }
}

impl Lifetime {
    /// The lifetime of a key that is made now, in seconds, as OpenPGP stores it
    /// (RFC 9580, section 5.2.3.13); `None` for ever.
    ///
    /// # Errors
    /// `Config` if the end has passed or is too far away for 32 bits.
    pub fn seconds_from(&self, now: Timestamp, zone: &TimeZone) -> Result<Option<u32>> {
        let wrong = |what: &str| Error::new(ErrorKind::Config, what).at("--expires");
        let begin = jiff::Timestamp::from_second(now.0)
            .map_err(|_| wrong("the system's clock is out of range"))?
            .to_zoned_datetime(zone.clone());
        let too_far = || wrong("OpenPGP keys can hold for 136 years at most");
        let end = match self {
            Self::Never => return Ok(None),
            Self::For(days) => days.span().and_then(|span| begin.checked_add(span).ok()),
            Self::Until(date) => date.at(0, 0, 0, 0).to_zoned_datetime(zone.clone()).ok(),
        };
        let seconds = end.ok_or_else(too_far)?.timestamp().as_second() - now.0;
        if seconds <= 0 {
            return Err(wrong("the key would have expired before it was made"));
        }
        u32::try_from(seconds).map(Some).map_err(|_| too_far())
    }
}

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self::Never);
        }
        if let Ok(date) = text.parse::<Date>() {
            return Ok(Self::Until(date));
        }
        let mut chars = text.chars();
        let unit = chars.next_back().filter(|unit| "dwmy".contains(*unit));
        let digits = chars.as_str();
        let count = digits.parse::<i64>().ok().filter(|count| *count > 0);
        match (unit, count) {
            (Some(unit), Some(count)) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Self::For(SpanOfDays { count, unit }))
            }
            _ => Err(
                "expected a time span (30d, 12w, 6m, 2y), a date (2030-12-31) or `never`"
                    .to_owned(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-02-29 12:00:00 UTC.
    const NOON_OF_A_LEAP_DAY: Timestamp = Timestamp(1_709_208_000);

    fn seconds(text: &str) -> Result<Option<u32>> {
        let lifetime: Lifetime = text.parse().unwrap();
        lifetime.seconds_from(NOON_OF_A_LEAP_DAY, &TimeZone::UTC)
    }

    #[test]
    fn spans_follow_the_calendar() {
        assert_eq!(seconds("30d").unwrap(), Some(30 * 86_400));
        assert_eq!(seconds("2w").unwrap(), Some(14 * 86_400));
        // To 29 March, and to 28 February of the year after next.
        assert_eq!(seconds("1m").unwrap(), Some(29 * 86_400));
        assert_eq!(seconds("2y").unwrap(), Some(730 * 86_400));
        assert_eq!(seconds("never").unwrap(), None);
    }

    #[test]
    fn a_date_means_its_beginning() {
        assert_eq!(seconds("2024-03-01").unwrap(), Some(43_200));
    }

    #[test]
    fn an_end_in_the_past_or_beyond_openpgp_is_refused() {
        assert!(seconds("2024-02-29").is_err());
        assert!(seconds("1999-01-01").is_err());
        assert!(seconds("200y").is_err());
        assert!(seconds("99999999999d").is_err());
    }

    #[test]
    fn nonsense_is_refused_when_the_line_is_read() {
        for text in [
            "",
            "y",
            "2",
            "-2y",
            "+2y",
            "2 y",
            "2x",
            "0d",
            "é",
            "2024-13-01",
        ] {
            assert!(text.parse::<Lifetime>().is_err(), "{text:?}");
        }
    }
}
