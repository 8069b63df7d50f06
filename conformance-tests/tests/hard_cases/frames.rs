//! The frame of a cleartext message: headers, line ends, blanks, dashes, and what
//! stands around it.

use crate::people::{TEXT, certificate, key, message};
use crate::row::{Row, SIGNED, row};
use sifseal_conformance_tests::craft::{Frame, Key, Place, Subpacket};
use sifseal_conformance_tests::gnupg::Said;
use sifseal_conformance_tests::gnupg::reason::GENERAL;

const MALFORMED: &[&str] = &["signature-malformed"];

/// Why we are stricter than GnuPG.
const STRICT: &str = "programs differ in what they pass over around a message, and each \
                      difference can show one text and verify another; no program writes it so";

/// A row about the plain message with something replaced.
fn with<'a>(old: &str, new: &str) -> Row<'a> {
    let ada = key();
    let message = message(&ada.signs(SIGNED));
    assert!(message.contains(old), "{old:?} in {message}");
    row(message.replacen(old, new, 1)).knowing(certificate(&ada))
}

/// A row about the plain message with other header lines.
fn with_headers<'a>(lines: &[&str]) -> Row<'a> {
    let ada = key();
    let frame = Frame::new(TEXT).signed(&ada.signs(SIGNED));
    row(frame.headers(lines).message()).knowing(certificate(&ada))
}

/// A row about a good message with this text.
fn with_text<'a>(text: &str) -> Row<'a> {
    let ada = key();
    let message = Frame::new(text).signed(&ada.signs(SIGNED)).message();
    row(message).knowing(certificate(&ada))
}

#[test]
fn a_hash_header_that_names_another_hash_is_refused() {
    with_headers(&["Hash: SHA512"])
        .refused(&["hash-header-mismatch"])
        .gpg(&[Said::Error(GENERAL)])
        .check();
}

#[test]
fn a_missing_hash_header_is_refused() {
    with_headers(&[])
        .refused(&["hash-header-mismatch"])
        .gpg(&[Said::Error(GENERAL)])
        .check();
}

