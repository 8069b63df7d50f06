//! What a server gives for a certificate: armor, bare or inside a web page, or a
//! polite sentence.

use crate::answer::Answer;
use crate::words;
use sifseal_core::openpgp::framing::armor;
use sifseal_core::{Error, ErrorKind, Result};

const LABEL: &[u8] = b"PUBLIC KEY BLOCK";

/// How servers say with status 200 that there is nothing: onak's words, and those that
/// SKS would use if it did not use status 404.
const NOTHING_FOUND: [&str; 2] = ["key not found", "no results found"];

/// The armored blocks in an answer, without what stands around them; binary
/// certificates as they are; `None` if the server has none.
///
/// # Errors
/// `Malformed` for a broken block, and for an answer with nothing of OpenPGP in it.
pub(crate) fn read(answer: &Answer) -> Result<Option<Vec<u8>>> {
    let text = blocks_on_lines_of_their_own(answer);
    let mut armored = Vec::new();
    for block in armor::blocks(&text) {
        if block.label == LABEL {
            block
                .content
                .map_err(|what| Error::new(ErrorKind::Malformed, what))?;
            armored.extend_from_slice(block.raw);
        }
    }
    if !armored.is_empty() {
        return Ok(Some(armored));
    }
    if is_binary(answer) {
        return Ok(Some(answer.body.clone()));
    }
    if is_nothing(answer) {
        return Ok(None);
    }
    Err(not_from_a_keyserver(answer))
}

/// True for the ways to say with a success that nothing was found: no answer at all, or
/// one of the known sentences. A page without text is neither. Networks that want a
/// login first may show one that is all script, and taken for an answer it would hide
/// every key and every revocation.
pub(crate) fn is_nothing(answer: &Answer) -> bool {
    let text = words::line(answer).to_ascii_lowercase();
    answer.body.trim_ascii().is_empty() || NOTHING_FOUND.iter().any(|words| text.contains(words))
}

/// A success with the wrong content: a web page where a network wants a login first,
/// say, or a web server that has a page for everything.
pub(crate) fn not_from_a_keyserver(answer: &Answer) -> Error {
    let what = if words::is_html(answer) {
        "the answer is a web page and not a keyserver's".to_owned()
    } else {
        format!("the answer is not a keyserver's: `{}`", words::line(answer))
    };
    Error::new(ErrorKind::Malformed, what)
        .hint("check the address; some networks show such a page until one has logged in")
}

/// The text, with breaks where a page has a tag on the same line as the dashes.
fn blocks_on_lines_of_their_own(answer: &Answer) -> Vec<u8> {
    if !words::is_html(answer) {
        return answer.body.clone();
    }
    String::from_utf8_lossy(&answer.body)
        .replace(">-----BEGIN PGP ", ">\n-----BEGIN PGP ")
        .replace("KEY BLOCK-----<", "KEY BLOCK-----\n<")
        .into_bytes()
}

/// A packet begins with a set bit (RFC 9580, section 4.2), which no ASCII text does.
fn is_binary(answer: &Answer) -> bool {
    let is_text = answer.media_type().starts_with("text/");
    !is_text && answer.body.first().is_some_and(|byte| byte & 0x80 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str =
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxjMEZQ==\n-----END PGP PUBLIC KEY BLOCK-----\n";

    fn page(body: &str) -> Answer {
        Answer::of(200, "text/html", body.as_bytes())
    }

    fn text(body: &str) -> Answer {
        Answer::of(200, "text/plain", body.as_bytes())
    }

    #[test]
    fn only_the_blocks_are_left_of_a_page() {
        for around in [
            format!("<html>\r\n<pre>\n{BLOCK}</pre></html>"),
            format!("<pre>{}</pre>", BLOCK.trim_end()),
        ] {
            let found = read(&page(&around)).unwrap().unwrap();
            assert_eq!(found.trim_ascii_end(), BLOCK.trim_end().as_bytes());
        }
        let two = read(&text(&format!("<pre>\n{BLOCK}{BLOCK}"))).unwrap();
        assert_eq!(two.unwrap(), format!("{BLOCK}{BLOCK}").as_bytes());
    }

    #[test]
    fn secret_keys_and_messages_are_no_certificates() {
        let secret = BLOCK.replace("PUBLIC", "PRIVATE");
        let both = read(&text(&format!("{secret}{BLOCK}"))).unwrap().unwrap();
        assert_eq!(both, BLOCK.as_bytes());
        assert!(read(&text(&secret)).is_err());
    }

    #[test]
    fn a_binary_answer_is_handed_on_as_it_is() {
        let answer = Answer::of(200, "application/pgp-keys", &[0xc6, 0x33, 0x04]);
        assert_eq!(read(&answer).unwrap().unwrap(), [0xc6, 0x33, 0x04]);
        let answer = Answer::of(200, "text/html", "\u{feff}<html>".as_bytes());
        assert_eq!(read(&answer).unwrap_err().kind(), ErrorKind::Malformed);
    }

    #[test]
    fn onak_s_success_without_a_key_means_that_there_is_none() {
        for body in ["Key not found\n", "", "\r\n"] {
            assert_eq!(read(&text(body)).unwrap(), None, "{body:?}");
        }
        assert_eq!(read(&page("<h1>Error</h1>Key not found")).unwrap(), None);
    }

    #[test]
    fn a_web_page_without_a_key_is_an_error_that_says_so() {
        let error = read(&page("<html><title>Welcome</title>Please log in</html>")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert!(error.what().contains("web page"));
        assert!(!error.what().contains("log in"), "pages are not repeated");
        assert!(error.hint_text().unwrap().contains("network"));
    }

    #[test]
    fn a_page_that_is_all_script_is_not_an_empty_answer() {
        for body in [
            "<html><head><script>location = '/login'</script></head></html>",
            "<html><body></body></html>",
            "<!-- -->",
        ] {
            for answer in [page(body), text(body)] {
                assert!(!is_nothing(&answer), "{body}");
                assert_eq!(read(&answer).unwrap_err().kind(), ErrorKind::Malformed);
            }
        }
        assert!(is_nothing(&page("\r\n")));
    }

    #[test]
    fn a_block_that_was_cut_is_an_error() {
        let cut = &BLOCK[..BLOCK.len() - 10];
        let error = read(&text(&format!("{BLOCK}{cut}"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
    }
}
