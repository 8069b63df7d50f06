//! Text from strangers, made safe to print.
//!
//! User IDs, object names, keyserver answers and plugin messages may hold
//! terminal escapes, line breaks or bidirectional overrides, with which a
//! stranger could repaint what a person reads (W-13). [`Shown`] is the only way
//! such text reaches a terminal.

use std::fmt::{self, Write as _};

/// A string whose control and direction-changing characters print as escapes.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(&'a str);

impl<'a> Shown<'a> {
    /// Wraps text from outside.
    pub fn new(text: &'a str) -> Self {
        Self(text)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if c.is_control() || changes_direction(c) {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// Unicode's explicit direction controls, line separators and invisible marks
/// (UAX #9, section 2), which reorder or hide what follows on the screen.
fn changes_direction(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_escape_in_a_user_id_is_printed_not_obeyed_w13() {
        let hostile = "Mallory \u{1b}[2K\u{1b}[1A<m@example.com>\u{202e}";
        let shown = Shown::new(hostile).to_string();
        assert_eq!(
            shown,
            "Mallory \\u{1b}[2K\\u{1b}[1A<m@example.com>\\u{202e}"
        );
    }

    #[test]
    fn ordinary_names_of_the_world_are_left_alone() {
        for name in ["Jürgen Groß", "山田太郎 <t@example.jp>", "O'Brien (work)"] {
            assert_eq!(Shown::new(name).to_string(), name);
        }
    }
}
