//! The machine-readable listing that answers a search (draft-ietf-openpgp-hkp; the
//! same as GnuPG's `doc/KEYSERVER`):
//!
//! ```text
//! info:1:2
//! pub:EF0947AA…:1:3072:1795472325:1858544325:
//! uid:Ada%20<ada@example.com>:1795472325::
//! ```
//!
//! Every line is a stranger's claim. Fields may be missing at the end, lines may be
//! unknown, and the count in `info:` may be wrong: it is not used.

use percent_encoding::percent_decode;
use sifseal_core::openpgp::Fingerprint;
use sifseal_core::traits::SearchHit;
use sifseal_core::{Error, ErrorKind, Result, Timestamp};

/// The longest line that is read. A user ID of 2000 bytes, which is all that GnuPG
/// takes, has at most three times as many when encoded.
const LONGEST_LINE: usize = 8 * 1024;

/// Keys that one search may bring: more than a person reads, and little memory.
const MOST_HITS: usize = 10_000;

/// User IDs that are kept of one key; the rest is dropped. People have a handful; a
/// server could otherwise fill a person's screen, and memory, with a single hit.
const MOST_USER_IDS: usize = 100;

/// What the lines of one or several pages have told so far.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    hits: Vec<SearchHit>,
    /// False while the last key was not readable: its user IDs belong to nobody.
    in_key: bool,
}

impl Listing {
    /// Reads one page; true if anything in it was a line of a listing.
    ///
    /// # Errors
    /// `Unsupported` if there are more keys than anybody can want.
    pub(crate) fn read(&mut self, page: &[u8]) -> Result<bool> {
        let mut known = false;
        self.in_key = false;
        for line in page.split(|byte| *byte == b'\n') {
            let mut fields = line.trim_ascii_end().split(|byte| *byte == b':');
            let readable = line.len() <= LONGEST_LINE;
            match fields.next() {
                Some(b"info") => known = true,
                Some(b"pub") => {
                    known = true;
                    let hit = readable.then(|| read_key(fields)).flatten();
                    self.in_key = hit.is_some();
                    self.hits.extend(hit);
                }
                Some(b"uid") if self.in_key && readable => {
                    if let (Some(hit), Some(text)) = (self.hits.last_mut(), fields.next())
                        && hit.user_ids.len() < MOST_USER_IDS
                    {
                        hit.user_ids.push(read_user_id(text));
                    }
                }
                _ => {}
            }
            if self.hits.len() > MOST_HITS {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    format!("it knows more than {MOST_HITS} keys under that name"),
                )
                .hint("search for something more exact: an address, a fingerprint"));
            }
        }
        Ok(known)
    }

    pub(crate) fn into_hits(self) -> Vec<SearchHit> {
        self.hits
    }
}

/// The fields behind `pub`; `None` without a proper fingerprint or key ID.
fn read_key<'a>(mut fields: impl Iterator<Item = &'a [u8]>) -> Option<SearchHit> {
    let mut next = || fields.next().and_then(|field| str::from_utf8(field).ok());
    let key = next()?.trim();
    let digits = key.strip_prefix("0x").unwrap_or(key);
    let plausible = matches!(digits.len(), 8 | 16 | 32 | 40 | 64);
    if !plausible || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some(SearchHit {
        fingerprint: digits.parse::<Fingerprint>().ok(),
        key: key.to_owned(),
        algorithm: next().and_then(|field| field.parse().ok()),
        bits: next().and_then(|field| field.parse().ok()),
        created: next().and_then(read_time),
        // Some write 0 where there is no end.
        expires: next().and_then(read_time).filter(|time| time.0 != 0),
        flags: next().map(read_flags).unwrap_or_default(),
        user_ids: Vec::new(),
    })
}

fn read_time(field: &str) -> Option<Timestamp> {
    // What no OpenPGP packet can hold is no time of one.
    field.parse::<u32>().ok().map(|time| Timestamp(time.into()))
}

fn read_flags(field: &str) -> String {
    let known = |flag: &char| "rde".contains(*flag);
    let mut flags = String::new();
    for flag in field.chars().filter(known) {
        if !flags.contains(flag) {
            flags.push(flag);
        }
    }
    flags
}

