//! S-expressions in the canonical form (RFC 9804, section 6.1), in which gpg-agent gives
//! the numbers of a signature: a list is in parentheses, bytes have their count and a
//! colon before them.
//!
//! ```text
//! (7:sig-val(5:eddsa(1:r32:…)(1:s32:…)))
//! ```

/// The deepest nesting that is read. A signature has three levels.
const MAX_DEPTH: usize = 8;

/// An expression.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sexp<'a> {
    /// Bytes.
    Bytes(&'a [u8]),
    /// A list.
    List(Vec<Sexp<'a>>),
}

impl<'a> Sexp<'a> {
    /// Reads one expression that is all of the input; `None` if it is not.
    pub(crate) fn read(input: &'a [u8]) -> Option<Self> {
        let (sexp, rest) = expression(input, MAX_DEPTH)?;
        rest.is_empty().then_some(sexp)
    }

    /// What follows a name in a list that begins with it; `None` for everything else.
    pub(crate) fn named(&self, name: &str) -> Option<&[Self]> {
        let Self::List(items) = self else {
            return None;
        };
        match items.split_first()? {
            (Self::Bytes(first), rest) if *first == name.as_bytes() => Some(rest),
            _ => None,
        }
    }

    /// The bytes of the list `(name bytes)` among these, if there is exactly one.
    pub(crate) fn value<'s>(items: &'s [Self], name: &str) -> Option<&'s [u8]> {
        let mut named = items.iter().filter_map(|item| item.named(name));
        match (named.next()?, named.next()) {
            ([Self::Bytes(bytes)], None) => Some(bytes),
            _ => None,
        }
    }
}

/// The expression at the beginning, and what follows it.
fn expression(input: &[u8], depth: usize) -> Option<(Sexp<'_>, &[u8])> {
    let Some(mut rest) = input.strip_prefix(b"(") else {
        return bytes(input);
    };
    let depth = depth.checked_sub(1)?;
    let mut items = Vec::new();
    loop {
        if let Some(rest) = rest.strip_prefix(b")") {
            return Some((Sexp::List(items), rest));
        }
        let (item, after) = expression(rest, depth)?;
        items.push(item);
        rest = after;
    }
}

fn bytes(input: &[u8]) -> Option<(Sexp<'_>, &[u8])> {
    let colon = input.iter().take(8).position(|byte| *byte == b':')?;
    let digits = std::str::from_utf8(&input[..colon]).ok()?;
    if digits.starts_with('+') || (digits.starts_with('0') && digits != "0") {
        return None;
    }
    let count: usize = digits.parse().ok()?;
    let (bytes, rest) = input[colon + 1..].split_at_checked(count)?;
    Some((Sexp::Bytes(bytes), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: Vec<Sexp<'_>>) -> Sexp<'_> {
        Sexp::List(items)
    }

    #[test]
    fn an_expression_is_read_as_it_is_nested() {
        use Sexp::Bytes;
        for (input, expected) in [
            (&b"0:"[..], Bytes(b"")),
            (b"3:a:)", Bytes(b"a:)")),
            (b"()", list(vec![])),
            (b"(1:a(2:bc)())", {
                list(vec![Bytes(b"a"), list(vec![Bytes(b"bc")]), list(vec![])])
            }),
        ] {
            assert_eq!(Sexp::read(input), Some(expected), "{input:?}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for input in [
            &b""[..],
            b"(",
            b")",
            b"(1:a",
            b"(1:a))",
            b"1:ab",
            b"2:a",
            b":a",
            b"01:a",
            b"+1:a",
            b"-1:a",
            b"1 :a",
            b"abc",
            b"#00#",
            b"1:a\0",
            b"99999999999999999999:a",
            b"18446744073709551615:a",
            b"((((((((()))))))))",
            b"[1:a]1:b",
        ] {
            assert_eq!(Sexp::read(input), None, "{input:?}");
        }
        let deep = b"(".repeat(1_000_000);
        assert_eq!(Sexp::read(&deep), None);
    }

    #[test]
    fn no_damage_to_an_expression_does_harm() {
        let whole = b"(7:sig-val(5:ecdsa(1:r3:abc)(1:s3:def)))";
        for end in 0..whole.len() {
            assert_eq!(Sexp::read(&whole[..end]), None);
        }
        for at in 0..whole.len() {
            for byte in 0..=255 {
                let mut damaged = whole.to_vec();
                damaged[at] = byte;
                // It may be another expression; it must not panic.
                let _ = Sexp::read(&damaged);
            }
        }
    }

    #[test]
    fn a_value_is_found_by_its_name_if_it_is_the_only_one() {
        let sexp = Sexp::read(b"(1:x(1:r1:a)(1:s1:b)(1:t)(1:s1:c)(1:u1:d1:e))").unwrap();
        let items = sexp.named("x").unwrap();
        assert_eq!(Sexp::value(items, "r"), Some(&b"a"[..]));
        for name in ["s", "t", "u", "v"] {
            assert_eq!(Sexp::value(items, name), None, "{name}");
        }
        assert_eq!(sexp.named("y"), None);
        assert_eq!(Sexp::Bytes(b"x").named("x"), None);
    }
}
