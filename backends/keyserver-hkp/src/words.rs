//! Sentences out of what servers say: error messages, and answers to a publication.
//!
//! They come as JSON, as plain text or as HTML, and what they become here is one short
//! plain line. It may still hold terminal escapes: [`Shown`](sifseal_core::Shown) is
//! for those.

use crate::answer::Answer;

/// As much of a server's words as is repeated to a person.
const LONGEST: usize = 300;

/// Elements whose content is no text for people.
const SILENT: [&str; 3] = ["head", "script", "style"];

/// A server's own reason for a refusal: the message of a JSON error object, or a short
/// plain text. An HTML page is never repeated.
pub(crate) fn reason(answer: &Answer) -> Option<String> {
    let line = match answer.media_type().as_str() {
        "application/json" | "application/problem+json" => json_message(&answer.body)?,
        "text/plain" => one_line(&String::from_utf8_lossy(&answer.body)),
        _ => return None,
    };
    // A plain `Not Found` behind `404 Not Found` says nothing new.
    let known = answer.status.canonical_reason().unwrap_or_default();
    (!line.is_empty() && !line.eq_ignore_ascii_case(known)).then_some(line)
}

/// `{"error":{"code":404,"message":"…"}}`, as the servers of Sylabs and of Apptainer's
/// endpoints write it.
fn json_message(body: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let message = value.get("error")?.get("message")?.as_str()?;
    Some(one_line(message))
}

/// The text of an answer as one line, whatever its form.
pub(crate) fn line(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    if is_html(answer) {
        one_line(&without_tags(&text))
    } else {
        one_line(&text)
    }
}

/// True for a web page, by what it says of itself or by how it begins.
pub(crate) fn is_html(answer: &Answer) -> bool {
    answer.media_type().contains("html") || answer.body.trim_ascii_start().starts_with(b"<")
}

/// The text with white space folded, cut at [`LONGEST`] characters.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The text between the tags. This is no parser of HTML: it is for pages of a few
/// lines, and whatever else comes becomes some text or none.
fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    let mut silent: Option<&str> = None;
    while let Some((before, tag)) = rest.split_once('<') {
        if silent.is_none() {
            text.push_str(&decoded(before));
            text.push(' ');
        }
        let end = if tag.starts_with("!--") { "-->" } else { ">" };
        let Some((tag, after)) = tag.split_once(end) else {
            return text;
        };
        let name = tag.split(|c: char| c.is_whitespace() || c == '>').next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        match silent {
            Some(element) if name.strip_prefix('/') == Some(element) => silent = None,
            None => silent = SILENT.into_iter().find(|element| *element == name),
            Some(_) => {}
        }
        rest = after;
    }
    if silent.is_none() {
        text.push_str(&decoded(rest));
    }
    text
}

fn decoded(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(media_type: &str, body: &str) -> Answer {
        Answer::of(400, media_type, body.as_bytes())
    }

    #[test]
    fn the_pages_of_real_servers_become_one_line() {
        for (page, text) in [
            (
                "<html><body>Key block added to key server database.\n  New public keys added: <br>1 key(s) added successfully.<br></body></html>\r\n",
                "Key block added to key server database. New public keys added: 1 key(s) added successfully.",
            ),
            (
                "<!DOCTYPE HTML>\n<HTML>\n<HEAD>\n<TITLE>onak : Add</TITLE>\n</HEAD>\n<BODY>\nNo OpenPGP packets found in input.\n</BODY>\n</HTML>\n",
                "No OpenPGP packets found in input.",
            ),
            (
                "<style>.uid { color: green; }</style><!-- a > b --><p>Ada &lt;a@b.example&gt; &amp;amp; Co</p>",
                "Ada <a@b.example> &amp; Co",
            ),
            ("<p>cut <a href='", "cut"),
            ("<script>never closed", ""),
        ] {
            assert_eq!(line(&answer("text/html; charset=UTF-8", page)), text);
        }
    }

    #[test]
    fn an_endless_text_is_cut_between_characters() {
        let text = line(&answer("text/plain", &"ü".repeat(5000)));
        assert_eq!(text.chars().count(), LONGEST + 1);
        assert!(text.ends_with('…'));
    }

    #[test]
    fn reasons_come_from_json_and_plain_text_and_never_from_pages() {
        let json = r#"{"error":{"code":400,"message":"invalid\nsearch"}}"#;
        let spoken = |media_type, body| reason(&answer(media_type, body));
        assert_eq!(spoken("application/json", json).unwrap(), "invalid search");
        assert_eq!(spoken("text/plain", "too short\n").unwrap(), "too short");
        for (media_type, body) in [
            ("application/json", "{\"error\":"),
            ("application/json", "[[[["),
            ("text/plain", "Bad Request\n"),
            ("text/plain", ""),
            ("text/html", "<p>no</p>"),
            ("", "no"),
        ] {
            assert_eq!(spoken(media_type, body), None, "{body}");
        }
    }
}