#[test]
fn two_hash_headers_of_which_one_is_right_are_good() {
    with_headers(&["Hash: SHA512", "Hash: SHA256"])
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn two_names_in_one_hash_header_are_good() {
    with_headers(&["Hash: SHA512, SHA256"])
        .good()
        .gpg(&[Said::Good])
        .check();
    with_headers(&["Hash: SHA512,SHA256"])
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn another_header_than_hash_is_refused() {
    for line in [
        "Comment: x",
        "Charset: utf-8",
        "Version: 1",
        "NotDashEscaped: x",
    ] {
        with_headers(&["Hash: SHA256", line])
            .refused(MALFORMED)
            .gpg(&[Said::Bad])
            .check();
    }
}

#[test]
fn a_hash_header_with_a_name_that_nobody_knows_is_refused() {
    with_headers(&["Hash: SHA256, SHA9000"])
        .refused(MALFORMED)
        .gpg(&[Said::Error(GENERAL)])
        .check();
}

#[test]
fn a_header_that_is_none_is_refused() {
    for line in ["Hash:SHA256", "hash: SHA256", "Hash SHA256", "see below"] {
        with_headers(&[line])
            .refused(MALFORMED)
            .gpg(&[Said::Error(GENERAL)])
            .check();
    }
}

/// It looks like a blank line, so the text seems to begin one line earlier.
#[test]
fn a_line_of_blanks_does_not_end_the_headers() {
    with("\n\nhello", "\n \nhello")
        .refused(MALFORMED)
        .gpg(&[Said::Good])
        .unlike_gpg(STRICT)
        .check();
}

#[test]
fn lines_that_begin_with_a_dash_are_escaped() {
    with_text("- one\n-two\n-----BEGIN PGP SIGNATURE-----\n--\n-")
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_line_that_is_escaped_without_need_is_good() {
    with("\nhello", "\n- hello")
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_line_that_begins_with_from_may_be_escaped_or_not() {
    with_text("From here").good().gpg(&[Said::Good]).check();
    let ada = key();
    let message = Frame::new("From here").signed(&ada.signs(SIGNED)).message();
    row(message.replace("From", "- From"))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_dash_that_is_not_escaped_is_refused() {
    let ada = key();
    let message = Frame::new("-5").signed(&ada.signs(SIGNED)).message();
    row(message.replace("- -5", "-5"))
        .knowing(certificate(&ada))
        .refused(MALFORMED)
        .gpg(&[Said::Good])
        .unlike_gpg(STRICT)
        .check();
}

#[test]
fn a_message_within_a_message_is_text() {
    let (ada, bob) = (key(), key());
    let inner = message(&bob.signs(SIGNED));
    let outer = Frame::new(inner.trim_end()).signed(&ada.signs(SIGNED));
    row(outer.message())
        .knowing(certificate(&ada))
        .knowing(certificate(&bob))
        .good()
        .by(&ada)
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn line_ends_of_crlf_are_good() {
    let ada = key();
    let message = Frame::new("one\ntwo").signed(&ada.signs(SIGNED)).message();
    row(message.replace('\n', "\r\n"))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn line_ends_of_both_kinds_are_good() {
    let ada = key();
    let message = Frame::new("one\ntwo\nthree")
        .signed(&ada.signs(SIGNED))
        .message();
    row(message.replace("two\n", "two\r\n"))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_carriage_return_alone_is_refused() {
    with_text("one\rtwo")
        .refused(MALFORMED)
        .gpg(&[Said::Good])
        .unlike_gpg("libraries disagree whether it ends a line, so none is accepted")
        .check();
}

#[test]
fn two_carriage_returns_before_a_line_feed_are_refused() {
    with("hello\n", "hello\r\r\n")
        .refused(MALFORMED)
        .gpg(&[Said::Good])
        .unlike_gpg("libraries disagree whether it ends a line, so none is accepted")
        .check();
}

#[test]
fn blanks_at_the_end_of_a_line_are_not_signed() {
    with_text("one \ntwo\t\n \t \nthree  ")
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn blanks_that_came_later_do_not_matter() {
    with("hello\n", "hello \t\n")
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_blank_that_came_before_a_line_matters() {
    with("hello\n", " hello\n")
        .refused(&["bad-signature"])
        .gpg(&[Said::Bad])
        .check();
}

/// As rPGP's own signer makes it: the blanks are hashed, and nobody else hashes them.
#[test]
fn a_signature_over_blanks_at_the_end_of_a_line_is_bad() {
    let ada = key();
    let wrong = ada.signs(SIGNED).over(Place::Data(b"one \r\ntwo"));
    let message = Frame::new("one \ntwo")
        .raw(&wrong)
        .headers(&["Hash: SHA256"])
        .message();
    row(message)
        .knowing(certificate(&ada))
        .refused(&["bad-signature"])
        .gpg(&[Said::Bad])
        .check();
}

/// Only blanks and tabs are stripped (RFC 9580, section 7.2).
#[test]
fn other_white_space_at_the_end_of_a_line_is_signed() {
    for space in ["\u{A0}", "\u{C}", "\u{B}", "\u{2003}", "\u{85}"] {
        let text = format!("one{space}\ntwo{space}");
        with_text(&text).good().gpg(&[Said::Good]).check();
        with("hello\n", &format!("hello{space}\n"))
            .refused(&["bad-signature"])
            .gpg(&[Said::Bad])
            .check();
    }
}

#[test]
fn a_zero_octet_at_the_end_of_a_line_is_signed() {
    with_text("one\0\ntwo\0")
        .good()
        .gpg(&[Said::Bad])
        .unlike_gpg("GnuPG loses octets of value zero at the end of a line")
        .check();
    with("hello\n", "hello\0\n")
        .refused(&["bad-signature"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG loses octets of value zero at the end of a line")
        .check();
}

#[test]
fn an_empty_text_can_be_signed() {
    with_text("").good().gpg(&[Said::Good]).check();
}

/// As Sequoia's own signer writes it: the last line break of the text is signed.
#[test]
fn a_blank_line_at_the_end_of_the_text_is_signed() {
    with_text("one\n").good().gpg(&[Said::Good]).check();
    with("hello\n", "hello\n\n")
        .refused(&["bad-signature"])
        .gpg(&[Said::Bad])
        .check();
}

#[test]
fn blank_lines_in_front_of_the_text_are_signed() {
    with_text("\n\none").good().gpg(&[Said::Good]).check();
    with("\nhello", "\n\nhello")
        .refused(&["bad-signature"])
        .gpg(&[Said::Bad])
        .check();
}

#[test]
fn every_letter_of_every_language_can_be_signed() {
    with_text("übung, упражнение, 練習, 🦀")
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let ada = key();
    let message = message(&ada.signs(SIGNED)).replace("hello", "h\u{1}llo");
    let bytes: Vec<u8> = message
        .bytes()
        .map(|byte| if byte == 1 { 0xE9 } else { byte })
        .collect();
    row(bytes)
        .knowing(certificate(&ada))
        .refused(MALFORMED)
        .gpg(&[Said::Bad])
        .check();
}

/// An image with many objects has its whole table on one line.
#[test]
fn a_very_long_line_is_good() {
    with_text(&"x".repeat(30_000))
        .good()
        .gpg(&[Said::Bad])
        .unlike_gpg("GnuPG cuts lines at some 20000 octets")
        .check();
}

#[test]
fn text_in_front_of_the_message_is_refused() {
    for before in ["see below\n", "\n"] {
        with(
            "-----BEGIN PGP SIGNED",
            &format!("{before}-----BEGIN PGP SIGNED"),
        )
        .refused(&["format-not-recognised"])
        .gpg(&[Said::Good])
        .unlike_gpg(STRICT)
        .check();
    }
}

#[test]
fn a_message_that_does_not_begin_its_line_is_refused() {
    for before in [" ", "\u{FEFF}", "> "] {
        with(
            "-----BEGIN PGP SIGNED",
            &format!("{before}-----BEGIN PGP SIGNED"),
        )
        .refused(&["format-not-recognised"])
        .gpg(&[])
        .check();
    }
}

#[test]
fn text_behind_the_message_is_refused() {
    for after in ["see above\n", "\nsee above\n", " \n"] {
        with(
            "END PGP SIGNATURE-----\n",
            &format!("END PGP SIGNATURE-----\n{after}"),
        )
        .refused(MALFORMED)
        .gpg(&[Said::Good])
        .unlike_gpg(STRICT)
        .check();
    }
}

#[test]
fn line_breaks_behind_the_message_are_good() {
    with("END PGP SIGNATURE-----\n", "END PGP SIGNATURE-----")
        .good()
        .gpg(&[Said::Good])
        .check();
    with("END PGP SIGNATURE-----\n", "END PGP SIGNATURE-----\n\n\r\n")
        .good()
        .gpg(&[Said::Good])
        .check();
}

/// One message after the other, by these two.
fn two_messages(first: &Key, second: &Key) -> String {
    message(&first.signs(SIGNED)) + &message(&second.signs(SIGNED))
}

#[test]
fn two_messages_are_refused() {
    let (ada, bob) = (key(), key());
    row(two_messages(&ada, &bob))
        .knowing(certificate(&ada))
        .knowing(certificate(&bob))
        .refused(MALFORMED)
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_second_signature_block_is_refused() {
    let ada = key();
    let message = message(&ada.signs(SIGNED));
    let at = message.find("-----BEGIN PGP SIGNATURE").unwrap();
    let block = &message[at..];
    row(format!("{message}{block}"))
        .knowing(certificate(&ada))
        .refused(MALFORMED)
        .gpg(&[Said::Good, Said::Good])
        .unlike_gpg(STRICT)
        .check();
}

#[test]
fn a_block_without_an_end_is_refused() {
    with("-----END PGP SIGNATURE-----\n", "")
        .refused(MALFORMED)
        .gpg(&[Said::Good])
        .unlike_gpg(STRICT)
        .check();
}

#[test]
fn headers_of_the_signature_block_say_nothing() {
    with(
        "BEGIN PGP SIGNATURE-----\n",
        "BEGIN PGP SIGNATURE-----\nVersion: Old 1.0\nComment: x\n",
    )
    .good()
    .gpg(&[Said::Good])
    .check();
}

/// Base64 fills its last four letters with `=`, or not, as the length asks for.
#[test]
fn a_signature_block_without_a_checksum_is_good() {
    let ada = key();
    let mut seen = [false; 2];
    for filler in 0..3 {
        let filler = Subpacket::new(100, &vec![0; filler]);
        let message = message(&ada.signs(SIGNED).with_unhashed(filler));
        let without: String = message
            .lines()
            .filter(|line| !line.starts_with('='))
            .flat_map(|line| [line, "\n"])
            .collect();
        let is_filled = without.contains("=\n-----END");
        seen[usize::from(is_filled)] = true;
        let row = row(without)
            .knowing(certificate(&ada))
            .good()
            .gpg(&[Said::Good]);
        match is_filled {
            true => row.check(),
            false => row
                .unlike_gpg("GnuPG takes the last line for base64 where no `=` ended it")
                .check(),
        }
    }
    assert_eq!(seen, [true, true]);
}

#[test]
fn a_wrong_checksum_is_no_matter() {
    let ada = key();
    let message = message(&ada.signs(SIGNED));
    let wrong: String = message
        .lines()
        .map(|line| if line.starts_with('=') { "=AAAA" } else { line })
        .flat_map(|line| [line, "\n"])
        .collect();
    row(wrong)
        .knowing(certificate(&ada))
        .good()
        .gpg(&[])
        .unlike_gpg("a block must not be refused for its checksum (RFC 9580, section 6.1)")
        .check();
}

#[test]
fn a_signature_block_on_one_long_line_is_good() {
    let ada = key();
    let message = message(&ada.signs(SIGNED));
    let (before, block) = message.split_once("SIGNATURE-----\n\n").unwrap();
    let (base64, after) = block.split_once("\n=").unwrap();
    let joined = base64.replace('\n', "");
    row(format!("{before}SIGNATURE-----\n\n{joined}\n={after}"))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_blank_at_the_end_of_a_line_of_the_frame_is_refused() {
    for line in [
        "-----BEGIN PGP SIGNED MESSAGE-----",
        "-----BEGIN PGP SIGNATURE-----",
        "-----END PGP SIGNATURE-----",
    ] {
        with(line, &format!("{line} "))
            .refused(MALFORMED)
            .gpg(&[Said::Good])
            .unlike_gpg(STRICT)
            .check();
    }
}

#[test]
fn a_blank_at_the_end_of_a_hash_header_is_no_matter() {
    with_headers(&["Hash: SHA256 "])
        .good()
        .gpg(&[Said::Good])
        .check();
}
