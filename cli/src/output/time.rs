//! Times as the reference prints them, and as programs read them.

use jiff::tz::TimeZone;
use sifseal_core::Timestamp;

const GO: &str = "%Y-%m-%d %H:%M:%S %z %Z";

/// In the person's time zone, `2022-02-23 15:12:19 -0800 PST`.
pub fn local_time(time: Timestamp) -> String {
    let zone = TimeZone::system();
    in_zone(
        time,
        if zone.is_unknown() {
            TimeZone::UTC
        } else {
            zone
        },
    )
}

/// In UTC, `2022-02-23 23:12:19 +0000 UTC`.
pub fn utc_time(time: Timestamp) -> String {
    in_zone(time, TimeZone::UTC)
}

/// For programs, `2022-02-23T23:12:19Z`; `None` for a time beyond the calendar.
pub fn rfc3339(time: Timestamp) -> Option<String> {
    let time = jiff::Timestamp::from_second(time.0).ok()?;
    Some(time.to_string())
}

fn in_zone(time: Timestamp, zone: TimeZone) -> String {
    match jiff::Timestamp::from_second(time.0) {
        Ok(time) => time.to_zoned_datetime(zone).strftime(GO).to_string(),
        Err(_) => format!("{} seconds since 1970", time.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_in_the_guide() {
        let time = Timestamp(1_645_657_939);
        let pacific = TimeZone::posix("PST8").unwrap();
        assert_eq!(in_zone(time, pacific), "2022-02-23 15:12:19 -0800 PST");
        assert_eq!(utc_time(time), "2022-02-23 23:12:19 +0000 UTC");
        assert_eq!(rfc3339(time).unwrap(), "2022-02-23T23:12:19Z");
    }

    #[test]
    fn a_time_beyond_the_calendar_is_printed_all_the_same() {
        assert_eq!(
            utc_time(Timestamp(i64::MAX)),
            format!("{} seconds since 1970", i64::MAX)
        );
        assert_eq!(rfc3339(Timestamp(i64::MIN)), None);
    }
}