/// Percent-encoding is undone, and nothing else: no server writes `+` for a blank, but
/// people have it in their addresses (the reference makes `ada+lists@example.com` into
/// `ada lists@example.com`). What is not UTF-8 is shown as well as can be.
fn read_user_id(field: &[u8]) -> String {
    percent_decode(field).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = "EF0947AAE31C6446A201D021336A3A3CEE5FEF89";

    fn read(page: impl AsRef<[u8]>) -> Vec<SearchHit> {
        let mut listing = Listing::default();
        listing.read(page.as_ref()).unwrap();
        listing.into_hits()
    }

    #[test]
    fn the_listings_of_the_three_servers_tell_the_same() {
        let hockeypuck = format!(
            "info:1:1\npub:{ADA}:1:3072:1795472325:1858544325:\nuid:Ada Test <ada@example.com>:1795472325:1858544325:\n"
        );
        let sks = format!(
            "info:1:1\npub:{ADA}:1:3072:1795472325:1858544325:\nuid:Ada Test <ada@example.com>:1795472325::\n\r\n"
        );
        let onak =
            format!("info:1:1\npub:{ADA}:1:3072:1795472325::\nuid:Ada Test <ada@example.com>\n");
        for (page, expires) in [
            (hockeypuck, Some(Timestamp(1_858_544_325))),
            (sks, Some(Timestamp(1_858_544_325))),
            (onak, None),
        ] {
            let expected = SearchHit {
                fingerprint: Some(ADA.parse().unwrap()),
                key: ADA.to_owned(),
                algorithm: Some(1),
                bits: Some(3072),
                created: Some(Timestamp(1_795_472_325)),
                expires,
                flags: String::new(),
                user_ids: vec!["Ada Test <ada@example.com>".to_owned()],
            };
            let expected = [expected];
            assert_eq!(read(&page), expected);
            assert_eq!(read(page.replace('\n', "\r\n")), expected);
        }
    }

    #[test]
    fn fields_missing_at_the_end_are_unknown_w24() {
        for line in [
            format!("pub:{ADA}"),
            format!("pub:{ADA}:"),
            format!("pub:0x{ADA}:::::"),
        ] {
            let hit = &read(&line)[0];
            assert_eq!(hit.fingerprint.unwrap().to_string(), ADA);
            assert_eq!((hit.algorithm, hit.bits, hit.created), (None, None, None));
        }
        let hit = &read("pub:336A3A3CEE5FEF89:22:256:1:0:erxr%:4")[0];
        assert_eq!((hit.fingerprint, hit.algorithm), (None, Some(22)));
        assert_eq!(hit.key, "336A3A3CEE5FEF89");
        assert_eq!((hit.expires, hit.flags.as_str()), (None, "er"));
    }

    #[test]
    fn user_ids_are_percent_decoded_and_a_plus_stays_a_plus() {
        for (written, meant) in [
            ("Ada%20Lovelace%20%3Cada%40x%3E", "Ada Lovelace <ada@x>"),
            ("ada+lists@example.com", "ada+lists@example.com"),
            ("a%3Ab%3a%25%2B", "a:b:%+"),
            ("J%C3%BCrgen", "Jürgen"),
            ("50%", "50%"),
            ("50%zz%4", "50%zz%4"),
            ("%1b%5b2J", "\u{1b}[2J"),
            ("%FF", "\u{fffd}"),
            ("", ""),
        ] {
            let hits = read(format!("pub:{ADA}\nuid:{written}:1:2:\n"));
            assert_eq!(hits[0].user_ids, [meant], "{written}");
        }
        let hits = read([b"pub:336A3A3CEE5FEF89\nuid:J\xfcrgen:\n".as_slice()].concat());
        assert_eq!(hits[0].user_ids, ["J\u{fffd}rgen"]);
    }

    #[test]
    fn lines_that_lie_or_make_no_sense_are_passed_over() {
        for nonsense in [
            "info:9999999999999999999999:-1".to_owned(),
            "info".to_owned(),
            "sub:ABCD:1:2:3".to_owned(),
            "uat:::::".to_owned(),
            "pub".to_owned(),
            "pub:".to_owned(),
            "pub:nohex".to_owned(),
            "pub:ABC:1:2".to_owned(),
            format!("pub:{}", "A".repeat(39)),
            ":::::".to_owned(),
            "\0\u{1b}[2J".to_owned(),
            format!("uid:{}", "a".repeat(LONGEST_LINE)),
            format!("pub:{ADA}:{}", "1".repeat(LONGEST_LINE)),
        ] {
            let page =
                format!("uid:nobody's\n{nonsense}\nuid:nobody's\npub:{ADA}\nuid:ada\n{nonsense}\n");
            let hits = read(&page);
            assert_eq!(hits.len(), 1, "{nonsense}");
            assert_eq!(hits[0].user_ids, ["ada"], "{nonsense}");
        }
        let hits = read(format!("pub:{ADA}:256:99999999999:-1:x:1e9\n"));
        assert_eq!(
            (hits[0].algorithm, hits[0].bits, hits[0].created),
            (None, None, None)
        );
    }

    #[test]
    fn user_ids_of_a_key_that_cannot_be_read_go_to_no_other() {
        let page = format!("pub:{ADA}\nuid:ada\npub:broken\nuid:mallory\n");
        assert_eq!(read(page)[0].user_ids, ["ada"]);
    }

    #[test]
    fn no_page_makes_it_panic() {
        let page = format!("info:1:1\r\npub:{ADA}:1:3072:1:2:r\r\nuid:%C3%BC%:1::\r\n");
        for end in 0..page.len() {
            read(&page.as_bytes()[..end]);
            for byte in [0, b':', b'%', b'\n', 0x80, 0xff] {
                let mut broken = page.clone().into_bytes();
                broken[end] = byte;
                read(&broken);
            }
        }
    }

    #[test]
    fn a_listing_without_end_is_an_error() {
        let line = format!("pub:{ADA}\n");
        let mut listing = Listing::default();
        let error = listing
            .read(line.repeat(MOST_HITS + 1).as_bytes())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.hint_text().is_some());
    }

    #[test]
    fn of_a_flood_of_user_ids_the_first_are_kept_and_the_next_key_has_its_own() {
        let flood: String = (0..=MOST_USER_IDS)
            .map(|number| format!("uid:{number}\n"))
            .collect();
        let hits = read(format!("pub:{ADA}\n{flood}pub:{ADA}\nuid:ada\n"));
        assert_eq!(hits[0].user_ids.len(), MOST_USER_IDS);
        assert_eq!(hits[0].user_ids[0], "0");
        assert_eq!(hits[1].user_ids, ["ada"]);
    }

    #[test]
    fn a_page_of_something_else_is_told_from_an_empty_listing() {
        let mut listing = Listing::default();
        assert!(listing.read(b"info:1:0\n").unwrap());
        assert!(!listing.read(b"<html><body>Welcome</body></html>").unwrap());
    }
}
